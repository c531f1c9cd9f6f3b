import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Tracks the snapshots of a simulated run from their start to their file.
struct SnapshotCollector {
  /// About how many machine states and messages may wait in ended snapshots for the caller.
  private static let settledItemCountMax = 1 << 14

  /// The ids of all snapshots, in the order they were begun.
  private(set) var ids: [SnapshotID] = []
  /// The snapshots that did not begin because their initiators were dead, in that order.
  private(set) var refused: [SnapshotSchedule.Entry] = []

  private let channels: TopologyChannels
  private let names: FieldNames
  /// The snapshots under way, in the order they were begun.
  private var gatherings: [SnapshotGathering] = []
  private var settled: [SnapshotFile] = []
  /// How many machine states and messages the ended snapshots hold.
  private var settledItemCount = 0

  /// The snapshots that go on until one finds a condition; nil for none.
  private var chain: SnapshotChainProgress?
  private let condition: StableCondition?
  /// The first snapshot that found the condition.
  private(set) var proof: SnapshotID?

  init(
    channels: TopologyChannels, names: FieldNames, chain: SnapshotChainProgress?,
    until condition: StableCondition?
  ) {
    self.channels = channels
    self.names = names
    (self.chain, self.condition) = (chain, condition)
  }

  /// When the next snapshot of the chain begins, or the run must end; `Int64.max` for never.
  var nextDueNanoseconds: Int64 { proof == nil ? chain?.due ?? .max : .min }

  /// The machine that begins the next snapshot of the chain.
  mutating func nextInitiator() -> MachineID? { chain?.begin() }

  /// The ids of those under way.
  var idsUnderWay: [SnapshotID] { gatherings.map(\.id) }

  /// Removes and returns the ended snapshots, complete or partial, in the order they ended.
  mutating func takeSettled() -> [SnapshotFile] {
    defer {
      settled.removeAll()
      settledItemCount = 0
    }
    return settled
  }

  /// Whether the ended snapshots take so much memory that the caller must take them first.
  var isFull: Bool { settledItemCount >= Self.settledItemCountMax }

  /// Records that a snapshot's initiator cannot begin it.
  mutating func refuse(_ machine: MachineID, now: Int64) {
    chain?.refused(now: now)
    refused.append(
      SnapshotSchedule.Entry(time: TimeSpan(nanoseconds: now), initiator: machine))
  }

  /// Expects a snapshot's parts; `dead` machines send none.
  mutating func begin(_ id: SnapshotID, dead: [MachineID], now: Int64) {
    var gathering = SnapshotGathering(id: id, channels: channels, requestedTime: now)
    for machine in dead { gathering.died(machine) }
    chain?.begun(id)
    ids.append(id)
    gatherings.append(gathering)
  }

  /// Adds the state that a machine has recorded.
  mutating func recorded(_ part: RecordedPart) {
    guard let place = place(of: part.id) else { return }
    gatherings[place].recorded(part)
  }

  /// Completes a machine's part of a snapshot; nil when the machine refused to record.
  mutating func finished(_ id: SnapshotID, _ part: RecordedPart?, by machine: MachineID, now: Int64)
  {
    guard let place = place(of: id) else { return }
    if let part {
      gatherings[place].finished(part)
    } else {
      gatherings[place].refused(by: machine)
    }
    if gatherings[place].isSettled { settle(at: place, because: .notReported, now: now) }
  }

  /// Marks a machine as dead in the snapshots under way.
  mutating func died(_ machine: MachineID, now: Int64) {
    for index in gatherings.indices.reversed() {
      gatherings[index].died(machine)
      if gatherings[index].isSettled { settle(at: index, because: .notReported, now: now) }
    }
  }

  /// Whether a snapshot is under way.
  func isUnderWay(_ id: SnapshotID) -> Bool { place(of: id) != nil }

  /// Ends those of these snapshots that are under way as incomplete, for one cause.
  mutating func giveUp(_ ids: [SnapshotID], because cause: MissingCause, now: Int64) {
    for id in ids {
      if let place = place(of: id) { settle(at: place, because: cause, now: now) }
    }
  }

  private mutating func settle(at index: Int, because cause: MissingCause, now: Int64) {
    let file = gatherings.remove(at: index).file(
      completedTime: now, cause: cause, names: names)
    settled.append(file)
    chain?.ended(file.id, now: now)
    if proof == nil, condition?.holds(in: file) == true { proof = file.id }
    settledItemCount += file.itemCount
  }

  private func place(of id: SnapshotID) -> Int? { gatherings.firstIndex { $0.id == id } }
}

extension SnapshotFile {
  /// How many machine states and messages it holds.
  fileprivate var itemCount: Int {
    machines.count + inboxMessageCount + channels.count + channelMessageCount
  }
}
