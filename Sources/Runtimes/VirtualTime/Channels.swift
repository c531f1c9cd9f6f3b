import LogicalTime
import ScaleModel
import Snapshots

/// What is in flight between machines, and when it arrives.
///
/// Channels are reliable and FIFO, unless the plan says otherwise: nothing arrives before what was
/// sent earlier on the same channel. Memory per channel is only needed when the delay is random, or
/// channels promise less.
struct Channels<Payload: Hashable & Sendable> {
  /// An item in flight to a machine.
  struct InFlight {
    /// What travels on channels.
    enum Content {
      /// A message of the workload; it goes into the target's inbox.
      case message(Message<Payload>)
      /// A marker of a snapshot.
      case marker(SnapshotID, source: MachineID)
      /// The channel's end: its source is dead.
      case end(source: MachineID)
      /// No item of a channel: the initiator's wait for a snapshot is over.
      case timeout(SnapshotID)
    }

    let target: MachineID
    let content: Content
  }

  /// Whether everything sent arrives at once, always.
  let areImmediate: Bool
  /// What is in flight, by arrival time.
  var inFlight: Agenda<InFlight>
  /// What a block of machines sends in a window; closed where all machines are in one.
  var outbox = Outbox<InFlight>()
  /// How many markers and ends of channels are in flight.
  var controlCount = 0

  /// What the channels promise.
  let promises: ChannelPromises
  /// How many messages were lost on their way.
  var lostCount: UInt64 = 0
  /// How many messages arrived, or will, twice.
  var doubledCount: UInt64 = 0

  private let unreliable: UnreliableChannels
  /// The plan of a run that loses markers: its snapshots time out.
  private let losingPlan: RunPlan?
  let delay: Delay
  private var seed: UInt64
  /// The run's end: what is due later does not arrive.
  private let end: RunTime
  private let partitions: [Partition]
  /// What partitions have done so far: one entry per planned fault, in their order.
  var faultCounts: [FaultCounts]
  /// Per channel, what a random delay must remember.
  private let memories: ChannelMemories

  /// Makes the channels of a run, with nothing in flight.
  ///
  /// - Parameters:
  ///   - plan: What the run does.
  ///   - isRestored: Whether messages are put on the channels that were sent before the start.
  init(plan: RunPlan, isRestored: Bool = false) {
    partitions = Partition.all(of: plan)
    faultCounts = Array(repeating: FaultCounts(), count: plan.faults.count)
    end = plan.end
    delay = plan.delay
    seed = plan.seed
    promises = plan.promises
    unreliable = UnreliableChannels(plan: plan)
    losingPlan = plan.promises.loss > 0 ? plan : nil
    switch plan.delay {
    case .none where promises.isUsual, .constant where promises.isUsual:
      memories = ChannelMemories(channelCount: 0)
    case .none, .constant, .uniform, .exponential:
      memories = ChannelMemories(channelCount: plan.topology.channelCount)
    }
    areImmediate = plan.delay == .none && partitions.isEmpty && promises.isUsual
    inFlight = Agenda(addsInOrder: memories.isEmpty && partitions.isEmpty && !isRestored)
  }

  /// Forgets all that is in flight and was; delays are drawn from that seed from now on.
  mutating func goBack(seed: UInt64) {
    self.seed = seed
    inFlight = Agenda(addsInOrder: false)
    controlCount = 0
    memories.forget()
  }

  /// Removes and returns what arrives next; nil when nothing is in flight.
  mutating func popFirst() -> InFlight? {
    let item = inFlight.popFirst()
    switch item?.content {
    case .marker, .end: controlCount -= 1
    case .message, .timeout, nil: break
    }
    return item
  }

  /// Puts something in flight.
  private mutating func add(
    _ content: InFlight.Content, to target: MachineID, due: RunTime
  ) {
    let item = InFlight(target: target, content: content)
    if outbox.isOpen {
      outbox.add(item, to: target, due: due)
    } else {
      inFlight.add(item, due: due)
    }
  }

  /// Loses the message that would arrive next on a channel.
  ///
  /// - Returns: Whether one was on its way.
  mutating func lose(from source: MachineID, to target: MachineID) -> Bool {
    let hasLost = inFlight.removeFirst { item in
      if case .message(let message) = item.content {
        item.target == target && message.source == source
      } else {
        false
      }
    }
    if hasLost { lostCount += 1 }
    return hasLost
  }

  /// How many bytes the channels occupy, messages in flight included.
  var byteCount: Int {
    memories.byteCount + inFlight.byteCount
  }

