import Predicates
import ScaleModel
import Testing

/// The language of conditions on global states.
@Suite("Expressions")
struct ExpressionTests {
  private static let vocabulary = Expression.Vocabulary(
    machineCount: 3,
    stateFields: [
      FieldDeclaration("phase", .word(["idle", "waiting", "inside"])),
      FieldDeclaration("balance", .integer), FieldDeclaration("active", .boolean),
      FieldDeclaration("leader", .machine), FieldDeclaration("note", .text),
    ],
    messageFields: [
      FieldDeclaration("kind", .word(["request", "reply"])), FieldDeclaration("amount", .integer),
    ])

  private static let state = ToldState(
    states: [
      MachineState(
        values: [.text("idle"), .integer(1000), .boolean(true), .integer(2), .text("a b")],
        queue: 1, clock: 12),
      MachineState(
        values: [.text("waiting"), .integer(-5), .boolean(false), .nothing, .text("wait")],
        queue: 0, clock: 4),
      MachineState(
        values: [.text("waiting"), .integer(2000), .boolean(true), .integer(0), .nothing],
        queue: 7, clock: 30),
    ],
    underway: [[.text("request"), .integer(300)], [.text("reply"), .nothing]])

  @Test(
    "What holds",
    arguments: [
      ("true", true), ("false || !false", true), ("!(true && false)", true),
      ("phase(1) == waiting", true), ("waiting != phase(0)", true), ("phase(0) == 'inside'", false),
      ("active(0)", true), ("active(1) || active(0) && active(2)", true),
      ("!active(1) && active(0) == active(2)", true), ("balance(1) == -5", true),
      ("- balance(1) == 5", true), ("-(balance(1) - 5) == 10", true), ("2 - 3 - 4 == -5", true),
      ("2 + 3 * 4 == 14 && (2 + 3) * 4 == 20", true), ("queue(0) < queue(2)", true),
      ("queue(2) >= 7 && queue(2) <= 7 && !(queue(2) > 7)", true), ("clock(2) > clock(0)", true),
      ("sum(balance) == 2995", true), ("sum(balance) + on_the_way(amount) == 3295", true),
      ("sum(queue + 1) == 11", true), ("count(phase == waiting) == 2", true),
      ("count(phase == waiting && machine > 1) == 1", true), ("min(balance) == -5", true),
      ("max(clock) - min(clock) == 26", true), ("all(clock > 3)", true), ("all(active)", false),
      ("any(queue > 6 && phase == waiting)", true), ("any(balance > balance(2))", false),
      ("messages_on_the_way == 2 && machines == 3", true), ("sum(machine) == 3", true),
      ("leader(0) == 2 && leader(1) == nothing", true), ("leader(2) != nothing", true),
      ("leader(1) < 5 || leader(1) >= 0", false), ("leader(1) + 1 == nothing", true),
      ("max(leader) == 2 && sum(leader) == 2", true), ("note(0) == 'a b'", true),
      ("note(1) == wait && note(2) == nothing", true), ("note(1) == note(0)", false),
      ("phase(1) == phase(2)", true), ("9223372036854775807 == 9223372036854775807", true),
      ("-9223372036854775808 < 0", true), ("((((active(0)))))", true),
      ("9223372036854775807 + 1 - 1 > 0", true), ("count(true) == machines", true),
    ])
  func holds(text: String, isTrue: Bool) throws {
    let expression = try Expression(text, in: Self.vocabulary)
    var readCount = 0
    #expect(try expression.holds(in: Self.state, readCount: &readCount) == isTrue)
  }

