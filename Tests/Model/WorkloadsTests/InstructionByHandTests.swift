import LogicalTime
import ScaleModel
import Testing
import Workloads

/// Instructions by hand of workloads that only a package outside could have written.
@Suite("Instructions by hand of any workload")
struct InstructionByHandTests {
  /// Sends as many messages as it is told, one a tick.
  private struct Repeater: NamedWorkload {
    static let name = "repeater"
    static let summary = "sends what it is told"
    var sentCount = 0

    init() {}
    init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {}

    var messageFields: [Field<Int64>] {
      [
        Field(
          FieldDeclaration("number", .integer), get: { .integer($0) },
          set: { number, value in
            number = value.integer ?? 0
            return value.integer != nil
          })
      ]
    }
    var blankPayload: Int64 { 0 }

    mutating func chooseInstruction(
      _ here: Surroundings, chance: inout Chance
    ) -> Instruction<Int64> {
      .internal
    }

    mutating func receive(
      _ message: Message<Int64>, _ here: Surroundings
    ) -> [Instruction<Int64>] {
      []
    }

    mutating func carryOut(
      _ words: [String], _ here: Surroundings
    ) throws(InstructionRefusal) -> ToldAction<Int64> {
      guard words.first == "send", words.count > 1 else {
        throw InstructionRefusal("tell it 'send' and numbers")
      }
      sentCount += words.count - 1
      return .instructions(words.dropFirst().map { .sendToAll(Int64($0) ?? 0) })
    }
  }

  private static let topology = Topology(completeWith: 3)

  private func machine<Work: Workload>(_ work: Work) -> Machine<Work> {
    Machine(
      id: 0, neighbours: Self.topology.neighbourhood(of: 0), workload: work, seed: 4,
      channels: TopologyChannels(Self.topology))
  }

  @Test("The first of its instructions takes the tick; the others are owed, one a tick")
  func owed() throws {
    var machine = machine(Repeater())
    var sink = Sink<Repeater>()
    try machine.tick(told: ["send", "7", "8", "9"], into: &sink)
    #expect(sink.sent == [7])
    #expect(machine.owesInstruction)
    machine.arrive(Message(source: 1, reading: 1, payload: 1))
    machine.tick(into: &sink)
    machine.tick(into: &sink)
    #expect(sink.sent == [7, 8, 9], "ahead of what waits in the inbox")
    #expect(!machine.owesInstruction && machine.inbox.count == 1)
    #expect(sink.kinds == [.send, .send, .send])
  }

  @Test("An erased workload does the same, and is as it was after a refusal")
  func erased() throws {
    var machine = machine(ErasedWorkload(Repeater()))
    var sink = Sink<ErasedWorkload>()
    try machine.tick(told: ["send", "7", "8"], into: &sink)
    machine.tick(into: &sink)
    #expect(sink.sent.map(\.values) == [[.integer(7)], [.integer(8)]])
    let before = machine.workload
    #expect(throws: InstructionRefusal("tell it 'send' and numbers")) {
      try machine.tick(told: ["halt"], into: &sink)
    }
    #expect(machine.workload == before && machine.tickCount == 2)
  }

  @Test("What cannot be sent because all channels have closed is refused, and nothing changes")
  func closed() throws {
    var machine = machine(Repeater())
    var sink = Sink<Repeater>()
    machine.closeChannel(to: Neighbour(index: 0))
    try machine.tick(told: ["send", "1"], into: &sink)
    machine.closeChannel(to: Neighbour(index: 1))
    #expect(throws: InstructionRefusal.self) { try machine.tick(told: ["send", "2"], into: &sink) }
    #expect(machine.workload.sentCount == 1 && machine.tickCount == 1 && sink.sent == [1])
  }

  @Test(
    "A mutual exclusion that wants nothing by itself asks when it is told",
    arguments: ["mutex-lamport", "mutex-ricart-agrawala"])
  func want(name: String) throws {
    let catalog = try WorkloadCatalog(ShippedWorkloads.all)
    let choice = try catalog.choice(
      named: name, options: ["want": "0"], topology: Self.topology)
    var machine = machine(try catalog.workload(of: choice, topology: Self.topology))
    var sink = Sink<ErasedWorkload>()
    for _ in 1...50 { machine.tick(into: &sink) }
    #expect(sink.sent.isEmpty)
    try machine.tick(told: ["want"], into: &sink)
    #expect(sink.sent.map(\.values) == [[.text("request")]])
    for words in [["want"], ["wnat"], []] {
      #expect(throws: InstructionRefusal.self) { try machine.tick(told: words, into: &sink) }
    }
    #expect(machine.tickCount == 51)
  }
}

/// Keeps what a machine of two neighbours sends and logs.
private struct Sink<Work: Workload>: TickSink {
  var sent: [Work.Payload] = []
  var kinds: [Event.Kind] = []

  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    sent.append(message.payload)
  }
  mutating func sendToAll(_ message: Message<Work.Payload>) { sent.append(message.payload) }
  mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
    kinds.append(event.kind)
  }
  func neighbour(_ machine: MachineID) -> Neighbour? {
    machine == 0 ? nil : Neighbour(index: machine.index - 1)
  }
}
