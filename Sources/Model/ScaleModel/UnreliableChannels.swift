import LogicalTime

/// What the channels of a run that promise less than usual do with what is sent on them: how many
/// copies arrive, and when.
///
/// It is the same in every kind of time: the n-th message of a channel has the same fate and the
/// same delays, and so has the marker of a snapshot.
package struct UnreliableChannels: Sendable {
  /// What a channel remembers of the messages sent on it.
  package struct Memory: Sendable {
    /// When the latest copy put on the channel arrives.
    package var lastDue = RunTime.start
    /// How many messages were sent on it.
    package var messageCount: UInt64 = 0

    /// The memory of a channel that nothing was sent on.
    package init() {}
  }

  /// When the copies of something arrive.
  package struct Arrivals: Hashable, Sendable {
    /// How many copies arrive: 0, 1 or 2.
    package let count: Int
    private let first: RunTime
    private let second: RunTime

    fileprivate init(count: Int, first: RunTime, second: RunTime) {
      (self.count, self.first, self.second) = (count, first, second)
    }

    /// When the copy of this index arrives.
    package subscript(copy: Int) -> RunTime { copy == 0 ? first : second }
  }

  private let promises: ChannelPromises
  private var isOrdered: Bool { promises.order == .fifo }
  private let delay: Delay
  private let seed: UInt64

  /// Makes the channels of a run.
  package init(plan: RunPlan) {
    (promises, delay, seed) = (plan.promises, plan.delay, plan.seed)
  }

  /// Sends a message at `now`; in order, no copy arrives before an earlier message.
  package func send(
    on channel: (source: MachineID, target: MachineID), _ memory: inout Memory, at now: RunTime
  ) -> Arrivals {
    var fate = ChannelFate(
      promises, seed: seed, channel: channel, messageIndex: memory.messageCount)
    let due = nextDue(on: channel, memory, at: now)
    let arrivals = Arrivals(
      count: fate.copyCount, first: due,
      second: isOrdered ? due : ownDue(by: &fate, at: now))
    memory.messageCount += 1
    for copy in 0..<arrivals.count { memory.lastDue = max(memory.lastDue, arrivals[copy]) }
    return arrivals
  }

  /// Sends a marker at `now`; the channel's messages do not depend on it.
  ///
  /// In order, it takes as long as the channel's next message will; without, a delay of its own.
  package func send(
    marker word: UInt64, on channel: (source: MachineID, target: MachineID), _ memory: Memory,
    at now: RunTime
  ) -> Arrivals {
    var fate = ChannelFate(promises, seed: seed, channel: channel, markerWord: word)
    let due =
      isOrdered ? nextDue(on: channel, memory, at: now) : ownDue(by: &fate, at: now)
    return Arrivals(
      count: fate.copyCount, first: due,
      second: isOrdered ? due : ownDue(by: &fate, at: now))
  }

  /// When the channel's next message arrives if it is sent now.
  private func nextDue(
    on channel: (source: MachineID, target: MachineID), _ memory: Memory, at now: RunTime
  ) -> RunTime {
    let transit = delay.transit(
      seed: seed, source: channel.source, target: channel.target, messageIndex: memory.messageCount)
    return Delay.arrival(
      enteringAt: now, behind: isOrdered ? memory.lastDue : now, after: transit)
  }

  /// When a copy with a delay of its own arrives.
  private func ownDue(by fate: inout ChannelFate, at now: RunTime) -> RunTime {
    Delay.arrival(enteringAt: now, behind: now, after: delay.transit(&fate.random))
  }
}
