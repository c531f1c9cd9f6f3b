import LogicalTime
import ScaleModel
import Snapshots

/// Sees every message of an exploration, and checks each complete snapshot against what it saw.
///
/// A snapshot is right when it is the global state at its cut: no machine had a message before it
/// recorded that was sent after its sender recorded, and each channel holds exactly the messages
/// that were sent before the cut and had not arrived.
struct SnapshotObserver<Payload: Hashable & Sendable>: Sendable {
  /// The readings of the messages sent on each channel, and of those that have arrived, in order.
  private var sent: [[UInt64]]
  private var arrived: [[UInt64]]
  private var gatherings: [Gathering] = []
  /// What is wrong with the first snapshot that is; nil while all are right.
  private(set) var problem: String?

  /// The parts of a snapshot under way.
  private struct Gathering: Sendable {
    let id: SnapshotID
    /// How many messages had arrived on each channel when its target recorded.
    var arrivedCounts: [Int]
    /// One per machine; nil while its part is not over.
    var parts: [MachinePart<Payload>?]
  }

  init(channelCount: Int) {
    sent = Array(repeating: [], count: channelCount)
    arrived = sent
  }

  mutating func sent(_ reading: UInt64, on channel: Int) { sent[channel].append(reading) }

  mutating func arrived(_ reading: UInt64, on channel: Int) { arrived[channel].append(reading) }

  /// A lost message is as if it had never been sent.
  mutating func lost(_ reading: UInt64, on channel: Int) {
    sent[channel].removeAll { $0 == reading }
  }

  /// Takes note that a machine has recorded.
  mutating func recorded(_ id: SnapshotID, channelsTo incoming: [Int], machineCount: Int) {
    let index = gatherings.firstIndex { $0.id == id } ?? gatherings.count
    if index == gatherings.count {
      gatherings.append(
        Gathering(
          id: id, arrivedCounts: Array(repeating: 0, count: sent.count),
          parts: Array(repeating: nil, count: machineCount)))
    }
    for channel in incoming { gatherings[index].arrivedCounts[channel] = arrived[channel].count }
  }

  /// Takes a machine's part; checks the snapshot when it was the last.
  mutating func finished(_ part: MachinePart<Payload>, _ channels: [ChannelID]) {
    guard let index = gatherings.firstIndex(where: { $0.id == part.id }) else { return }
    gatherings[index].parts[part.machine.index] = part
    let parts = gatherings[index].parts.compactMap { $0 }
    guard parts.count == gatherings[index].parts.count else { return }
    let gathering = gatherings.remove(at: index)
    for (number, channel) in channels.enumerated() where problem == nil {
      let clock = parts[channel.source.index].state.clock
      let before = sent[number].filter { $0 <= clock }
      let arrivedBefore = arrived[number].prefix(gathering.arrivedCounts[number])
      let recorded = parts[channel.target.index].channels.first { $0.channel == channel }
      guard recorded?.incompleteBecause == nil else { return }
      check(
        gathering.id, channel, recorded?.messages.map(\.reading) ?? [], before: before,
        arrivedBefore: Array(arrivedBefore))
    }
  }

  private mutating func check(
    _ id: SnapshotID, _ channel: ChannelID, _ recorded: [UInt64], before: [UInt64],
    arrivedBefore: [UInt64]
  ) {
    let words = "snapshot \(id): message"
    if let orphan = arrivedBefore.first(where: { !before.contains($0) }) {
      problem =
        "\(words) \(orphan) from \(channel.source) to \(channel.target) is in the state of its "
        + "target, and was sent after the cut"
      return
    }
    let inTransit = before.filter { !arrivedBefore.contains($0) }
    if let missed = inTransit.first(where: { !recorded.contains($0) }) {
      problem =
        "\(words) \(missed) from \(channel.source) to \(channel.target) was in transit, and is not "
        + "in the snapshot"
    } else if let invented = recorded.first(where: { !inTransit.contains($0) }) {
      problem =
        "\(words) \(invented) from \(channel.source) to \(channel.target) is in the snapshot, and "
        + "was not in transit"
    }
  }
}
