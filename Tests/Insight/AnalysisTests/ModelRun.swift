import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Real machines in simulated time; a test can read and damage their journals and snapshots.
struct ModelRun {
  /// How a run can break the assumptions of snapshots.
  enum Flaw: CaseIterable {
    /// A message can overtake another message, or a marker, on its channel.
    case channelOvertakes
    /// Markers leave late: messages sent meanwhile precede them.
    case markersLate
    /// Messages that arrive just before a channel's marker are not recorded.
    case recordingStopsEarly
  }

  let rates: [Int]
  let seconds: Int
  let topologyChoice: TopologyChoice
  let seed: UInt64
  /// The lines of each machine's journal, without the header.
  private(set) var journals: [[String]]
  /// The snapshots, in the order they were begun.
  private(set) var snapshots: [SnapshotFile] = []

  private let topology: Topology
  private let delay: Delay
  private let flaw: Flaw?
  private var machines: [Machine<Chatter>]
  private var gatherings: [SnapshotGathering] = []
  private var completedTimes: [Int64?] = []
  /// The next occasions, the earliest last.
  private var agenda: [Occasion] = []
  private var channels: [ChannelID: ChannelState] = [:]

  /// Runs machines of these rates for this many seconds.
  ///
  /// Each snapshot has its initiator and its time in milliseconds; messages in transit and
  /// snapshots under way at the end stay so.
  init(
    rates: [Int], seconds: Int, dieSides: Int = 10, topologyChoice: TopologyChoice = .complete,
    seed: UInt64, delay: Delay = .none,
    snapshots: [(milliseconds: Int64, initiator: MachineID)] = [], flaw: Flaw? = nil
  ) throws {
    let topology = try topologyChoice.topology(machineCount: rates.count, seed: seed)
    (self.rates, self.seconds, self.seed) = (rates, seconds, seed)
    (self.topologyChoice, self.topology, self.delay, self.flaw) =
      (topologyChoice, topology, delay, flaw)
    journals = rates.map { _ in [] }
    let channelMap = TopologyChannels(topology)
    machines = topology.machineIDs.map { id in
      Machine(
        id: id, neighbours: topology.neighbourhood(of: id), workload: Chatter(dieSides: dieSides),
        seed: seed, channels: channelMap)
    }
    for machine in topology.machineIDs {
      for tick in 1...rates[machine.index] * seconds {
        let time = TickTime.due(tick: UInt64(tick), rate: rates[machine.index]).nanoseconds
        agenda.append(Occasion(time: time, order: agenda.count, kind: .tick(machine)))
      }
    }
    for (milliseconds, initiator) in snapshots {
      agenda.append(
        Occasion(
          time: milliseconds * 1_000_000, order: agenda.count,
          kind: .begin(initiator, TopologyChannels(topology))))
    }
    agenda.sort { $1 < $0 }
    carryOut()
  }

  /// The run, ready to be written as files.
  var fixture: RunFixture {
    var fixture = RunFixture(rates: rates, journals: journals)
    fixture.topologyChoice = topologyChoice
    fixture.seed = seed
    fixture.snapshots = snapshots
    return fixture
  }

  // MARK: Time

  private struct Occasion {
    enum Kind {
      case tick(MachineID)
      case begin(MachineID, TopologyChannels)
      case arrival(Packet, ChannelID)
    }

    let time: Int64
    let order: Int
    let kind: Kind

    static func < (left: Occasion, right: Occasion) -> Bool {
      (left.time, left.order) < (right.time, right.order)
    }
  }

  private enum Packet {
    case message(Message<NoPayload>)
    case marker(SnapshotID)
  }

  private struct ChannelState {
    var messageCount: UInt64 = 0
    var latestArrival: Int64 = 0
  }

  private mutating func carryOut() {
    let end = Int64(seconds) * 1_000_000_000
    while let occasion = agenda.popLast(), occasion.time <= end {
      handle(occasion)
    }
    for (index, gathering) in gatherings.enumerated() {
      var file = gathering.file(
        completedTime: completedTimes[index] ?? end, cause: .runEnded, names: .none)
      if flaw == .recordingStopsEarly,
        let channel = file.channels.firstIndex(where: { !$0.messages.isEmpty })
      {
        file.channels[channel].messages.removeLast()
      }
      snapshots.append(file)
    }
  }

