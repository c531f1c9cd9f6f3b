import LogicalTime
import ScaleModel

/// Holds back arrivals on a machine's channels until their delay is over, and until no partition
/// severs the channel; each channel keeps order.
///
/// The receiver, or its proxy, holds items back, so items in transit still arrive after their
/// sender died. Where a plan's channels promise less than usual, the sender does
/// (``Departures``), and this line holds only what comes while a channel is cut.
///
/// - Invariant: On each channel, due times never decrease from one item to the next.
@usableFromInline
package struct DelayLine<Item> {
  @usableFromInline let delay: Delay
  @usableFromInline var seed: UInt64
  @usableFromInline let target: MachineID
  @usableFromInline var channels: [Channel]
  private let partitions: [Partition]
  /// The run's start, from which partitions count.
  private var start = MonotonicInstant(nanoseconds: 0)
  /// How many items are held back.
  @usableFromInline package internal(set) var count = 0

  @usableFromInline
  struct Channel {
    @usableFromInline let source: MachineID
    @usableFromInline var messageCount: UInt64 = 0
    @usableFromInline var lastDue = MonotonicInstant.always
    @usableFromInline var waiting = Ring<(due: MonotonicInstant, item: Item)>()
    /// Whether the channel is cut: what it carries waits until it is joined again.
    @usableFromInline var isCut = false

    @inlinable
    init(source: MachineID) { self.source = source }

    @inlinable var nextDue: MonotonicInstant {
      isCut ? .never : waiting.first?.due ?? .never
    }
  }

  /// Makes the delay lines of all channels to one machine.
  ///
  /// - Parameters:
  ///   - plan: Says how long messages are on their way.
  ///   - target: The machine they lead to.
  ///   - sources: The machines they come from.
  package init(plan: RunPlan, target: MachineID, sources: [MachineID]) {
    // Where the sender holds items back, only a cut holds them here.
    delay = plan.promises.drawsFates ? .none : plan.delay
    partitions = plan.promises.drawsFates ? [] : Partition.all(of: plan)
    seed = plan.seed
    self.target = target
    channels = delay != .none || !partitions.isEmpty ? sources.map { Channel(source: $0) } : []
  }

  /// The run begins.
  package mutating func begin(at now: MonotonicInstant) { start = now }

  /// Another epoch of a run that began then; its messages have delays of their own.
  mutating func beginEpoch(_ epoch: UInt32, ofRunAt start: MonotonicInstant) {
    begin(at: start)
    seed = SplitMix64.mixed(seed ^ UInt64(epoch))
  }

  /// Whether anything can be held back.
  @inlinable package var holdsBack: Bool { !channels.isEmpty }

  /// When the first item is due; never when none waits.
  @inlinable package var nextDue: MonotonicInstant {
    channels.reduce(.never) { min($0, $1.nextDue) }
  }

  /// Cuts the channel from a machine, or joins it again: what has waited meanwhile is due at once.
  package mutating func setCut(_ isCut: Bool, from source: MachineID) {
    if let index = channels.firstIndex(where: { $0.source == source }) {
      channels[index].isCut = isCut
    } else if isCut {
      channels.append(Channel(source: source))
      channels[channels.count - 1].isCut = true
    }
  }

  /// Holds an item back.
  ///
  /// - Parameters:
  ///   - item: What arrived.
  ///   - source: The machine it came from.
  ///   - isMessage: Whether it is a message, whose delay is drawn; a marker takes the delay that
  ///     the next message will draw, and so makes no message later.
  ///   - now: When it arrived.
  /// - Returns: Whether it is held back; if not, it has arrived.
  @inlinable
  package mutating func hold(
    _ item: Item, from source: MachineID, isMessage: Bool, now: MonotonicInstant
  ) -> Bool {
    guard let index = channels.firstIndex(where: { $0.source == source }) else { return false }
    let transit = delay.transit(
      seed: seed, source: source, target: target, messageIndex: channels[index].messageCount)
    let due = Delay.arrival(enteringAt: now, behind: channels[index].lastDue, after: transit)
    channels[index].lastDue = due
    channels[index].waiting.append((passage(due: due, source: source), item))
    if isMessage { channels[index].messageCount += 1 }
    count += 1
    return true
  }

  /// When something due from a machine gets through all partitions.
  @usableFromInline
  func passage(due: MonotonicInstant, source: MachineID) -> MonotonicInstant {
    partitions.isEmpty
      ? due
      : start.at(
        partitions.passage(due: start.runTime(at: due), source: source, target: target))
  }

  /// Removes and returns the item that is due first, if it is due at `now` or before.
  @inlinable
  package mutating func popDue(now: MonotonicInstant) -> (source: MachineID, item: Item)? {
    guard let index = channels.indices.min(by: { channels[$0].nextDue < channels[$1].nextDue }),
      channels[index].nextDue <= now, let item = channels[index].waiting.popFirst()?.item
    else { return nil }
    count -= 1
    return (channels[index].source, item)
  }
}
