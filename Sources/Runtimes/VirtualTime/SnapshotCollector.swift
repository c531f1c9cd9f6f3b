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
  /// The snapshots that did not begin, in that order.
  private(set) var refused: [RefusedSnapshot] = []

  private let channels: TopologyChannels
  private let names: FieldNames
  /// The snapshots under way, in the order they were begun.
  private var gatherings: [SnapshotGathering] = []
  private var settled: [SnapshotFile] = []
  /// How many machine states and messages the ended snapshots hold.
  private var settledItemCount = 0

  /// The snapshots that go on until one finds a condition; nil for none.
  private var chain: SnapshotChainProgress<RunTime>? {
    didSet { nextDue = soonest }
  }
  private let condition: StableCondition?
  /// The first snapshot that found the condition.
  private(set) var proof: SnapshotID? {
    didSet { nextDue = soonest }
  }

  /// Whether machines may go back to a snapshot.
  private let isForRestarts: Bool
  /// What they go back to, in id order: the parts of the last complete one; nil before the first.
  private(set) var restorePoint: [RecordedPart]?

  /// How the machines take snapshots.
  let algorithm: SnapshotAlgorithm
  /// The round of the snapshot begun last; nil before the first, and without rounds.
  private(set) var round: Round?
  /// What channels held at the last complete round.
  private var contents: TransitLedger<RecordedMessage>.Contents = [:]
  /// The number of the last complete round; zero for none.
  private var completeNumber: UInt32 = 0
  /// The round that ended last, until the machines know.
  private var ended: (id: SnapshotID, isComplete: Bool)?
  /// The machines that have still to be asked to record.
  private var requests: RecordRequests<RunTime> {
    didSet { nextDue = soonest }
  }
  /// When the next snapshot of the chain begins, a machine is asked to record, or the run must end.
  ///
  /// Stored, because most instants ask.
  private(set) var nextDue = RunTime.never

  init(
    channels: TopologyChannels, plan: RunPlan, names: FieldNames,
    chain: SnapshotChainProgress<RunTime>?,
    until condition: StableCondition?
  ) {
    self.channels = channels
    self.names = names
    algorithm = plan.snapshotAlgorithm
    isForRestarts = plan.restartCountMax != nil
    requests = RecordRequests(plan)
    (self.chain, self.condition) = (chain, condition)
    nextDue = soonest
  }

  private var soonest: RunTime {
    proof == nil ? min(chain?.due ?? .never, requests.nextDue) : .always
  }

  /// Removes and returns the first request to record that is due; nil when none is.
  mutating func nextRequest(now: RunTime) -> (id: SnapshotID, machine: MachineID)? {
    requests.popDue(now: now)
  }

  /// The machine that begins the next snapshot of the chain.
  mutating func nextInitiator(now: RunTime) -> MachineID? {
    (chain?.due ?? .never) <= now ? chain?.begin() : nil
  }

  /// Whether none is under way, and none has just ended.
  var isQuiet: Bool { gatherings.isEmpty && ended == nil && proof == nil }

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

  /// Records why a snapshot does not begin.
  mutating func refuse(_ machine: MachineID, because reason: String, now: RunTime) {
    chain?.refused(now: now)
    refused.append(
      RefusedSnapshot(time: now.since(.start), initiator: machine, reason: reason))
  }

  /// The snapshot whose end others must wait for; nil where any number can be under way.
  var blocking: SnapshotID? {
    algorithm.usesRounds || isForRestarts ? gatherings.first?.id : nil
  }

  /// Begins a snapshot for which all machines are asked to record.
  mutating func beginAsking(by initiator: MachineID, dead: [MachineID], now: RunTime) {
    begin(requests.begin(by: initiator, at: now), dead: dead, now: now)
  }

  /// Expects a snapshot's parts; `dead` machines send none.
  mutating func begin(_ id: SnapshotID, dead: [MachineID], now: RunTime) {
    var gathering = SnapshotGathering(
      id: id, channels: channels, requestedTime: now.nanoseconds, algorithm: algorithm,
      earlier: contents)
    for machine in dead { gathering.died(machine) }
    if algorithm.usesRounds { round = Round(id: id, complete: completeNumber) }
    chain?.begun(id)
    ids.append(id)
    gatherings.append(gathering)
  }

  /// Adds the state that a machine has recorded.
  mutating func recorded(_ part: RecordedPart) {
    guard let index = index(of: part.id) else { return }
    gatherings[index].recorded(part)
  }

  /// Completes a machine's part of a snapshot; nil when the machine refused to record.
  mutating func finished(
    _ id: SnapshotID, _ part: RecordedPart?, by machine: MachineID, now: RunTime
  ) {
    guard let index = index(of: id) else { return }
    if let part {
      gatherings[index].finished(part)
    } else {
      gatherings[index].refused(by: machine, because: .tooManySnapshots)
    }
    if gatherings[index].isSettled { settle(at: index, because: .notReported, now: now) }
  }

  /// Adds the copy of a message that was in transit to a machine.
  mutating func caught(
    _ message: RecordedMessage, for id: SnapshotID, by machine: MachineID, now: RunTime
  ) {
    guard let index = index(of: id) else { return }
    gatherings[index].caught(message, by: machine)
    if gatherings[index].isSettled { settle(at: index, because: .notReported, now: now) }
  }

  /// Marks a machine as dead in the snapshots under way.
  mutating func died(_ machine: MachineID, now: RunTime) {
    for index in gatherings.indices.reversed() {
      gatherings[index].died(machine)
      if gatherings[index].isSettled { settle(at: index, because: .notReported, now: now) }
    }
  }

  /// Whether a snapshot is under way.
  func isUnderWay(_ id: SnapshotID) -> Bool { index(of: id) != nil }

  /// Ends those of these snapshots that are under way as incomplete, for one cause.
  mutating func giveUp(_ ids: [SnapshotID], because cause: MissingCause, now: RunTime) {
    for id in ids {
      if let index = index(of: id) { settle(at: index, because: cause, now: now) }
    }
  }

  private mutating func settle(at index: Int, because cause: MissingCause, now: RunTime) {
    let gathering = gatherings.remove(at: index)
    let file = gathering.file(completedTime: now.nanoseconds, cause: cause, names: names)
    if algorithm.usesRounds {
      ended = (file.id, file.status == .complete)
      if file.status == .complete {
        completeNumber = file.id.number
        contents = gathering.contents
      }
    }
    if isForRestarts { restorePoint = gathering.wholeParts ?? restorePoint }
    settled.append(file)
    chain?.ended(file.id, now: now)
    if proof == nil, condition?.holds(in: file) == true { proof = file.id }
    settledItemCount += file.itemCount
  }

  /// Removes and returns the round that has just ended; nil when none has.
  mutating func takeEnded() -> (id: SnapshotID, isComplete: Bool)? {
    defer { ended = nil }
    return ended
  }

  private func index(of id: SnapshotID) -> Int? { gatherings.firstIndex { $0.id == id } }
}

extension SnapshotFile {
  /// How many machine states and messages it holds.
  fileprivate var itemCount: Int {
    machines.count + inboxMessageCount + channels.count + channelMessageCount
  }
}

/// A snapshot that did not begin.
package struct RefusedSnapshot: Hashable, Sendable {
  /// When it was due.
  package let time: TimeSpan
  /// The machine that was to begin it.
  package let initiator: MachineID
  /// Why not, as a clause.
  package let reason: String
}
