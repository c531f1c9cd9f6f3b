import LogicalTime
import ScaleModel
import Snapshots

/// Sees every message of an exploration, and checks each complete snapshot against what it saw.
///
/// A snapshot is right when it is the global state at its cut: no machine had a message before it
/// recorded that was sent after its sender recorded, and each channel holds exactly the messages
/// that were sent before the cut and had not arrived.
///
/// It is also what a run's supervisor is to the machines: it asks them to record, gathers their
/// reports, and tells them when a round is over.
struct SnapshotObserver<Payload: Hashable & Sendable>: Sendable {
  /// A machine that is still to be asked to record.
  struct Request: Hashable, Sendable {
    let machine: MachineID
    let id: SnapshotID
  }

  /// The parts of a snapshot under way.
  private struct Gathering: Sendable {
    let id: SnapshotID
    /// How many messages had arrived on each channel when its target recorded.
    var arrivedCounts: [Int]
    /// One per machine; nil while its part is not over.
    var parts: [MachinePart<Payload>?]
    /// Finds what channels held, where machines hand over reports of it.
    var ledger: TransitLedger<Message<Payload>>
  }

  private let map: TopologyChannels
  private let algorithm: SnapshotAlgorithm
  /// The readings of the messages sent on each channel, and of those that have arrived, in order.
  private var sent: [[UInt64]]
  private var arrived: [[UInt64]]
  private var gatherings: [Gathering] = []
  /// How many snapshots each machine has begun.
  private var begunCounts: [UInt32]
  /// Who is still to be asked, in the order of the snapshots, then of the machines.
  private(set) var requests: [Request] = []
  /// The round begun last, the number of the last complete one, and what channels held then.
  private var round: Round?
  private var completeNumber: UInt32 = 0
  private var contents: TransitLedger<Message<Payload>>.Contents = [:]
  private var ended: SnapshotID?
  /// What is wrong with the first snapshot that is; nil while all are right.
  private(set) var problem: String?

  init(_ map: TopologyChannels, _ algorithm: SnapshotAlgorithm) {
    (self.map, self.algorithm) = (map, algorithm)
    sent = Array(repeating: [], count: map.topology.channelCount)
    arrived = sent
    begunCounts = Array(repeating: 0, count: map.topology.machineCount)
  }

  /// Whether a snapshot is under way.
  var isGathering: Bool { !gatherings.isEmpty }

  mutating func sent(_ reading: UInt64, on channel: Int) { sent[channel].append(reading) }

  mutating func arrived(_ reading: UInt64, on channel: Int) { arrived[channel].append(reading) }

  /// A lost message is as if it had never been sent.
  mutating func lost(_ reading: UInt64, on channel: Int) {
    sent[channel].removeAll { $0 == reading }
  }

  // MARK: Naive snapshots, and rounds

  /// Asks all machines but the one that begins a snapshot.
  mutating func ask(allBut initiator: MachineID) {
    begunCounts[initiator.index] += 1
    let id = SnapshotID(initiator: initiator, number: begunCounts[initiator.index])
    for machine in map.topology.machineIDs where machine != initiator {
      requests.append(Request(machine: machine, id: id))
    }
  }

  /// Removes a request; returns whether there was one.
  mutating func answer(_ machine: MachineID, _ id: SnapshotID) -> Bool {
    let index = requests.firstIndex(of: Request(machine: machine, id: id))
    if let index { requests.remove(at: index) }
    return index != nil
  }

  /// The round that a message carries; nil for none.
  func round(of message: Message<Payload>) -> Round? {
    Round(message.round, from: message.source, latest: round)
  }

  /// Returns the round that has just ended, once; nil when none has.
  mutating func takeEnded() -> SnapshotID? {
    defer { ended = nil }
    return ended
  }

  // MARK: Parts