  /// Sends `message` on a channel, unless it arrives at once.
  ///
  /// - Parameters:
  ///   - message: What its source sends now.
  ///   - target: The channel's receiver.
  ///   - channelIndex: The channel's index among all channels.
  ///   - now: The time.
  /// - Returns: Whether the message is in flight; if not, it arrives now.
  mutating func put(
    _ message: Message<Payload>, target: MachineID, channelIndex: Int, now: RunTime
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
    add(.message(message), to: target, due: passage)
    return true
  }

  /// Sends `message` on a channel that promises less than usual.
  ///
  /// - Returns: How many copies there are, and how many of them arrive now; the others are in
  ///   flight.
  mutating func putUnreliably(
    _ message: Message<Payload>, target: MachineID, channelIndex: Int, now: RunTime
  ) -> (copyCount: Int, arrivingCount: Int) {
    let source = message.source
    let arrivals = unreliable.send(
      on: (source, target), &memories[channelIndex], at: now)
    if arrivals.count == 0 { lostCount += 1 }
    if arrivals.count == 2 { doubledCount += 1 }
    var arrivingCount = 0
    for copy in 0..<arrivals.count {
      let passage = passage(
        due: arrivals[copy], source: source, target: target, counting: \.messagesHeld)
      if passage <= now {
        arrivingCount += 1
      } else {
        add(.message(message), to: target, due: passage)
      }
    }
    return (arrivals.count, arrivingCount)
  }

  /// Puts a marker on a channel that promises less than usual: it may be lost or doubled, and
  /// without order it takes a delay of its own.
  ///
  /// - Returns: How many copies arrive now; none unless `canArriveNow`.
  mutating func putUnreliably(
    marker id: SnapshotID, source: MachineID, target: MachineID, channelIndex: Int, now: RunTime,
    canArriveNow: Bool
  ) -> Int {
    let arrivals = unreliable.send(
      marker: id.word, on: (source, target), memories[channelIndex], at: now)
    var arrivingCount = 0
    for copy in 0..<arrivals.count {
      let passage = passage(
        due: arrivals[copy], source: source, target: target, counting: \.markersHeld)
      if canArriveNow && passage <= now {
        arrivingCount += 1
      } else {
        add(.marker(id, source: source), to: target, due: passage)
        controlCount += 1
      }
    }
    return arrivingCount
  }

  /// Begins the wait for a snapshot, where markers may be lost.
  mutating func putTimeout(of id: SnapshotID, now: RunTime) {
    guard let losingPlan else { return }
    let patience = losingPlan.snapshotTimeout(by: id.initiator)
    let due = Delay.arrival(enteringAt: now, behind: now, after: patience)
    add(.timeout(id), to: id.initiator, due: due)
  }

  /// Puts a marker, or the channel's end, behind every message sent before.
  ///
  /// It takes as long as the channel's next message will, so it never delays a message. It may be
  /// due now; unless it can arrive now, the next delivery pass finds it.
  ///
  /// - Returns: Whether it is in flight; if not, it arrives now.
  @discardableResult
  mutating func put(
    _ content: InFlight.Content, source: MachineID, target: MachineID, channelIndex: Int,
    now: RunTime, canArriveNow: Bool = false
  ) -> Bool {
    var due = due(source: source, target: target, channelIndex: channelIndex, now: now)
    if !promises.isOrdered { due = max(due, memories[channelIndex].lastDue) }
    var count: WritableKeyPath<FaultCounts, UInt64>?
    if case .marker = content { count = \.markersHeld }
    let passage = passage(due: due, source: source, target: target, counting: count)
    if canArriveNow && passage <= now { return false }
    add(content, to: target, due: passage)
    controlCount += 1
    return true
  }

  /// When the next message on a channel arrives if it is sent now, partitions aside.
  private func due(source: MachineID, target: MachineID, channelIndex: Int, now: RunTime) -> RunTime
  {
    switch delay {
    case .none:
      return now
    case .constant(let span):
      return Delay.arrival(enteringAt: now, behind: now, after: span)
    case .uniform, .exponential:
      let memory = memories[channelIndex]
      let transit = delay.transit(
        seed: seed, source: source, target: target, messageIndex: memory.messageCount)
      return Delay.arrival(
        enteringAt: now, behind: promises.isOrdered ? memory.lastDue : now, after: transit)
    }
  }

  /// When something due at a given time gets through all partitions.
  ///
  /// Each partition that holds it counts it, unless it was due after the run's end anyway.
  private mutating func passage(
    due: RunTime, source: MachineID, target: MachineID,
    counting count: WritableKeyPath<FaultCounts, UInt64>?
  ) -> RunTime {
    var passage = due
    for partition in partitions {
      let later = partition.passage(due: passage, source: source, target: target)
      if later > passage, passage <= end, let count {
        faultCounts[partition.fault][keyPath: count] += 1
      }
      passage = later
    }
    return passage
  }
}