  @Test(
    "What is wrong, and where",
    arguments: [
      ("", "it ends where a field, a number or a word was expected", 0),
      ("active(0) &", "expected an operator or the end, found '&'", 10),
      ("(active(0)", "it ends where ')' was expected", 10),
      ("active(0))", "expected an operator or the end, found ')'", 9),
      ("1 < 2 < 3", "expected an operator or the end, found '<'", 6),
      ("phase(1) == 'x", "the closing ' is missing", 14),
      ("qeue(0) > 1", "'qeue' is no field or function; did you mean 'queue'?", 0),
      ("1 > balanse(0)", "'balanse' is no field or function; did you mean 'balance'?", 4),
      ("phase(1) == wating", "'wating' is no word of this field; did you mean 'waiting'?", 12),
      (
        "count(phase == '7') > 0",
        "'7' is no word of this field; the words are 'idle', 'waiting', 'inside'", 15
      ),
      ("machnies > 2", "'machnies' is no field, number or condition; did you mean 'machines'?", 0),
      (
        "active && true",
        "'active' is of one machine; write active(0), or a figure over all machines such as max(…), count(…) or any(…)",
        0
      ),
      (
        "machine == 1",
        "'machine' is possible only inside a figure over all machines, such as count(…)",
        0
      ),
      ("balance(3) > 0", "there is no machine 3: the machines are 0 to 2", 8),
      ("balance(-1) > 0", "there is no machine -1: the machines are 0 to 2", 8),
      ("balance(x) > 0", "expected the number of a machine, found 'x'", 8),
      ("balance(1 + 1) > 0", "expected the number of a machine", 8),
      (
        "queue(queue(0)) > 0",
        "'queue(' cannot stand here: expected the number of a machine", 6
      ),
      ("on_the_way(amuont) > 0", "'amuont' is no field of messages; did you mean 'amount'?", 11),
      ("on_the_way(kind) > 0", "'kind' is no number, so that it has no sum", 11),
      ("on_the_way(amount + amount) > 0", "on_the_way takes one field of messages", 11),
      ("on_the_way(3) > 0", "on_the_way takes one field of messages", 11),
      (
        "all(count(active) > 1)",
        "'count(' is over all machines; it cannot be inside another such figure", 4
      ),
      (
        "sum(active) > 1",
        "expected a number, found a condition; count(…) counts the machines where a condition holds",
        4
      ),
      ("count(queue) > 1", "expected a condition, found a number; compare it with something", 6),
      ("queue(0)", "expected a condition, found a number; compare it with something", 0),
      ("true || queue(0)", "expected a condition, found a number; compare it with something", 8),
      ("!phase(0)", "expected a condition, found a word; compare it with something", 1),
      ("phase(0) + 1 > 2", "expected a number, found a word", 0),
      (
        "2 * active(0) > 2",
        "expected a number, found a condition; count(…) counts the machines where a condition holds",
        4
      ),
      ("phase(0) < idle", "a word has no order; compare with == or !=", 0),
      ("note(0) >= note(1)", "a text has no order; compare with == or !=", 0),
      ("queue(0) > nothing", "nothing has no order; compare with == or !=", 11),
      ("phase(0) == 3", "a word and a number cannot be compared", 0),
      ("'a' == 'b'", "a comparison needs a field on one side at least", 0),
      ("12x > 3", "'12x' is no whole number", 0), ("1.5 > 1", "'1.5' is no whole number", 0),
      ("9223372036854775808 > 1", "'9223372036854775808' does not fit in 64 bits", 0),
    ] as [(String, String, Int)])
  func wrong(text: String, problem: String, offset: Int) throws {
    let error = try #require(throws: ExpressionError.self) {
      try Expression(text, in: Self.vocabulary)
    }
    #expect(error.problem == problem)
    #expect(error.offset == offset)
    #expect(error.description == "\(problem) (character \(offset + 1) of '\(text)')")
  }

  @Test("A caret shows the position, also in a long text")
  func caret() throws {
    func lines(_ text: String) throws -> [String] {
      let error = try #require(throws: ExpressionError.self) {
        try Expression(text, in: Self.vocabulary)
      }
      return error.caretLines.split(separator: "\n").map(String.init)
    }
    #expect(try lines("true &&\tqeue(0)") == ["true && qeue(0)", "        ^"])
    let long = try lines(String(repeating: "true && ", count: 1000) + "qeue(0) > 1")
    #expect(long[0].count <= 80 && long[0].dropFirst(long[1].count - 1).hasPrefix("qeue(0)"))
  }

  @Test(
    "Nesting has a limit",
    arguments: ["(", "!", "-", "sum(", "1 * (", "!(", "all(", "queue("])
  func nesting(opening: String) throws {
    let error = try #require(throws: ExpressionError.self) {
      try Expression(String(repeating: opening, count: 20_000) + "1", in: Self.vocabulary)
    }
    #expect(error.offset < 200)
  }

  @Test("A long chain needs no deep stack")
  func chain() throws {
    let text = Array(repeating: "queue(0) + 1 - 1 > 0", count: 20_000).joined(separator: " && ")
    let sum = Array(repeating: "1", count: 50_000).joined(separator: " + ") + " == 50000"
    var readCount = 0
    for text in [text, sum] {
      let expression = try Expression(text, in: Self.vocabulary)
      #expect(try expression.holds(in: Self.state, readCount: &readCount))
    }
    #expect(readCount == 20_000)
  }

  @Test(
    "A result beyond 64 bits is an error that names the operation",
    arguments: [
      ("balance(0) * 9223372036854775807 > 0", "*"),
      ("balance(0) + 9223372036854775807 > 0", "+ and -"),
      ("sum(balance * 4000000000000000) > 0", "sum"),
      ("- (-9223372036854775807 - 1) > 0", "+ and -"),
      ("on_the_way(amount) > 0", "on_the_way"),
    ])
  func overflow(text: String, operation: String) throws {
    var state = Self.state
    state.underway += [[.nothing, .integer(.max)]]
    var readCount = 0
    let expression = try Expression(text, in: Self.vocabulary)
    #expect(throws: EvaluationError.overflow(operation: operation)) {
      try expression.holds(in: state, readCount: &readCount)
    }
  }

  @Test("Every field read counts")
  func reads() throws {
    for (text, count) in [
      ("true", 0), ("queue(0) > 99", 1), ("sum(balance) > 0", 3), ("all(queue > 0)", 2),
      ("on_the_way(amount) == 0", 3), ("any(active && queue > 0)", 2),
    ] {
      var readCount = 0
      _ = try Expression(text, in: Self.vocabulary).holds(in: Self.state, readCount: &readCount)
      #expect(readCount == count, "\(text)")
    }
  }
}