  /// Takes note that a machine has recorded.
  mutating func recorded(_ id: SnapshotID, channelsTo incoming: [Int]) {
    let index = gatherings.firstIndex { $0.id == id } ?? gatherings.count
    if index == gatherings.count {
      let machineCount = map.topology.machineCount
      gatherings.append(
        Gathering(
          id: id, arrivedCounts: Array(repeating: 0, count: sent.count),
          parts: Array(repeating: nil, count: machineCount),
          ledger: TransitLedger(channels: map, machineCount: machineCount, earlier: contents)))
      if algorithm.usesRounds { round = Round(id: id, complete: completeNumber) }
    }
    for channel in incoming { gatherings[index].arrivedCounts[channel] = arrived[channel].count }
  }

  /// Takes a machine's part; checks the snapshot when nothing more is awaited.
  mutating func finished(_ part: MachinePart<Payload>, _ channels: [ChannelID]) {
    guard let index = gatherings.firstIndex(where: { $0.id == part.id }) else { return }
    gatherings[index].parts[part.machine.index] = part
    if let report = part.transit { gatherings[index].ledger.add(report, of: part.machine) }
    checkIfWhole(index, channels)
  }

  /// Takes the copy of a message that was in transit to a machine.
  mutating func caught(
    _ message: Message<Payload>, for id: SnapshotID, by machine: MachineID, _ channels: [ChannelID]
  ) {
    guard let index = gatherings.firstIndex(where: { $0.id == id }) else { return }
    gatherings[index].ledger.add(
      message, caughtOn: ChannelID(from: message.source, to: machine))
    checkIfWhole(index, channels)
  }

  private mutating func checkIfWhole(_ index: Int, _ channels: [ChannelID]) {
    let parts = gatherings[index].parts.compactMap { $0 }
    guard parts.count == gatherings[index].parts.count, !gatherings[index].ledger.awaitsMessages
    else { return }
    let gathering = gatherings.remove(at: index)
    if algorithm.usesRounds {
      (ended, completeNumber, contents) = (gathering.id, gathering.id.number, [:])
    }
    for (number, channel) in channels.enumerated() {
      let clock = parts[channel.source.index].state.clock
      let before = sent[number].filter { $0 <= clock }
      let arrivedBefore = arrived[number].prefix(gathering.arrivedCounts[number])
      let recorded = parts[channel.target.index].channels.first { $0.channel == channel }
      guard recorded?.incompleteBecause == nil else { return }
      var messages = recorded?.messages ?? []
      if algorithm.usesRounds {
        messages = gathering.ledger.contents(of: channel) ?? []
        if !messages.isEmpty { contents[channel] = messages }
      }
      if problem == nil {
        check(
          gathering.id, channel, messages.map(\.reading), before: before,
          arrivedBefore: Array(arrivedBefore))
      }
    }
  }

  private mutating func check(
    _ id: SnapshotID, _ channel: ChannelID, _ recorded: [UInt64], before: [UInt64],
    arrivedBefore: [UInt64]
  ) {
    let words = "snapshot \(id): message"
    // Sets are asked, never iterated: a long run has many messages before a cut.
    let (beforeSet, arrivedSet) = (Set(before), Set(arrivedBefore))
    if let orphan = arrivedBefore.first(where: { !beforeSet.contains($0) }) {
      problem =
        "\(words) \(orphan) from \(channel.source) to \(channel.target) is in the state of its "
        + "target, and was sent after the cut"
      return
    }
    let inTransit = before.filter { !arrivedSet.contains($0) }
    let (inTransitSet, recordedSet) = (Set(inTransit), Set(recorded))
    if let missed = inTransit.first(where: { !recordedSet.contains($0) }) {
      problem =
        "\(words) \(missed) from \(channel.source) to \(channel.target) was in transit, and is not "
        + "in the snapshot"
    } else if let invented = recorded.first(where: { !inTransitSet.contains($0) }) {
      problem =
        "\(words) \(invented) from \(channel.source) to \(channel.target) is in the snapshot, and "
        + "was not in transit"
    }
  }
}
