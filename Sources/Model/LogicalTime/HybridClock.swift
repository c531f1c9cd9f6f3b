/// A hybrid logical clock: physical time as long as that respects causes, and a counter where it
/// does not.
///
/// ``time`` is the largest physical time that the event's history has seen, and ``counter``
/// distinguishes events that share it. Stamps compare by time, then by counter. So they are as
/// near to physical time as the physical clocks are to each other, and an effect still reads later
/// than its cause when its machine's physical clock is behind, or steps back. Like
/// ``LamportClock``'s readings they order all events, so a smaller stamp alone proves nothing about
/// cause.
///
/// With physical clocks that differ by at most ε, `time` is at least the machine's own physical
/// time and at most ε above it.
///
/// Its unit is that of the physical times it is given. A new clock is before all of them.
///
/// - Invariant: The stamp never decreases, and every event's is greater than those of all events
///   that happened before it, until both numbers are at their largest.
/// - SeeAlso: S. Kulkarni, M. Demirbas, D. Madappa, B. Avva, M. Leone, "Logical Physical Clocks",
///   OPODIS 2014, figure 5. <https://doi.org/10.1007/978-3-319-14472-6_2>
@frozen
public struct HybridClock: CausalClock, Comparable {
  /// The largest physical time heard of: *l* in the paper.
  @inlinable public var time: Int64 { latestTime }
  /// The number of the event among those that share the time: *c* in the paper.
  @inlinable public var counter: UInt64 { latestCounter }

  @usableFromInline var latestTime: Int64
  @usableFromInline var latestCounter: UInt64

  /// Makes a clock that shows this stamp.
  @inlinable
  public init(time: Int64 = .min, counter: UInt64 = 0) {
    (latestTime, latestCounter) = (time, counter)
  }

  /// Advances the clock for an internal event or a send.
  ///
  /// - Parameter physicalTime: What the machine's physical clock shows; it may have stepped back.
  @inlinable
  public mutating func tick(at physicalTime: Int64) {
    if physicalTime > latestTime {
      (latestTime, latestCounter) = (physicalTime, 0)
    } else if latestCounter < .max {
      latestCounter += 1
    } else {
      // The counter is full, and the next instant begins; at the end of time nothing follows.
      (latestTime, latestCounter) =
        latestTime < .max ? (latestTime + 1, 0) : (latestTime, latestCounter)
    }
  }

  /// Advances the clock for the receipt of a message.
  ///
  /// - Parameters:
  ///   - physicalTime: What the machine's physical clock shows.
  ///   - message: The stamp that the message carries: that of its send.
  @inlinable
  public mutating func tick(at physicalTime: Int64, receiving message: HybridClock) {
    if self < message { self = message }
    tick(at: physicalTime)
  }

  /// Advances the clock for a receipt, unless the message comes from too far in the future.
  ///
  /// A single wrong physical clock can move all others; with a bound, its messages are refused.
  ///
  /// - Parameters:
  ///   - physicalTime: What the machine's physical clock shows.
  ///   - message: The stamp that the message carries.
  ///   - offsetMax: How far its time may be ahead of the physical time.
  /// - Throws: ``HybridClockRefusal``; the clock is as before.
  public mutating func tick(
    at physicalTime: Int64, receiving message: HybridClock, offsetMax: Int64
  ) throws(HybridClockRefusal) {
    let (offset, isBeyond) = message.time.subtractingReportingOverflow(physicalTime)
    let isFuture = message.time > physicalTime
    if isFuture && (isBeyond || offset > offsetMax) {
      throw HybridClockRefusal(offset: isBeyond ? .max : offset, offsetMax: offsetMax)
    }
    tick(at: physicalTime, receiving: message)
  }

  /// Whether the left stamp is the earlier one.
  @inlinable
  public static func < (left: HybridClock, right: HybridClock) -> Bool {
    left.latestTime < right.latestTime
      || left.latestTime == right.latestTime && left.latestCounter < right.latestCounter
  }

  /// Ticks with the event's physical time.
  public mutating func advance(for event: ClockedEvent, receiving message: HybridClock?) {
    if let message, self < message { self = message }
    tick(at: event.physicalTime)
  }

  /// The order of the stamps; it is total, so concurrent events seem ordered.
  public func order(to other: HybridClock) -> CausalOrder {
    CausalOrder(firstLacksSome: self < other, secondLacksSome: other < self)
  }

  /// Writes the time, then the counter.
  public func encode(into writer: inout StampWriter) {
    writer.write(time)
    writer.write(counter)
  }

  /// Reads a stamp; all pairs of numbers are valid.
  public init(decoding reader: inout StampReader) throws(StampError) {
    self.init(time: try reader.readSigned(), counter: try reader.readNumber())
  }
}

/// A hybrid clock's refusal of a message that comes from too far in the future.
public struct HybridClockRefusal: Error, Hashable, Sendable {
  /// How far the message's time is ahead of the receiver's physical time.
  public let offset: Int64
  /// How far it may be.
  public let offsetMax: Int64

  /// Describes a refusal.
  public init(offset: Int64, offsetMax: Int64) {
    (self.offset, self.offsetMax) = (offset, offsetMax)
  }
}
