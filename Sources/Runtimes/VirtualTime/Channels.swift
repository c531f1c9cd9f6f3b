import LogicalTime
import ScaleModel
import Snapshots

/// What is on its way between machines, and when it arrives.
///
/// Channels are reliable and keep their order: nothing arrives before what was put on the same
/// channel earlier. Memory per channel is only needed when the delay is random.
struct Channels<Payload: Hashable & Sendable> {
  /// Something on its way to a machine.
  struct InFlight {
    /// What travels on channels.
    enum Content {
      /// A message of the machines' own; it goes into the target's inbox.
      case message(Message<Payload>)
      /// A marker of a snapshot.
      case marker(SnapshotID, source: MachineID)
      /// The channel's end: its source is dead.
      case end(source: MachineID)
    }

    let target: MachineID
    let content: Content
  }

  /// Whether whatever is sent arrives at once, always.
  let areImmediate: Bool
  /// What is on its way.
  private(set) var inFlight: Agenda<InFlight>

  private let delay: Delay
  private let seed: UInt64
  /// The run's duration: what is due later does not arrive in it.
  private let lastNanoseconds: Int64
  private let partitions: [Partition]
  /// What partitions did so far: one per planned fault, in their order.
  private(set) var faultCounts: [FaultCounts]
  /// What each channel needs to remember when the delay is random, in the order of channels.
  private var memories: [ChannelMemory]

  private struct ChannelMemory {
    /// When the latest message put on the channel arrives, in nanoseconds since the run's start.
    var lastDue: Int64 = 0
    /// How many messages were put on it.
    var messageCount: UInt64 = 0
  }

  /// Makes the channels of a run; nothing is on its way.
  init(plan: RunPlan, faults: [Fault]) {
    partitions = Partition.all(of: faults, machineCount: plan.machineCount)
    faultCounts = Array(repeating: FaultCounts(), count: faults.count)
    lastNanoseconds = plan.duration.nanoseconds
    delay = plan.delay
    seed = plan.seed
    switch plan.delay {
    case .none, .constant:
      memories = []
    case .uniform, .exponential:
      memories = Array(repeating: ChannelMemory(), count: plan.topology.channelCount)
    }
    areImmediate = plan.delay == .none && partitions.isEmpty
    inFlight = Agenda(addsInOrder: memories.isEmpty && partitions.isEmpty)
  }

  /// Takes what arrives next; nil when nothing is on its way.
  mutating func popFirst() -> InFlight? { inFlight.popFirst() }

  /// How many bytes the channels take, messages in flight included.
  var byteCount: Int {
    memories.count * MemoryLayout<ChannelMemory>.stride + inFlight.byteCount
  }

  /// Puts `message` on a channel, unless it is there at once.
  ///
  /// - Parameters:
  ///   - message: What its source sends now.
  ///   - target: Where the channel leads to.
  ///   - channelIndex: The channel's place among all channels.
  ///   - now: The time, in nanoseconds since the run's start.
  /// - Returns: Whether the message is on its way; if not, it arrives now.
  mutating func put(
    _ message: Message<Payload>, target: MachineID, channelIndex: Int, now: Int64
  ) -> Bool {
    let due = due(
      source: message.source, target: target, channelIndex: channelIndex, now: now)
    if !memories.isEmpty {
      memories[channelIndex].lastDue = due
      memories[channelIndex].messageCount += 1
    }
    let passage = passage(
      due: due, source: message.source, target: target, counting: \.messagesHeld)
    if passage <= now { return false }
    inFlight.add(InFlight(target: target, content: .message(message)), dueNanoseconds: passage)
    return true
  }

  /// Puts a marker, or its end, on a channel behind every message sent before.
  ///
  /// It takes as long as the next message on the channel will take, so that no message is ever
  /// later for its sake. It may be due now; whoever delivers what is due finds it.
  mutating func put(
    _ content: InFlight.Content, source: MachineID, target: MachineID, channelIndex: Int, now: Int64
  ) {
    let due = due(source: source, target: target, channelIndex: channelIndex, now: now)
    var count: WritableKeyPath<FaultCounts, UInt64>?
    if case .marker = content { count = \.markersHeld }
    inFlight.add(
      InFlight(target: target, content: content),
      dueNanoseconds: passage(due: due, source: source, target: target, counting: count))
  }

  /// When the next message on a channel arrives if it is sent now, partitions aside.
  private func due(source: MachineID, target: MachineID, channelIndex: Int, now: Int64) -> Int64 {
    switch delay {
    case .none:
      return now
    case .constant(let span):
      return Delay.arrival(enteringAt: now, behind: now, after: span.nanoseconds)
    case .uniform, .exponential:
      let memory = memories[channelIndex]
      let transit = delay.nanoseconds(
        seed: seed, source: source, target: target, place: memory.messageCount)
      return Delay.arrival(enteringAt: now, behind: memory.lastDue, after: transit)
    }
  }

  /// When something due then gets through all partitions.
  ///
  /// Each partition that holds it counts it, unless it was due after the run's end anyway.
  private mutating func passage(
    due: Int64, source: MachineID, target: MachineID,
    counting count: WritableKeyPath<FaultCounts, UInt64>?
  ) -> Int64 {
    var passage = due
    for partition in partitions {
      let later = partition.passage(dueNanoseconds: passage, source: source, target: target)
      if later > passage, passage <= lastNanoseconds, let count {
        faultCounts[partition.fault][keyPath: count] += 1
      }
      passage = later
    }
    return passage
  }
}
