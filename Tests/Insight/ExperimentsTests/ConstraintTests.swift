import Testing

@testable import Experiments

/// The constraint language that selects which combinations are run.
@Suite("Constraints")
struct ConstraintTests {
  @Test(
    "What is left",
    arguments: [
      ("die >= 7", ["10 0", "10 50ms", "7 0", "7 50ms"]),
      ("die > 7 && delay == 50ms", ["10 50ms"]),
      ("die == 4 || delay != 0", ["10 50ms", "7 50ms", "4 0", "4 50ms"]),
      ("!(die == 4 || delay == 0)", ["10 50ms", "7 50ms"]),
      ("die<10&&die>4", ["7 0", "7 50ms"]),
      ("delay <= 49ms", ["10 0", "7 0", "4 0"]),
      ("delay >= 0.05s && die != 4", ["10 50ms", "7 50ms"]),
      ("7 <= die && 'x' != die && die != \"10\"", ["7 0", "7 50ms"]),
      ("die == 4 || die == 7 && delay == 0", ["7 0", "4 0", "4 50ms"]),
      ("!die == 4", ["10 0", "10 50ms", "7 0", "7 50ms"]),
      ("die == 7.0 && delay == 0", ["7 0"]),
    ])
  func left(constraint: String, combinations: [String]) throws {
    let runs = try Self.sample(constraint).experiment().runs
    #expect(runs.map { $0.parameters.map(\.text).joined(separator: " ") } == combinations)
    #expect(runs.map(\.number) == Array(1...combinations.count))
  }

  @Test("A word is a value when an axis has it; others need quotes")
  func words() throws {
    let sample = Sample(
      axes: #""runtime": ["threads", "virtual"], "rates": [[1, 3, 6], "5,5,5"]"#,
      rest: #", "constraint": "runtime == virtual && rates != 1,3,6""#)
    let runs = try sample.experiment().runs
    #expect(runs.map(\.directoryName) == ["0001-runtime=virtual-rates=5-5-5-r1"])
  }

  @Test(
    "What is wrong, and where",
    arguments: [
      ("", "it ends where an axis or a value was expected (character 1 of '')"),
      ("die", "it ends where ==, !=, <, <=, > or >= was expected (character 4 of 'die')"),
      ("die >=", "it ends where an axis or a value was expected (character 7 of 'die >=')"),
      ("die = 4", "expected ==, !=, <, <=, > or >=, found '=' (character 5 of 'die = 4')"),
      ("die == 4 &", "expected &&, || or the end, found '&' (character 10 of 'die == 4 &')"),
      ("(die == 4", "it ends where ')' was expected (character 10 of '(die == 4')"),
      ("die == 4)", "expected &&, || or the end, found ')' (character 9 of 'die == 4)')"),
      (
        "dei == 4",
        "'dei' is neither an axis nor a value of one; did you mean 'die'? (character 1 of 'dei == 4')"
      ),
      (
        "die == many",
        "'many' is neither an axis nor a value of one; the axes are 'die', 'delay' (character 8 of 'die == many')"
      ),
      ("die == 'x", "the closing ' is missing (character 10 of 'die == 'x')"),
      (
        "4 == 5",
        "a comparison needs an axis on one side at least: 'die', 'delay' (character 7 of '4 == 5')"
      ),
      (
        "die < 50ms",
        "'10' and '50ms' are not both numbers or both times, so neither is less; compare them with == or !="
      ),
      ("die > 4 && die < 4", "it leaves none of the 6 combinations"),
    ])
  func wrong(constraint: String, complaint: String) {
    #expect(
      Self.sample(constraint).complaint == "'sample.json', line 7, key 'constraint': \(complaint)")
  }

  @Test("Nesting has a limit, and a constraint needs axes and a text")
  func limits() {
    let deep = String(repeating: "(", count: 5000) + "die == 4"
    #expect(Self.sample(deep).complaint?.contains("nested deeper than 32 levels") == true)
    #expect(
      Sample(axes: "", rest: #", "constraint": "die > 1""#).complaint
        == "'sample.json', line 7, key 'constraint': there are no axes to constrain; leave it "
        + "out")
    #expect(
      Sample(rest: #", "constraint": 1"#).complaint
        == "'sample.json', line 7, key 'constraint': expected a text such as \"die >= 4 && machines "
        + "!= 2\", found the number 1")
  }

  private static func sample(_ constraint: String) -> Sample {
    let quoted = constraint.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\\\"")
    return Sample(
      axes: #""die": [10, 7, 4], "delay": [0, "50ms"]"#, rest: ", \"constraint\": \"\(quoted)\"")
  }
}
