/// A counter that never runs behind anything its machine has heard of.
///
/// Each event a machine performs takes the next reading. A message carries the reading of the
/// send that produced it, and receiving it pulls the clock past that reading, so an effect always
/// reads later than its cause. The reverse does not hold: a smaller reading alone proves nothing
/// about cause (``VectorClock`` can prove it, at the price of one counter per machine).
///
/// Readings count *events*, not seconds.
///
/// - Invariant: `reading` never decreases, and every event's reading is greater than the readings
///   of all events that happened before it.
/// - SeeAlso: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
///   CACM 21(7), 1978, rules IR1 and IR2. <https://doi.org/10.1145/359545.359563>
@frozen
public struct LamportClock: CausalClock {
  /// The reading of the latest event, in events; zero before the first.
  @inlinable public var reading: UInt64 { latest }

  /// The stored reading; only the two rules below advance it.
  @usableFromInline var latest: UInt64

  /// Makes a clock that reads `reading`: zero, or a recorded reading to continue from.
  @inlinable
  public init(reading: UInt64 = 0) {
    latest = reading
  }

  /// Advances the clock for an internal event or a send of the machine (IR1).
  ///
  /// - Returns: The reading of the event, which a message sent by it carries (IR2a).
  @inlinable
  @discardableResult
  public mutating func tick() -> UInt64 {
    latest += 1
    return latest
  }

  /// Advances the clock for the receipt of a message (IR2b).
  ///
  /// - Parameter messageReading: The reading the message carries: that of its send.
  /// - Returns: The reading of the receipt: one more than the larger of the clock's own and the
  ///   message's.
  @inlinable
  @discardableResult
  public mutating func tick(receiving messageReading: UInt64) -> UInt64 {
    latest = max(latest, messageReading) + 1
    return latest
  }
}

extension LamportClock {
  /// Ticks, by the rule for a receipt when there is a message.
  public mutating func advance(for event: ClockedEvent, receiving message: LamportClock?) {
    tick(receiving: message?.reading ?? 0)
  }

  /// The order of the readings; concurrent events seem ordered unless their readings are equal.
  public func order(to other: LamportClock) -> CausalOrder {
    CausalOrder(firstLacksSome: reading < other.reading, secondLacksSome: reading > other.reading)
  }

  /// Writes the reading.
  public func encode(into writer: inout StampWriter) {
    writer.write(reading)
  }

  /// Reads a reading.
  public init(decoding reader: inout StampReader) throws(StampError) {
    self.init(reading: try reader.readNumber())
  }
}
