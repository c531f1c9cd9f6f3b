/// What one machine knows of what every machine knows: a ``VectorClock`` for each.
///
/// Row *i* is the latest vector clock of machine *i* that this machine has heard of; its own row is
/// its own vector clock, and decides the order of events. What all rows know, all machines know: a
/// machine can drop what it kept for the others (``countKnownToAll(of:)``).
///
/// - Invariant: No counter ever decreases.
/// - SeeAlso: G. Wuu, A. Bernstein, "Efficient Solutions to the Replicated Log and Dictionary
///   Problems", PODC 1984. <https://doi.org/10.1145/800222.806750>
public struct MatrixClock: CausalClock {
  /// The machine whose clock it is.
  public let machine: MachineID
  /// The known vector clocks, in events: one row per machine, in id order, one entry per machine.
  public private(set) var rows: [[UInt64]]

  /// Makes the clock of a machine that has seen nothing yet.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - machineCount: How many machines the run has; this machine is one of them.
  public init(of machine: MachineID, machineCount: Int) {
    self.machine = machine
    let count = max(machineCount, machine.index + 1)
    rows = Array(repeating: Array(repeating: 0, count: count), count: count)
  }

  /// The machine's own vector clock.
  public var own: VectorClock { VectorClock(counts: rows[machine.index]) }

  /// How many events of `machine` all machines are known to know of; zero of a machine that is none
  /// of the run's.
  public func countKnownToAll(of machine: MachineID) -> UInt64 {
    rows.lazy.map { machine.index < $0.count ? $0[machine.index] : 0 }.min() ?? 0
  }

  /// Advances the clock for an event.
  ///
  /// - Parameter message: The stamp of the send that the event receives; nil for any other event.
  ///   Rows of machines that are none of this clock's are ignored.
  public mutating func tick(receiving message: MatrixClock? = nil) {
    if let message {
      for index in rows.indices.prefix(message.rows.count) {
        rows[index].raise(to: Array(message.rows[index].prefix(rows.count)))
      }
      rows[machine.index].raise(to: Array(message.rows[message.machine.index].prefix(rows.count)))
    }
    rows[machine.index][machine.index] = rows[machine.index][machine.index].nextOrLargest
  }

  /// Ticks.
  public mutating func advance(for event: ClockedEvent, receiving message: MatrixClock?) {
    tick(receiving: message)
  }

  /// The order of the machines' own vector clocks: exact.
  public func order(to other: MatrixClock) -> CausalOrder {
    rows[machine.index].order(to: other.rows[other.machine.index])
  }

  /// Writes the machine, the number of machines, and all counters, row by row.
  public func encode(into writer: inout StampWriter) {
    writer.write(UInt64(machine.number))
    writer.write(UInt64(rows.count))
    for row in rows {
      for count in row { writer.write(count) }
    }
  }

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when there is none, or its machine has no row.
  public init(decoding reader: inout StampReader) throws(StampError) {
    machine = try reader.readMachine()
    let count = try reader.readCount()
    guard machine.index < count else { throw .impossibleValue(offset: reader.offset) }
    guard count <= reader.remainingCount / count else { throw .truncated }
    rows = []
    for _ in 0..<count {
      var row: [UInt64] = []
      row.reserveCapacity(count)
      for _ in 0..<count { row.append(try reader.readNumber()) }
      rows.append(row)
    }
  }
}
