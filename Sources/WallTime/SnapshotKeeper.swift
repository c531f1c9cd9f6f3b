import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Keeps account of the snapshots of a run, from the request to the file: a value without a clock.
///
/// A machine numbers the snapshots it begins, and begins them in the order it is asked to; so the
/// keeper knows a snapshot's id when it asks, and parts may come from other machines first. Every
/// snapshot ends, complete or partial.
struct SnapshotKeeper {
  /// What is to be done, in order.
  enum Effect {
    case send(ControlOrder, to: MachineID)
    /// A snapshot is over, complete or partial.
    case settled(SnapshotFile)
  }

  private struct Pending {
    /// When whoever asked for it does not wait any longer, on the monotonic clock.
    let timeout: Int64
    /// When it is out of reach unless another machine records; `Int64.max` while all machines live.
    var silenceEnd = Int64.max
    var gathering: SnapshotGathering

    /// When nobody waits for it any longer.
    var deadline: Int64 { min(timeout, silenceEnd) }
    /// Why nobody waits any longer then.
    var cause: MissingCause { silenceEnd < timeout ? .unreachable : .timedOut }
  }

  private let channels: TopologyChannels
  private var pending: [Pending] = []
  /// The ids of those, in the same order: many parts look for theirs.
  private var pendingIDs: [SnapshotID] = []
  private var dead: Set<MachineID> = []
  /// How many snapshots each machine was asked to begin, in id order.
  private var begunCounts: [UInt32]
  /// The ids of all snapshots, in the order they were begun.
  private(set) var ids: [SnapshotID] = []

  /// How long a snapshot that a dead machine may have been needed for goes on without any machine
  /// recording: until every marker on its way has arrived, and a second more.
  let silenceNanoseconds: Int64

  /// Makes a keeper that has no snapshot under way.
  ///
  /// - Parameters:
  ///   - channels: Knows the machines and the channels between them.
  ///   - delay: How long markers are on their way.
  init(channels: TopologyChannels, delay: Delay) {
    self.channels = channels
    silenceNanoseconds =
      1_000_000_000 + delay.longest(channelCount: channels.topology.channelCount).nanoseconds
    begunCounts = Array(repeating: 0, count: channels.topology.machineCount)
    let channelCount = max(1, channels.topology.channelCount)
    pendingCountMax = min(256, max(8, 60_000 / channelCount))
  }

  /// How many snapshots may be under way.
  ///
  /// Each takes some bytes for every channel, and every machine looks through all of them at each
  /// marker.
  let pendingCountMax: Int

  /// When ``handleTime(now:systemTime:)`` is to be called next; `Int64.max` when nothing waits.
  var nextDeadline: Int64 { pending.map(\.deadline).min() ?? .max }

  /// Whether a snapshot is under way.
  var isWaiting: Bool { !pending.isEmpty }

  // MARK: Inputs; times are system times, deadlines are on the monotonic clock

  /// Asks a machine to begin a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine.
  ///   - now: The monotonic time now.
  ///   - systemTime: The system time now.
  ///   - deadline: When nobody waits for it any longer; `Int64.max` for never.
  /// - Returns: The snapshot's id or why there is none, and what is to be done.
  mutating func begin(
    by initiator: MachineID, now: Int64, systemTime: Int64, deadline: Int64
  ) -> (beginning: SnapshotBeginning, effects: [Effect]) {
    guard !dead.contains(initiator) else {
      return (.refused(reason: "machine \(initiator) is dead"), [])
    }
    guard pending.count < pendingCountMax else {
      return (.refused(reason: "\(pendingCountMax) snapshots are under way already"), [])
    }
    begunCounts[initiator.index] += 1
    let id = SnapshotID(initiator: initiator, number: begunCounts[initiator.index])
    var gathering = SnapshotGathering(id: id, channels: channels, requestedTime: systemTime)
    for machine in channels.topology.machineIDs where dead.contains(machine) {
      gathering.died(machine)
    }
    ids.append(id)
    pendingIDs.append(id)
    pending.append(Pending(timeout: deadline, gathering: gathering))
    if !dead.isEmpty { awaitSilence(of: pending.count - 1, now: now) }
    return (.begun(id), [.send(.beginSnapshot, to: initiator)])
  }