  private mutating func handle(_ occasion: Occasion) {
    var sink: Sink
    switch occasion.kind {
    case .tick(let id):
      sink = Sink(source: id, topology: topology)
      machines[id.index].tick(into: &sink)
    case .begin(let id, let channels):
      sink = Sink(source: id, topology: topology)
      gatherings.append(
        SnapshotGathering(
          id: SnapshotID(initiator: id, number: machines[id.index].begunSnapshotCount + 1),
          channels: channels, requestedTime: occasion.time))
      completedTimes.append(nil)
      machines[id.index].beginSnapshot(into: &sink)
    case .arrival(let packet, let channel):
      sink = Sink(source: channel.target, topology: topology)
      switch packet {
      case .message(let message):
        machines[channel.target.index].arrive(message)
      case .marker(let id):
        machines[channel.target.index].arriveMarker(id, from: channel.source, into: &sink)
      }
    }
    take(sink, at: occasion.time)
  }

  private mutating func take(_ sink: Sink, at time: Int64) {
    for (packet, target) in sink.packets {
      send(packet, on: ChannelID(from: sink.source, to: target), at: time)
    }
    journals[sink.source.index] += sink.events.map { sink.line(of: $0, time: time) }
    for part in sink.recorded {
      guard let index = gatherings.firstIndex(where: { $0.id == part.id }) else { continue }
      gatherings[index].recorded(part)
    }
    for part in sink.finished {
      guard let index = gatherings.firstIndex(where: { $0.id == part.id }) else { continue }
      gatherings[index].finished(part)
      if gatherings[index].isSettled { completedTimes[index] = time }
    }
  }

  private mutating func send(_ packet: Packet, on id: ChannelID, at time: Int64) {
    var channel = channels[id] ?? ChannelState()
    let drawn = delay.transit(
      seed: seed, source: id.source, target: id.target, messageIndex: channel.messageCount)
    var arrival = time + drawn.nanoseconds
    switch packet {
    case .message: channel.messageCount += 1
    case .marker: if flaw == .markersLate { arrival += 300_000_000 }
    }
    if flaw == nil || flaw == .recordingStopsEarly { arrival = max(arrival, channel.latestArrival) }
    channel.latestArrival = arrival
    channels[id] = channel
    add(Occasion(time: arrival, order: nextOrder, kind: .arrival(packet, id)))
    nextOrder += 1
  }

  /// Arrivals at the time of a tick follow it, in the order they were sent.
  private var nextOrder = 1 << 40

  private mutating func add(_ occasion: Occasion) {
    var low = 0
    var high = agenda.count
    while low < high {
      let middle = (low + high) / 2
      if occasion < agenda[middle] { low = middle + 1 } else { high = middle }
    }
    agenda.insert(occasion, at: low)
  }

  private struct Sink: EffectSink {
    typealias Work = Chatter

    let source: MachineID
    let topology: Topology
    var packets: [(Packet, MachineID)] = []
    var events: [Event] = []
    var recorded: [RecordedPart] = []
    var finished: [RecordedPart] = []
    private let fields = WorkloadFields(Chatter(dieSides: 10))

    mutating func send(_ message: Message<NoPayload>, to neighbour: Neighbour) {
      packets.append((.message(message), topology.id(of: neighbour, from: source)))
    }

    mutating func sendToAll(_ message: Message<NoPayload>) {
      packets += topology.neighbours(of: source).map { (.message(message), $0) }
    }

    func neighbour(_ machine: MachineID) -> Neighbour? { topology.neighbour(machine, of: source) }

    mutating func log(_ event: Event, payload: NoPayload?, workload: Chatter) {
      events.append(event)
    }

    mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
      packets.append((.marker(id), target))
    }

    mutating func recorded(_ part: MachinePart<NoPayload>) {
      recorded.append(RecordedPart(part, fields))
    }

    mutating func finished(_ id: SnapshotID, part: MachinePart<NoPayload>?) {
      if let part { finished.append(RecordedPart(part, fields)) }
    }

    func line(of event: Event, time: Int64) -> String {
      let peer =
        switch event.peer {
        case .none: ""
        case .all: "*"
        case .machine(let id): "\(id)"
        case .neighbour(let neighbour): "\(topology.id(of: neighbour, from: source))"
        }
      let message =
        event.kind == .snapshot
        ? "\(SnapshotID(word: event.messageReading))"
        : event.messageReading > 0 ? "\(event.messageReading)" : ""
      return "\(event.tick),\(time),\(event.kind.word),\(event.reading),\(event.queueLength),"
        + "\(peer),\(message)"
    }
  }
}
