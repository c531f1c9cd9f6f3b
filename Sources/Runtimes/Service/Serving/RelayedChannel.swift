import LogicalTime
import RunControl
import ScaleModel
import WallTime

/// Relays between two machines that are both other programs, through one of ours: what one
/// sends on its `Channel` goes out on the other's, in order, after its delay.
///
/// - Invariant: The queue for either is bounded: a sender that outpaces its receiver is
///   paused until there is room.
final class RelayedChannel {
  /// The two machines, ascending.
  let machines: [MachineID]
  /// The `Channel` of each, by index; nil before it is opened, and after it has ended.
  private var calls: [AnswerableCall<ChannelFrame>?] = [nil, nil]
  /// The frames in flight to each, by index.
  private var delayLines: [DelayLine<ChannelFrame>]
  private let workload: WorkloadMessages
  /// Whether each has ended its `Channel` after both were open.
  private var haveEnded = [false, false]
  /// Whether any frame was relayed: from then on neither may reconnect.
  private var hasCarried = false

  /// How many frames may wait for their delay before their sender is paused.
  static let heldCountMax = 1 << 16

  /// Prepares the relay for two machines.
  init(_ one: MachineID, _ other: MachineID, plan: RunPlan) {
    let machines = [one, other].sorted()
    self.machines = machines
    workload = WorkloadMessages(of: plan.workload, machineCount: plan.machineCount)
    delayLines = [0, 1].map {
      DelayLine(plan: plan, target: machines[$0], sources: [machines[1 - $0]])
    }
  }

  /// Whether each has a `Channel` to the other.
  var isOpen: Bool { calls[0] != nil && calls[1] != nil }

  /// Adds the `Channel` of one of them; both get hello when both are connected.
  ///
  /// - Returns: Its index in the pair.
  func open(
    _ machine: MachineID, _ call: AnswerableCall<ChannelFrame>
  ) throws(CallStatus) -> Int {
    let index = machine == machines[0] ? 0 : 1
    guard calls[index] == nil else {
      throw CallStatus(
        .alreadyExists, "machine \(machine) has a Channel to \(machines[1 - index]) already")
    }
    guard !haveEnded.contains(true) else {
      throw CallStatus(.unavailable, "the channels of machines \(machines) have ended")
    }
    calls[index] = call
    if isOpen {
      for index in [0, 1] {
        var frame = ChannelFrame()
        frame.hello = Hello(processID: "\(machines[1 - index])")
        calls[index]?.send(frame)
      }
    }
    return index
  }

  /// Receives a frame that the machine at an index sends the other.
  func take(_ frame: ChannelFrame, from index: Int, now: MonotonicInstant) throws(CallStatus) {
    guard isOpen || haveEnded.contains(true) else {
      throw CallStatus(.failedPrecondition, "machine \(machines[1 - index]) has not said hello yet")
    }
    if let message = frame.message {
      _ = try workload.values(of: message)
    } else if let marker = frame.marker {
      _ = try SnapshotMessages.id(marker.snapshotID)
    } else {
      throw CallStatus(.invalidArgument, "expected a message or a marker")
    }
    hasCarried = true
    let isHeld = delayLines[1 - index].hold(
      frame, from: machines[index], isMessage: frame.message != nil, now: now)
    if !isHeld { calls[1 - index]?.send(frame) }
    if isFull(toward: 1 - index, share: 1) { calls[index]?.call.holdInput() }
  }

  private func isFull(toward index: Int, share: Int) -> Bool {
    delayLines[index].count >= Self.heldCountMax / share
      || calls[index]?.call.waitingByteCount ?? 0 >= ForeignMachine.waitingByteCountMax / share
  }

  /// Handles the end of one `Channel`: earlier frames still arrive, then the other's ends as well.
  func close(_ index: Int) {
    haveEnded[index] = isOpen || haveEnded[1 - index]
    calls[index] = nil
    endIfEmpty()
    if !hasCarried && calls[0] == nil && calls[1] == nil { haveEnded = [false, false] }
  }

  private func endIfEmpty() {
    for index in [0, 1] where haveEnded[index] && delayLines[1 - index].count == 0 {
      calls[1 - index]?.fail(
        CallStatus(.unavailable, "machine \(machines[index]) has ended its Channel"))
    }
  }

  // MARK: Time

  /// When the next delay is over; never when nothing waits.
  var nextTime: MonotonicInstant { min(delayLines[0].nextDue, delayLines[1].nextDue) }

  /// Delivers what has been delayed long enough.
  func handleTime(now: MonotonicInstant) {
    for index in [0, 1] {
      while let (_, frame) = delayLines[index].popDue(now: now) { calls[index]?.send(frame) }
    }
    endIfEmpty()
  }

  /// Resumes senders paused by backpressure, when there is room again.
  func flush() {
    for index in [0, 1] where calls[index]?.call.isInputHeld == true {
      if !isFull(toward: 1 - index, share: 2) { calls[index]?.call.resumeInput() }
    }
  }
}