  /// Takes in the state a machine has recorded.
  mutating func recorded(_ part: RecordedPart, now: Int64) {
    guard let place = place(of: part.id) else { return }
    pending[place].gathering.recorded(part)
    // Its markers are on their way only now.
    if !dead.isEmpty { awaitSilence(of: place, now: now) }
  }

  /// Takes in that a machine's part in a snapshot is over.
  mutating func finished(
    _ id: SnapshotID, _ part: RecordedPart?, by machine: MachineID, now: Int64, systemTime: Int64
  ) -> [Effect] {
    guard let place = place(of: id) else { return [] }
    if !dead.isEmpty { awaitSilence(of: place, now: now) }
    if let part {
      pending[place].gathering.finished(part)
    } else {
      pending[place].gathering.refused(by: machine)
    }
    return settle(place...place, systemTime: systemTime)
  }

  /// Takes in that a machine has died; what needs it ends partial within ``silenceNanoseconds``
  /// after the last machine has recorded.
  mutating func died(_ machine: MachineID, now: Int64, systemTime: Int64) -> [Effect] {
    dead.insert(machine)
    for place in pending.indices {
      pending[place].gathering.died(machine)
      awaitSilence(of: place, now: now)
    }
    return pending.isEmpty ? [] : settle(0...pending.count - 1, systemTime: systemTime)
  }

  /// Gives up what nobody waits for any longer.
  mutating func handleTime(now: Int64, systemTime: Int64) -> [Effect] {
    let late = pending.filter { $0.deadline <= now }
    if late.isEmpty { return [] }
    remove { $0.deadline <= now }
    return late.flatMap { giveUp($0, because: $0.cause, systemTime: systemTime) }
  }

  /// Takes in that the run is over: what is not settled is partial for that reason.
  mutating func endRun(systemTime: Int64) -> [Effect] {
    let unsettled = pending
    remove { _ in true }
    return unsettled.flatMap { giveUp($0, because: .runEnded, systemTime: systemTime) }
  }

  /// How many snapshots are under way.
  var pendingCount: Int { pending.count }

  /// How a snapshot stands, with what there is of one that is under way.
  func standing(of id: SnapshotID, systemTime: Int64) -> SnapshotStanding {
    if let place = place(of: id) {
      return .underWay(
        pending[place].gathering.file(completedTime: systemTime, cause: .notReported))
    }
    let begunCount =
      begunCounts.indices.contains(id.initiator.index)
      ? begunCounts[id.initiator.index] : 0
    return id.number > 0 && id.number <= begunCount ? .over : .unknown
  }

  // MARK: Ends

  private mutating func awaitSilence(of place: Int, now: Int64) {
    pending[place].silenceEnd = now + silenceNanoseconds
  }

  private func place(of id: SnapshotID) -> Int? { pendingIDs.firstIndex(of: id) }

  private mutating func remove(where isOver: (Pending) -> Bool) {
    pending.removeAll(where: isOver)
    pendingIDs = pending.map(\.gathering.id)
  }

  /// Ends those of some places that have nothing left to wait for.
  private mutating func settle(_ places: ClosedRange<Int>, systemTime: Int64) -> [Effect] {
    var effects: [Effect] = []
    for place in places.reversed() where pending[place].gathering.isSettled {
      let gathering = pending.remove(at: place).gathering
      pendingIDs.remove(at: place)
      effects.insert(
        .settled(gathering.file(completedTime: systemTime, cause: .notReported)), at: 0)
    }
    return effects
  }

  private func giveUp(
    _ snapshot: Pending, because cause: MissingCause, systemTime: Int64
  ) -> [Effect] {
    let gathering = snapshot.gathering
    let waiting = channels.topology.machineIDs.filter { !gathering.isSettled($0) }
    return waiting.map { .send(.abortSnapshot(gathering.id, cause), to: $0) }
      + [.settled(gathering.file(completedTime: systemTime, cause: cause))]
  }
}
