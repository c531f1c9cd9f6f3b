import LogicalTime
import ScaleModel
import Snapshots

/// Real machines in a time of our own, whose journals a test can look at and damage.
struct ModelRun {
  let rates: [Int]
  let topologyChoice: TopologyChoice
  let seed: UInt64
  /// The lines of each machine's journal, without the header.
  private(set) var journals: [[String]]

  private var machines: [Machine<Chatter>]

  /// Runs machines of these rates for so many seconds; messages arrive at once.
  init(
    rates: [Int], seconds: Int, dieSides: Int = 10, topologyChoice: TopologyChoice = .complete,
    seed: UInt64
  ) throws {
    let topology = try topologyChoice.topology(machineCount: rates.count, seed: seed)
    self.rates = rates
    self.topologyChoice = topologyChoice
    self.seed = seed
    journals = rates.map { _ in [] }
    let channels = TopologyChannels(topology)
    machines = topology.machineIDs.map { id in
      Machine(
        id: id, neighbours: topology.neighbourhood(of: id), workload: Chatter(dieSides: dieSides),
        seed: seed, channels: channels)
    }
    let ticks = rates.indices.flatMap { machine in
      (1...rates[machine] * seconds).map { tick in
        (time: TickTime.dueNanoseconds(tick: UInt64(tick), rate: rates[machine]), machine: machine)
      }
    }
    for (time, machine) in ticks.sorted(by: { $0 < $1 }) {
      var sink = Sink(source: MachineID(machine), topology: topology)
      machines[machine].tick(into: &sink)
      for (message, target) in sink.deliveries { machines[target.index].arrive(message) }
      journals[machine] += sink.events.map { sink.line(of: $0, time: time) }
    }
  }

  /// The run as files.
  var fixture: RunFixture {
    var fixture = RunFixture(rates: rates, journals: journals)
    fixture.topologyChoice = topologyChoice
    fixture.seed = seed
    return fixture
  }

  private struct Sink: EffectSink {
    let source: MachineID
    let topology: Topology
    var deliveries: [(Message<NoPayload>, MachineID)] = []
    var events: [Event] = []

    mutating func send(_ message: Message<NoPayload>, to neighbour: Neighbour) {
      deliveries.append((message, topology.id(of: neighbour, from: source)))
    }

    mutating func sendToAll(_ message: Message<NoPayload>) {
      deliveries += topology.neighbours(of: source).map { (message, $0) }
    }

    mutating func log(_ event: Event) { events.append(event) }

    // No snapshot is taken here, so there is nothing to carry out.
    mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {}
    mutating func recorded(_ part: MachinePart<NoPayload>) {}
    mutating func finished(_ id: SnapshotID, part: MachinePart<NoPayload>?) {}

    func line(of event: Event, time: Int64) -> String {
      let peer =
        switch event.peer {
        case .none: ""
        case .all: "*"
        case .machine(let id): "\(id)"
        case .neighbour(let neighbour): "\(topology.id(of: neighbour, from: source))"
        }
      let message = event.messageReading > 0 ? "\(event.messageReading)" : ""
      return "\(event.tick),\(time),\(event.kind.word),\(event.reading),\(event.queueLength),"
        + "\(peer),\(message)"
    }
  }
}
