/// A vector clock of fixed size: several machines share a counter.
///
/// Machine *i* counts its events in entry *i* modulo the number of entries. Otherwise it works as a
/// ``VectorClock``, which it is when there are at least as many entries as machines. With fewer, it
/// orders some concurrent events; the fewer, the more. With one entry it is a ``LamportClock``.
///
/// - Invariant: No counter ever decreases, and an effect's counters are those of its cause or
///   larger, at least one of them larger.
/// - SeeAlso: F. Torres-Rojas, M. Ahamad, "Plausible Clocks: Constant Size Logical Clocks for
///   Distributed Systems", Distributed Computing 12, 1999: the R-entries vector.
///   <https://doi.org/10.1007/s004460050065>
public struct PlausibleClock: CausalClock {
  /// The machine whose clock it is.
  public let machine: MachineID
  /// The counters, in events; at least one.
  public private(set) var counts: [UInt64]

  /// Makes the clock of a machine that has seen nothing yet.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - entryCount: How many counters the machines share; less than one counts as one.
  public init(of machine: MachineID, entryCount: Int) {
    self.machine = machine
    counts = Array(repeating: 0, count: max(1, entryCount))
  }

  /// Advances the clock for an event.
  ///
  /// - Parameter message: The stamp of the send that the event receives; nil for any other event.
  public mutating func tick(receiving message: PlausibleClock? = nil) {
    if let message { counts.raise(to: message.counts) }
    let entry = machine.index % counts.count
    counts[entry] = counts[entry].nextOrLargest
  }

  /// Ticks.
  public mutating func advance(for event: ClockedEvent, receiving message: PlausibleClock?) {
    tick(receiving: message)
  }

  /// The order of the counters, entry by entry; equal ones of different machines are concurrent.
  public func order(to other: PlausibleClock) -> CausalOrder {
    let order = counts.order(to: other.counts)
    return order == .same && machine != other.machine ? .concurrent : order
  }

  /// Writes the machine and the counters.
  public func encode(into writer: inout StampWriter) {
    writer.write(UInt64(machine.number))
    writer.write(counts)
  }

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when there is none, or it has no counter.
  public init(decoding reader: inout StampReader) throws(StampError) {
    machine = try reader.readMachine()
    counts = try reader.readNumbers()
    if counts.isEmpty { throw .impossibleValue(offset: reader.offset) }
  }
}
