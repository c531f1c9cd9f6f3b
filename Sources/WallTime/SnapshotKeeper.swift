import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Keeps account of the snapshots of a run, from the request to the file: a value without a clock.
///
/// Every request ends: as a snapshot, complete or partial, or as a refusal.
struct SnapshotKeeper {
  /// What is to be done, in order.
  enum Effect {
    case send(ControlOrder, to: MachineID)
    /// A snapshot is over, complete or partial.
    case settled(SnapshotFile, request: UInt32)
    /// A request came to nothing.
    case refused(request: UInt32, reason: String)
  }

  private struct Request {
    let number: UInt32
    let initiator: MachineID
    let time: Int64
    let deadline: Int64
  }

  private struct Pending {
    let request: UInt32
    var deadline: Int64
    var gathering: SnapshotGathering
    /// Why nobody waits any longer when the deadline has come.
    var cause: MissingCause
  }

  private let channels: TopologyChannels
  private var requests: [Request] = []
  private var pending: [Pending] = []
  private var dead: [MachineID] = []
  private var requestCount: UInt32 = 0
  /// The ids of all snapshots, in the order they were begun.
  private(set) var ids: [SnapshotID] = []

  /// How long a snapshot goes on after a machine has died that may have been needed.
  static let deathNanoseconds: Int64 = 1_000_000_000

  /// Makes a keeper that has no snapshot under way.
  init(channels: TopologyChannels) {
    self.channels = channels
  }

  /// When ``handleTime(now:systemTime:)`` is to be called next; `Int64.max` when nothing waits.
  var nextDeadline: Int64 {
    min(
      requests.map(\.deadline).min() ?? .max, pending.map(\.deadline).min() ?? .max)
  }

  // MARK: Inputs; times are system times, deadlines are on the monotonic clock

  /// Asks a machine to begin a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine.
  ///   - systemTime: The system time now.
  ///   - deadline: When nobody waits for it any longer; `Int64.max` for never.
  /// - Returns: The request's number, and what is to be done.
  mutating func request(
    _ initiator: MachineID, systemTime: Int64, deadline: Int64
  ) -> (request: UInt32, effects: [Effect]) {
    requestCount += 1
    let number = requestCount
    if dead.contains(initiator) {
      return (number, [.refused(request: number, reason: "machine \(initiator) is dead")])
    }
    requests.append(
      Request(number: number, initiator: initiator, time: systemTime, deadline: deadline))
    return (number, [.send(.beginSnapshot(request: number), to: initiator)])
  }

  /// Takes in that a machine has begun the snapshot it was asked for.
  mutating func begun(request number: UInt32, _ id: SnapshotID) {
    guard let place = requests.firstIndex(where: { $0.number == number }) else { return }
    let request = requests.remove(at: place)
    var gathering = SnapshotGathering(id: id, channels: channels, requestedTime: request.time)
    for machine in dead { gathering.died(machine) }
    ids.append(id)
    pending.append(
      Pending(
        request: number, deadline: request.deadline, gathering: gathering, cause: .timedOut))
  }

  /// Takes in the state a machine has recorded.
  mutating func recorded(_ part: RecordedPart) {
    guard let place = place(of: part.id) else { return }
    pending[place].gathering.recorded(part)
  }

  /// Takes in that a machine's part in a snapshot is over.
  mutating func finished(
    _ id: SnapshotID, _ part: RecordedPart?, by machine: MachineID, systemTime: Int64
  ) -> [Effect] {
    guard let place = place(of: id) else { return [] }
    if let part {
      pending[place].gathering.finished(part)
    } else {
      pending[place].gathering.refused(by: machine)
    }
    return settle(systemTime: systemTime)
  }

  /// Takes in that a machine has died; what needs it ends partial within ``deathNanoseconds``.
  mutating func died(_ machine: MachineID, now: Int64, systemTime: Int64) -> [Effect] {
    dead.append(machine)
    let lost = requests.filter { $0.initiator == machine }
    requests.removeAll { $0.initiator == machine }
    for place in pending.indices {
      pending[place].gathering.died(machine)
      if pending[place].deadline > now + Self.deathNanoseconds {
        pending[place].deadline = now + Self.deathNanoseconds
        pending[place].cause = .unreachable
      }
    }
    return lost.map {
      .refused(request: $0.number, reason: "machine \(machine) died before it began")
    } + settle(systemTime: systemTime)
  }

  /// Gives up what nobody waits for any longer.
  mutating func handleTime(now: Int64, systemTime: Int64) -> [Effect] {
    let late = requests.filter { $0.deadline <= now }
    requests.removeAll { $0.deadline <= now }
    var effects: [Effect] = late.map {
      .refused(request: $0.number, reason: "machine \($0.initiator) did not begin it in time")
    }
    for snapshot in pending where snapshot.deadline <= now {
      effects += giveUp(snapshot, because: snapshot.cause, systemTime: systemTime)
    }
    pending.removeAll { $0.deadline <= now }
    return effects
  }

  /// Takes in that the run is over: what is not settled is partial for that reason.
  mutating func endRun(systemTime: Int64) -> [Effect] {
    var effects: [Effect] = requests.map {
      .refused(request: $0.number, reason: "the run ended first")
    }
    for snapshot in pending {
      effects += giveUp(snapshot, because: .runEnded, systemTime: systemTime)
    }
    requests = []
    pending = []
    return effects
  }

  // MARK: Ends

  private func place(of id: SnapshotID) -> Int? { pending.firstIndex { $0.gathering.id == id } }

  private mutating func settle(systemTime: Int64) -> [Effect] {
    let settled = pending.filter(\.gathering.isSettled)
    pending.removeAll(where: \.gathering.isSettled)
    return settled.map { snapshot in
      .settled(
        snapshot.gathering.file(completedTime: systemTime, cause: .notReported),
        request: snapshot.request)
    }
  }

  private func giveUp(
    _ snapshot: Pending, because cause: MissingCause, systemTime: Int64
  ) -> [Effect] {
    let gathering = snapshot.gathering
    let waiting = channels.topology.machineIDs.filter { !gathering.isSettled($0) }
    return waiting.map { .send(.abortSnapshot(gathering.id, cause), to: $0) }
      + [
        .settled(
          gathering.file(completedTime: systemTime, cause: cause), request: snapshot.request)
      ]
  }
}
