import LogicalTime
import ScaleModel
import Snapshots
import TestSupport
import Testing
import Workloads

/// A machine that goes back to a recorded state continues as the one it was recorded of.
@Suite("Restored machines")
struct RestoreTests {
  /// Machines that deliver to each other at random, without any runtime.
  private struct Model<Work: Workload> {
    var machines: [Machine<Work>]
    private var random: SplitMix64
    private var channels: [ChannelID: [Message<Work.Payload>]] = [:]
    private let topology: Topology
    private(set) var events: [String] = []

    init(_ work: Work, _ topology: Topology, seed: UInt64) {
      self.topology = topology
      random = SplitMix64(state: seed)
      machines = topology.machineIDs.map { id in
        Machine(
          id: id, neighbours: topology.neighbourhood(of: id), workload: work, seed: seed,
          channels: TopologyChannels(topology))
      }
    }

    /// Either delivers a message or ticks a machine, a number of times.
    mutating func play(_ count: Int) {
      for _ in 0..<count {
        let waiting = channels.keys.filter { channels[$0]?.isEmpty == false }.sorted()
        if !waiting.isEmpty, random.draw(below: 2) == 0 {
          let channel = waiting[Int(random.draw(below: UInt64(waiting.count)))]
          if let message = channels[channel]?.removeFirst() {
            machines[channel.target.index].arrive(message)
          }
        } else {
          let index = Int(random.draw(below: UInt64(machines.count)))
          var sink = Sink<Work>(machine: machines[index].id, topology: topology)
          machines[index].tick(into: &sink)
          events += sink.events
          for (target, message) in sink.sent {
            channels[ChannelID(from: message.source, to: target), default: []].append(message)
          }
        }
      }
    }

    /// Replaces every machine by a new one that goes back to its state.
    mutating func restoreAll(_ work: Work, seed: UInt64) {
      for (index, old) in machines.enumerated() {
        var new = Machine(
          id: old.id, neighbours: old.neighbours, workload: work, seed: seed &+ 1,
          channels: TopologyChannels(topology))
        let isRestored = new.restore(old.state)
        #expect(isRestored && new.state == old.state && new.workload == old.workload)
        machines[index] = new
      }
    }
  }

  private struct Sink<Work: Workload>: TickSink {
    let machine: MachineID
    let topology: Topology
    var sent: [(MachineID, Message<Work.Payload>)] = []
    var events: [String] = []

    func neighbour(_ machine: MachineID) -> Neighbour? {
      topology.neighbour(machine, of: self.machine)
    }
    mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
      sent.append((topology.id(of: neighbour, from: machine), message))
    }
    mutating func sendToAll(_ message: Message<Work.Payload>) {
      for target in topology.neighbours(of: machine) { sent.append((target, message)) }
    }
    mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
      let values = workload.stateFields.map { "\($0.value(in: workload))" }
      events.append("\(machine) \(event) \(values)")
    }
  }

  private static let topology = Topology(completeWith: 4)

  private func erased(_ name: String) throws -> ErasedWorkload {
    let catalog = try WorkloadCatalog(ShippedWorkloads.all)
    let choice = try catalog.choice(named: name, options: [:], topology: Self.topology)
    return try catalog.workload(of: choice, topology: Self.topology)
  }

  @Test(
    "A model of restored machines has the same events from then on",
    arguments: ShippedWorkloads.all.map { $0.name },
    1...(LongTests.areOn ? 20 : 5) as ClosedRange<UInt64>)
  func continues(name: String, seed: UInt64) throws {
    let work = try erased(name)
    var one = Model(work, Self.topology, seed: seed)
    one.play(Int(seed) * 40)
    var other = one
    other.restoreAll(work, seed: seed)
    one.play(600)
    other.play(600)
    #expect(one.events == other.events)
    #expect(one.events.contains { $0.contains("receive") })
  }

  @Test("The bank, whose snapshots have no chance, has its money back")
  func bank() {
    let account = Bank(balance: 100, transferProbability: 0.5)
    var model = Model(account, Self.topology, seed: 3)
    model.play(200)
    model.restoreAll(account, seed: 3)
  }

  @Test("Bytes of another state are refused, and nothing changes")
  func refused() throws {
    var machine = Model(try erased("mutex-lamport"), Self.topology, seed: 1).machines[0]
    let (state, work) = (machine.state, machine.workload)
    for bytes in [
      [], state.otherState + [0], state.otherState.dropLast(), [UInt8](repeating: 255, count: 99),
    ] as [[UInt8]] {
      let other = MachineState(
        clock: 9, tick: 9, journalLineCount: 9, inbox: state.inbox, values: state.values,
        otherState: bytes)
      let isRestored = machine.restore(other)
      #expect(!isRestored)
    }
    let wrong = MachineState(
      clock: 9, tick: 9, journalLineCount: 9, inbox: state.inbox, values: [.text("outside")],
      otherState: state.otherState)
    let isRestored = machine.restore(wrong)
    #expect(!isRestored)
    #expect(machine.workload == work && machine.clock.reading == 0 && machine.tickCount == 0)
  }

  /// A workload whose state has a part of each type, and no fields.
  private struct Parts: IdleWorkload {
    var number: Int64 = .min
    var count = Int.max
    var flag = true
    var text = "é\n\"\u{0}"
    var machine: MachineID? = 7
    var lists: [[UInt64?]] = [[], [nil, .max]]
    static let otherParts: [StatePart<Parts>] = [
      StatePart(\.number), StatePart(\.count), StatePart(\.flag), StatePart(\.text),
      StatePart(\.machine), StatePart(\.lists),
    ]
  }

  @Test("A part of each type is read as it was written; bytes that are cut short are none")
  func parts() {
    let bytes = Parts().otherState
    let empty = Parts(number: 0, count: 0, flag: false, text: "", machine: nil, lists: [])
    var read = empty
    let isRead = read.restore(otherState: bytes)
    #expect(isRead && read == Parts())
    for count in 0..<bytes.count {
      var read = empty
      let isRead = read.restore(otherState: Array(bytes.prefix(count)))
      #expect(!isRead && read == empty)
    }
  }
}
