import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import Testing

@testable import Programs

@Suite("A program's answers, as values")
struct ProgramWorkloadTests {
  private let topology = Topology(completeWith: 3)
  private let fields = [
    FieldDeclaration("text", .text), FieldDeclaration("count", .integer),
    FieldDeclaration("peer", .machine), FieldDeclaration("kind", .word(["a", "b"])),
  ]

  private func answer(_ text: String) throws -> ProgramAnswer {
    try ProgramAnswer(Array(text.utf8), line: 4)
  }

  @Test("Instructions and states are read as the fields are declared")
  func answers() throws {
    let answer = try answer(
      """
      {"instructions":[{"send":{"text":"a,\\"b\\"\\n","count":-9223372036854775808},"to":2},
      {"internal":true},{"send":{"peer":1,"kind":"b"},"to":"all"}],
      "state":{"count":9223372036854775807,"own":{"x":[1]}}}
      """)
    let text = FieldPayload([.text("a,\"b\"\n"), .integer(.min), .nothing, .nothing])
    #expect(
      try answer.instructions(fields, of: 0, in: topology) == [
        .reply(text, to: 2), .internal,
        .sendToAll(FieldPayload([.nothing, .nothing, .integer(1), .text("b")])),
      ])
    #expect(
      try answer.state(fields) == [.nothing, .integer(.max), .nothing, .nothing])
    #expect(try self.answer("{}").state(fields) == nil)
  }

  @Test(
    "A value that its field cannot have is an error",
    arguments: [
      #"{"count":9223372036854775808}"#, #"{"count":1.0}"#, #"{"count":"1"}"#, #"{"peer":-1}"#,
      #"{"kind":"c"}"#, #"{"text":1}"#, #"{"text":[]}"#, #"{"other":1}"#, "[]", "1",
    ])
  func wrongValues(message: String) throws {
    let answer = try answer(#"{"instructions":[{"send":\#(message),"to":1}]}"#)
    #expect(throws: ProgramFailure.self) {
      try answer.instructions(fields, of: 0, in: topology)
    }
  }

  @Test("Questions are JSON on one line, whatever a text holds")
  func questions() throws {
    let message = Message(
      source: 2, reading: 14,
      payload: FieldPayload([.text("\u{1}\t\n\"\\é"), .integer(-1), .nothing, .text("a")]))
    let here = Surroundings(
      machine: 0, neighbours: topology.neighbourhood(of: 0), tick: 8, reading: 15)
    #expect(
      ProgramQuestion.receive(message, here, fields: fields) == #"{"do":"receive","tick":8,"#
        + #""reading":15,"from":2,"stamp":14,"message":{"text":"\u0001\u0009\n\"\\é","#
        + #""count":-1,"peer":null,"kind":"a"}}"#)
    #expect(
      ProgramQuestion.choose(here, roll: 3) == #"{"do":"choose","tick":8,"reading":15,"roll":3}"#)
    let options = try WorkloadOptionValues(
      ["program": "x", "want": ".5", "inside": "3"],
      of: ProgramWorkload.options + [
        WorkloadOption("want", "P", help: "", .probability, default: "0.1"),
        WorkloadOption("inside", "N", help: "", .integer(1...9), default: "1"),
      ])
    #expect(
      ProgramQuestion.begin(1, in: topology, options: options) == #"{"do":"begin","machine":1,"#
        + #""machines":3,"neighbours":[0,2],"options":{"want":0.5,"inside":3}}"#)
  }

  @Test("A machine may owe ten thousand instructions, and carries them out in order")
  func manyInstructions() throws {
    let items = (0..<10_000).map { #"{"send":{"count":\#($0)},"to":"all"}"# }
    let answer = try answer(#"{"instructions":[\#(items.joined(separator: ","))]}"#)
    let instructions = try answer.instructions(fields, of: 0, in: topology)
    #expect(instructions.count == 10_000)
    let last = FieldPayload([.nothing, .integer(9_999), .nothing, .nothing])
    #expect(instructions.last == .sendToAll(last))
  }

  /// Counts its questions, in a state with more than its field.
  private static let counter = #"""
    n=0; while read -r q; do case $q in
      *begin*) echo '{"states":{"seen":"integer"},"state":{"seen":0,"own":[1e400],"n":0}}' ;;
      *restore*) n=${q##*'"n": '}; n=${n%%\}*}; echo "{\"state\":{\"seen\":$n}}" ;;
      *nonsense*) echo '{"refuse":"no nonsense"}' ;;
      *words*) echo '{"instructions":[{"internal":true},{"internal":true}],"state":{"seen":9}}' ;;
      *) n=$((n + 1)); echo "{\"state\":{\"seen\":$n,\"own\":[1e400,\"a\"],\"n\":$n}}" ;;
    esac; done
    """#

  private func machine(
    isIndependent: Bool = false, restores: Bool = false
  ) throws -> Machine<ProgramWorkload> {
    let counter =
      restores
      ? Self.counter.replacing(#""n":0}}"#, with: #""n":0},"restores":true}"#) : Self.counter
    let script = counter.replacing("'", with: "'\\''")
    let options = try WorkloadOptionValues(
      ["program": "sh -c '\(script)'"], of: ProgramWorkload.options)
    let workload = try ProgramWorkload(options, topology: topology)
    return Machine(
      id: 0, neighbours: topology.neighbourhood(of: 0),
      workload: isIndependent ? workload.independent : workload, seed: 1,
      channels: TopologyChannels(topology))
  }

  @Test("A program goes back to a recorded state, with what it keeps beside its fields")
  func restores() throws {
    var (first, second) = (try machine(), try machine())
    var sink = NoSink()
    for _ in 1...3 { first.tick(into: &sink) }
    let state = first.state
    #expect(state.values == [.integer(3)])
    #expect(
      String(decoding: state.otherState, as: UTF8.self)
        == #"{"seen": 3, "own": [1e400, "a"], "n": 3}"#)
    let isRestored = second.restore(state)
    #expect(isRestored)
    second.tick(into: &sink)
    #expect(second.state.values == [.integer(4)] && second.tickCount == 4)
    #expect(second.failure == nil)
  }

  @Test(
    "Independent copies of a machine go on without each other", arguments: [false, true])
  func independence(restores: Bool) throws {
    var first = try machine(isIndependent: true, restores: restores)
    var sink = NoSink()
    var copies: [Machine<ProgramWorkload>] = []
    for _ in 1...4 {
      copies.append(first)
      first.tick(into: &sink)
    }
    for (count, var copy) in copies.enumerated() {
      #expect(copy.state.values == [.integer(Int64(count))])
      let words = ["words", "\(count)"]
      try copy.tick(told: words, into: &sink)
      #expect(copy.failure == nil && copy.state.values == [.integer(9)])
      var again = copies[count]
      for _ in 1...2 { again.tick(into: &sink) }
      #expect(again.failure == nil && again.state.values == [.integer(Int64(count) + 2)])
    }
    #expect(copies[1].workload.isToldByHistory == !restores)
    #expect(copies[1].state.otherState != copies[2].state.otherState)
  }

  @Test("A program is told the words, and may refuse them")
  func tells() throws {
    var machine = try machine()
    var sink = NoSink()
    try machine.tick(told: ["words", "\"\n"], into: &sink)
    #expect(machine.state.values == [.integer(9)] && machine.owesInstruction)
    #expect(throws: InstructionRefusal("no nonsense")) {
      try machine.tick(told: ["nonsense"], into: &sink)
    }
    #expect(machine.tickCount == 1 && machine.failure == nil)
  }

  @Test("A program's process ends with its workload")
  func ends() throws {
    let command = try ProgramCommand("cat", timeout: .seconds(60))
    var process: ProgramProcess? = try ProgramProcess.start(command)
    #expect(try process?.ask("{}") == Array("{}".utf8))
    #expect(try process?.ask("{\"a\":1}") == Array("{\"a\":1}".utf8))
    let id = try #require(process?.processID)
    process = nil
    #expect(kill(id, 0) != 0)
  }
}

/// Drops what a machine decides.
private struct NoSink: EffectSink {
  typealias Work = ProgramWorkload
  func neighbour(_ machine: MachineID) -> Neighbour? { nil }
  mutating func send(_ message: Message<FieldPayload>, to neighbour: Neighbour) {}
  mutating func sendToAll(_ message: Message<FieldPayload>) {}
  mutating func log(_ event: Event, payload: FieldPayload?, workload: ProgramWorkload) {}
  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {}
  mutating func recorded(_ part: MachinePart<FieldPayload>) {}
  mutating func finished(_ id: SnapshotID, part: MachinePart<FieldPayload>?) {}
}
