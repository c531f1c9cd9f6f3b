import LogicalTime
import ScaleModel
import Snapshots

/// Tracks the snapshots of a run from the request to the end: a value without a clock.
///
/// It numbers the snapshots that each machine begins, in the order of the requests, and the command
/// to begin one says its id; other machines' parts may come before the initiator's. Every snapshot
/// ends, complete or partial.
package struct SnapshotTracker {
  /// What the caller does, in order.
  package enum Effect {
    /// Tell the snapshot's initiator to begin it.
    case begin(SnapshotID)
    /// Ask a machine to record for a naive snapshot.
    case request(SnapshotID, MachineID)
    /// Tell a machine to give up its part.
    case abort(SnapshotID, MissingCause, MachineID)
    /// A snapshot ended then, complete or partial; whatever it lacks is missing for that cause.
    case settled(SnapshotGathering, completedTime: SystemInstant, MissingCause)
  }

  private struct Pending {
    /// When the client's timeout expires.
    let timeout: MonotonicInstant
    /// When it is given up unless another machine records; never while all machines live.
    var silenceEnd = MonotonicInstant.never
    var gathering: SnapshotGathering

    /// When it is given up.
    var deadline: MonotonicInstant { min(timeout, silenceEnd) }
    /// Why it is given up then.
    var cause: MissingCause { silenceEnd < timeout ? .unreachable : .timedOut }
  }

  private let channels: TopologyChannels
  private let algorithm: SnapshotAlgorithm
  /// Whether one snapshot may begin only when the one before has ended.
  private let takesOneAtATime: Bool
  /// Why a machine takes no part: its ticks are over, where markers wait for them.
  private let refusalCause: MissingCause
  /// What channels held at the last complete round.
  private var contents: TransitLedger<RecordedMessage>.Contents = [:]
  /// The machines that naive snapshots have still to ask.
  private var requests: RecordRequests<MonotonicInstant>
  private var pending: [Pending] = []
  /// The ids of `pending`, in the same order, because each part is looked up by its id.
  private var pendingIDs: [SnapshotID] = []
  private var dead: Set<MachineID> = []
  /// How many snapshots each machine was asked to begin, in id order.
  private var begunCounts: [UInt32]
  /// The ids of all snapshots, in the order they were begun.
  package private(set) var ids: [SnapshotID] = []

  /// How long a snapshot goes on after a death without any machine recording: until every marker in
  /// transit has arrived, and a second more.
  package let silence: TimeSpan

  /// Makes a tracker with no snapshot under way.
  ///
  /// - Parameters:
  ///   - channels: Knows the machines and the channels between them.
  ///   - plan: How the machines take snapshots, and how long markers are on their way.
  package init(channels: TopologyChannels, plan: RunPlan) {
    self.channels = channels
    algorithm = plan.snapshotAlgorithm
    // So each complete snapshot is later everywhere than the one before, and none is ever undone.
    takesOneAtATime = algorithm.usesRounds || plan.restartCountMax != nil
    refusalCause = plan.markerHandling == .tick ? .runEnded : .tooManySnapshots
    requests = RecordRequests(plan)
    let longest = plan.delay.longest(channelCount: channels.topology.channelCount)
    silence = TimeSpan(
      nanoseconds: 1_000_000_000 + plan.snapshotSpread.nanoseconds + longest.nanoseconds)
    begunCounts = Array(repeating: 0, count: channels.topology.machineCount)
    let channelCount = max(1, channels.topology.channelCount)
    pendingCountMax = min(256, max(8, 60_000 / channelCount))
  }

  /// The most snapshots that may be under way.
  ///
  /// Each takes some bytes per channel, and every machine searches all of them at each marker.
  package let pendingCountMax: Int

  /// When to call ``handleTime(at:)`` next; never when nothing waits.
  package var nextDeadline: MonotonicInstant {
    min(
      pending.lazy.map(\.deadline).min() ?? .never,
      algorithm.asksForRecords ? requests.nextDue : .never)
  }

  /// Whether a snapshot is under way.
  package var isWaiting: Bool { !pending.isEmpty }

  /// The snapshots under way, in the order in which they began.
  package var underWay: [SnapshotID] { pendingIDs }

  // MARK: Inputs

  /// Asks a machine to begin a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine.
  ///   - now: The time.
  ///   - timeout: After how long it is given up.
  /// - Returns: The snapshot's id or why it is refused, and what to do.
  package mutating func begin(
    by initiator: MachineID, at now: Moment, timeout: TimeSpan
  ) -> (beginning: SnapshotBeginning, effects: [Effect]) {
    guard !dead.contains(initiator) else {
      return (.refused(reason: "machine \(initiator) is dead"), [])
    }
    guard pending.count < pendingCountMax else {
      return (.refused(reason: "\(pendingCountMax) snapshots are under way already"), [])
    }
    if takesOneAtATime, let first = pendingIDs.first {
      return (.refused(reason: "snapshot \(first) is under way"), [])
    }
    begunCounts[initiator.index] =
      1 + (algorithm.usesRounds ? ids.last?.number ?? 0 : begunCounts[initiator.index])
    let id =
      algorithm == .naive
      ? requests.begin(by: initiator, at: now.monotonic)
      : SnapshotID(initiator: initiator, number: begunCounts[initiator.index])
    var gathering = SnapshotGathering(
      id: id, channels: channels, requestedTime: now.system.nanoseconds, algorithm: algorithm,
      earlier: contents)
    for machine in channels.topology.machineIDs where dead.contains(machine) {
      gathering.died(machine)
    }
    ids.append(id)
    pendingIDs.append(id)
    pending.append(Pending(timeout: now.monotonic + timeout, gathering: gathering))
    if !dead.isEmpty { awaitSilence(of: pending.count - 1, at: now) }
    return (.begun(id), algorithm == .naive ? dueRequests(at: now) : [.begin(id)])
  }

  private mutating func dueRequests(at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    while let (id, machine) = requests.popDue(now: now.monotonic) {
      effects.append(.request(id, machine))
    }
    return effects
  }

  /// Applies the state that a machine recorded.
  package mutating func recorded(_ part: RecordedPart, at now: Moment) {
    guard let index = index(of: part.id) else { return }
    pending[index].gathering.recorded(part)
    // The machine has only now sent its markers.
    if !dead.isEmpty { awaitSilence(of: index, at: now) }
  }

  /// Applies the end of a machine's part in a snapshot; nil when the machine refused to record.
  package mutating func finished(
    _ id: SnapshotID, _ part: RecordedPart?, by machine: MachineID, at now: Moment
  ) -> [Effect] {
    guard let index = index(of: id) else { return [] }
    if !dead.isEmpty { awaitSilence(of: index, at: now) }
    if let part {
      pending[index].gathering.finished(part)
    } else {
      pending[index].gathering.refused(by: machine, because: refusalCause)
    }
    return settle(index...index, at: now)
  }

  /// Applies the copy of a message that was in transit to a machine.
  package mutating func caught(
    _ message: RecordedMessage, for id: SnapshotID, by machine: MachineID, at now: Moment
  ) -> [Effect] {
    guard let index = index(of: id) else { return [] }
    pending[index].gathering.caught(message, by: machine)
    return settle(index...index, at: now)
  }

  /// Applies a machine's death; a snapshot that needs it ends partial within ``silence`` after
  /// the last machine has recorded.
  package mutating func died(_ machine: MachineID, at now: Moment) -> [Effect] {
    dead.insert(machine)
    for index in pending.indices {
      pending[index].gathering.died(machine)
      awaitSilence(of: index, at: now)
    }
    return pending.isEmpty ? [] : settle(0...pending.count - 1, at: now)
  }

  /// Gives up the snapshots whose deadline has passed.
  package mutating func handleTime(at now: Moment) -> [Effect] {
    let requests = dueRequests(at: now)
    let late = pending.filter { $0.deadline <= now.monotonic }
    if late.isEmpty { return requests }
    remove { $0.deadline <= now.monotonic }
    return requests + late.flatMap { giveUp($0, because: $0.cause, at: now) }
  }

  /// Ends the run: snapshots under way end partial, with that cause.
  package mutating func endRun(at now: Moment) -> [Effect] {
    let unsettled = pending
    remove { _ in true }
    return unsettled.flatMap { giveUp($0, because: .runEnded, at: now) }
  }

  /// Goes on after the snapshots that the machines of an earlier run began; ids never repeat.
  mutating func goOn(after begunCounts: [UInt32]) { self.begunCounts = begunCounts }

  /// All machines go back to an earlier snapshot and are alive again: those under way end partial.
  package mutating func rollBack(at now: Moment) -> [Effect] {
    let unsettled = pending
    remove { _ in true }
    dead = []
    return unsettled.map { .settled($0.gathering, completedTime: now.system, .rolledBack) }
  }

  /// How many snapshots a machine was asked to begin.
  package func begunCount(of machine: MachineID) -> UInt32 { begunCounts[machine.index] }

  /// How many snapshots are under way.
  package var pendingCount: Int { pending.count }

  /// The parts of a snapshot that is under way; nil when it is not.
  package func gathering(of id: SnapshotID) -> SnapshotGathering? {
    index(of: id).map { pending[$0].gathering }
  }

  /// Whether a snapshot was begun; it may be over.
  package func hasBegun(_ id: SnapshotID) -> Bool {
    // The numbers of a machine's rounds have gaps.
    if algorithm.usesRounds { return ids.contains(id) }
    return begunCounts.indices.contains(id.initiator.index)
      && id.number > 0 && id.number <= begunCounts[id.initiator.index]
  }

  // MARK: Ends

  private mutating func awaitSilence(of index: Int, at now: Moment) {
    pending[index].silenceEnd = now.monotonic + silence
  }

  private func index(of id: SnapshotID) -> Int? { pendingIDs.firstIndex(of: id) }

  private mutating func remove(where isOver: (Pending) -> Bool) {
    pending.removeAll(where: isOver)
    pendingIDs = pending.map(\.gathering.id)
  }

  /// Ends the snapshots at these indices that wait for nothing more.
  private mutating func settle(_ indices: ClosedRange<Int>, at now: Moment) -> [Effect] {
    var effects: [Effect] = []
    for index in indices.reversed() where pending[index].gathering.isSettled {
      let gathering = pending.remove(at: index).gathering
      pendingIDs.remove(at: index)
      if algorithm.usesRounds, gathering.isWhole { contents = gathering.contents }
      effects.insert(
        .settled(gathering, completedTime: now.system, .notReported), at: 0)
    }
    return effects
  }

  private func giveUp(
    _ snapshot: Pending, because cause: MissingCause, at now: Moment
  ) -> [Effect] {
    let gathering = snapshot.gathering
    let waiting = channels.topology.machineIDs.filter { !gathering.isSettled($0) }
    return waiting.map { .abort(gathering.id, cause, $0) }
      + [.settled(gathering, completedTime: now.system, cause)]
  }
}

/// The result of a request for a snapshot.
package enum SnapshotBeginning: Hashable, Sendable {
  /// The snapshot is under way.
  case begun(SnapshotID)
  /// It does not begin, for this reason.
  case refused(reason: String)
}
