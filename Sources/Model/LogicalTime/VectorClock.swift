/// What one machine knows of every machine's events: one counter each.
///
/// Entry *i* counts the events of machine *i* that happened before, or are, the clock's latest
/// event. Unlike a ``LamportClock``, comparing two vector clocks decides exactly whether one
/// event happened before the other.
///
/// Not a version vector: it counts events of a run, not updates of a datum.
///
/// - Invariant: No entry ever decreases, and only machine *i* itself advances entry *i*.
/// - SeeAlso: C. Fidge, "Timestamps in Message-Passing Systems That Preserve the Partial
///   Ordering", 1988; F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989.
public struct VectorClock: CausalClock {
  /// The counters, in events: one per machine, in id order.
  public private(set) var counts: [UInt64]

  /// Makes the clock of a machine that has seen nothing yet.
  ///
  /// - Parameter machineCount: How many machines the run has.
  public init(machineCount: Int) {
    counts = Array(repeating: 0, count: machineCount)
  }

  /// Makes a clock from recorded counters: one per machine, in id order.
  public init(counts: [UInt64]) {
    self.counts = counts
  }

  /// The number of `machine`'s events known to this clock.
  public subscript(machine: MachineID) -> UInt64 { counts[machine.index] }

  /// Advances the clock for an internal event or a send of `machine`.
  public mutating func tick(at machine: MachineID) {
    counts[machine.index] += 1
  }

  /// Advances the clock of `machine` for a receipt.
  ///
  /// It learns all the message knew, then counts the receipt itself. `message` is the clock of the
  /// send.
  public mutating func tick(at machine: MachineID, receiving message: VectorClock) {
    merge(message)
    counts[machine.index] += 1
  }

  /// Learns everything `other` knows; no event is counted.
  ///
  /// - Precondition: Both clocks belong to runs of equally many machines.
  public mutating func merge(_ other: VectorClock) {
    precondition(
      counts.count == other.counts.count, "Vector clocks of different runs cannot be merged")
    counts.raise(to: other.counts)
  }

  /// How this clock's event relates to the event of `other`.
  ///
  /// - Precondition: Both clocks belong to runs of equally many machines.
  public func order(to other: VectorClock) -> CausalOrder {
    precondition(
      counts.count == other.counts.count, "Vector clocks of different runs cannot be compared")
    return counts.order(to: other.counts)
  }

  /// Whether this clock's event could have influenced the event of `other`.
  public func happenedBefore(_ other: VectorClock) -> Bool { order(to: other) == .before }

  /// Whether neither event could have influenced the other.
  public func isConcurrent(with other: VectorClock) -> Bool { order(to: other) == .concurrent }
}

extension VectorClock {
  /// Ticks at the event's machine.
  ///
  /// - Precondition: The machine is one of the clock's, and so are those of the message.
  public mutating func advance(for event: ClockedEvent, receiving message: VectorClock?) {
    if let message { merge(message) }
    tick(at: event.machine)
  }

  /// Writes the counters.
  public func encode(into writer: inout StampWriter) {
    writer.write(counts)
  }

  /// Reads counters.
  public init(decoding reader: inout StampReader) throws(StampError) {
    counts = try reader.readNumbers()
  }
}
