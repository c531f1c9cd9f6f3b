import LogicalTime
import ScaleModel
import Testing

@Suite("Fields")
struct FieldTests {
  private enum Phase: String, FieldWord { case idle, waiting, inside }

  private struct State {
    var count: Int64 = 5
    var isHeld = false
    var phase = Phase.idle
    var leader: MachineID?
    var note = ""
  }

  private static let fields: [Field<State>] = [
    Field("count", \.count), Field("is_held", \.isHeld), Field("phase", \.phase),
    Field("leader", \.leader), Field("note", \.note),
  ]

  @Test("A property's type decides the field's kind")
  func kinds() {
    #expect(
      Self.fields.map(\.declaration.kind) == [
        .integer, .boolean, .word(["idle", "waiting", "inside"]), .machine, .text,
      ])
  }

  @Test("What is set is read, and a value of another kind changes nothing")
  func values() {
    var state = State()
    #expect(
      Self.fields.map { $0.value(in: state) } == [
        .integer(5), .boolean(false), .text("idle"), .nothing, .text(""),
      ])
    let values: [FieldValue] = [
      .integer(.min), .boolean(true), .text("inside"), .integer(7), .text("a,\"b\"\n"),
    ]
    for (index, field) in Self.fields.enumerated() {
      for (other, value) in values.enumerated() where other != index {
        // A machine's id is a number too.
        if (index, other) == (3, 0) || (index, other) == (0, 3) || (index, other) == (4, 2) {
          continue
        }
        #expect(!field.set(value, in: &state), "\(field.declaration.name) \(value)")
      }
      #expect(field.set(values[index], in: &state))
      #expect(field.value(in: state) == values[index])
    }
    #expect(Self.fields[3].set(.nothing, in: &state))
    #expect(state.leader == nil)
  }

  @Test(
    "A kind admits its own values, and nothing",
    arguments: [
      (.integer, .integer(.max), true), (.integer, .text("1"), false),
      (.machine, .integer(-1), false), (.machine, .integer(1 << 32), false),
      (.machine, .integer(0), true), (.word(["a"]), .text("b"), false),
      (.word(["a"]), .text("a"), true), (.boolean, .integer(1), false),
      (.text, .text(String(repeating: "x", count: 1024)), true),
      (.text, .text(String(repeating: "x", count: 1025)), false),
    ] as [(FieldKind, FieldValue, Bool)])
  func admits(kind: FieldKind, value: FieldValue, isAdmitted: Bool) {
    #expect(kind.admits(value) == isAdmitted)
    #expect(kind.admits(.nothing))
  }
}

extension FieldTests {
  @Test(
    "A field shows a long text cut between characters, and nothing for a value of another kind",
    arguments: [
      (
        .text, .text(String(repeating: "a", count: 1030)),
        .text(String(repeating: "a", count: 1024))
      ),
      (
        .text, .text("a" + String(repeating: "ü", count: 600)),
        .text("a" + String(repeating: "ü", count: 511))
      ),
      (.text, .text("short"), .text("short")), (.text, .integer(1), .nothing),
      (.integer, .text("1"), .nothing), (.integer, .integer(-5), .integer(-5)),
      (.word(["a"]), .text("a word that is longer"), .nothing), (.machine, .integer(-1), .nothing),
      (.boolean, .nothing, .nothing),
    ] as [(FieldKind, FieldValue, FieldValue)])
  func fitted(kind: FieldKind, value: FieldValue, shown: FieldValue) {
    let field = Field<FieldValue>(
      FieldDeclaration("field", kind), get: { $0 },
      set: { held, new in
        held = new
        return true
      })
    #expect(field.value(in: value) == shown)
    #expect(kind.admits(shown))
  }
}

/// A workload that answers each message twice, and owes two instructions at the start.
private struct Answering: Workload {
  var seen: [Surroundings.Line] = []

  var messageFields: [Field<Int64>] { [Field("number", \.self)] }
  var stateFields: [Field<Answering>] { [] }
  var blankPayload: Int64 { 0 }

  mutating func begin(_ surroundings: Surroundings) -> [Instruction<Int64>] {
    [.sendToAll(1), .internal]
  }

  mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<Int64> {
    seen.append(surroundings.line)
    return .internal
  }

  mutating func receive(
    _ message: Message<Int64>, _ surroundings: Surroundings
  ) -> [Instruction<Int64>] {
    seen.append(surroundings.line)
    return [.reply(message.payload * 10, to: message.source), .reply(7, to: 9)]
  }
}

extension Surroundings {
  /// What a workload is told of an event.
  fileprivate struct Line: Hashable {
    let machine: MachineID
    let tick: UInt64
    let reading: UInt64
  }

  fileprivate var line: Line { Line(machine: machine, tick: tick, reading: reading) }
}

@Suite("Reactions")
struct ReactionTests {
  private static let topology = Topology(completeWith: 3)
  private let first = Neighbour(index: 0)

  private func machine() -> Machine<Answering> {
    Machine(
      id: 1, neighbours: Self.topology.neighbourhood(of: 1), workload: Answering(), seed: 0,
      channels: TopologyChannels(Self.topology))
  }

  private func sink() -> RecordingSink<Answering> {
    var sink = RecordingSink<Answering>()
    (sink.topology, sink.machine) = (Self.topology, 1)
    return sink
  }

  private func kinds(_ sink: RecordingSink<Answering>) -> [String] {
    sink.effects.compactMap { effect in
      guard case .log(let line) = effect else { return nil }
      return "\(line.event.tick) \(line.event.kind.word) \(line.amount) \(line.event.queueLength)"
    }
  }

  @Test("What the start owes comes first, one instruction a tick, then the inbox, then its replies")
  func order() {
    var machine = machine()
    var sink = sink()
    machine.arrive(Message(source: 0, reading: 40, payload: 3))
    machine.arrive(Message(source: 2, reading: 2, payload: 4))
    #expect(machine.owed.count == 2)
    for _ in 0..<8 { machine.tick(into: &sink) }
    #expect(
      kinds(sink) == [
        "1 send 1 2", "2 internal  2", "3 receive 3 1", "4 send 30 1", "5 internal  1",
        "6 receive 4 0", "7 send 40 0", "8 internal  0",
      ])
    #expect(machine.owed.isEmpty)
    // Machine 9 is no neighbour, so its reply is an internal event.
    let seen = machine.workload.seen.map {
      [Int($0.machine.number), Int($0.tick), Int($0.reading)]
    }
    #expect(seen == [[1, 3, 41], [1, 6, 44]])
  }

  @Test("A snapshot holds what is owed, and an instruction by hand waits behind it")
  func snapshot() throws {
    var machine = machine()
    var sink = sink()
    machine.tick(into: &sink)
    machine.beginSnapshot(into: &sink)
    let parts = sink.effects.compactMap { effect in
      if case .recorded(let part) = effect { part } else { nil }
    }
    #expect(try #require(parts.first).state.owed == [.internal])
    #expect(machine.owesInstruction)
    machine.tick(into: &sink)
    #expect(!machine.owesInstruction)
  }

  @Test("Ten thousand owed instructions are carried out in order")
  func many() {
    struct Many: Workload {
      var messageFields: [Field<Int64>] { [Field("number", \.self)] }
      var blankPayload: Int64 { 0 }
      mutating func begin(_ surroundings: Surroundings) -> [Instruction<Int64>] {
        (0..<10_000).map { .sendToAll($0) }
      }
      mutating func chooseInstruction(
        _ surroundings: Surroundings, chance: inout Chance
      ) -> Instruction<Int64> { .internal }
      mutating func receive(
        _ message: Message<Int64>, _ surroundings: Surroundings
      ) -> [Instruction<Int64>] { [] }
    }
    var machine = Machine(
      id: 1, neighbours: Self.topology.neighbourhood(of: 1), workload: Many(), seed: 0,
      channels: TopologyChannels(Self.topology))
    var sink = RecordingSink<Many>()
    for _ in 0..<10_001 { machine.tick(into: &sink) }
    let sent = sink.effects.compactMap { effect in
      if case .sendToAll(let message) = effect { message.payload } else { nil }
    }
    #expect(sent == Array(0..<10_000))
  }
}
