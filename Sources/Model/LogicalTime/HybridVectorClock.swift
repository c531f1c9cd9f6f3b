/// A vector of physical times, of which only the recent ones are kept.
///
/// Entry *i* is the latest physical time of machine *i* that the event's history has seen. Physical
/// clocks differ by at most ε, so all that a machine has not heard of another for ε is implied: the
/// entry reads as the ``floor`` and takes no space. Where machines communicate rarely, a stamp has
/// few entries; where they do often, it grows to one for each machine.
///
/// Events less than ε apart compare as by a ``VectorClock``, all others by time. So of two
/// concurrent events, the stamps order only those that are clearly apart in physical time.
///
/// - Invariant: No entry and no floor ever decreases, whatever the physical clocks do; so an effect
///   always reads later than its cause.
/// - SeeAlso: M. Demirbas, S. Kulkarni, "Beyond TrueTime: Using AugmentedTime for Improving
///   Spanner", LADIS 2013; S. Yingchareonthawornchai, S. Kulkarni, M. Demirbas, "Analysis of Bounds
///   on Hybrid Vector Clocks", OPODIS 2015. <https://doi.org/10.4230/LIPIcs.OPODIS.2015.34>
public struct HybridVectorClock: CausalClock {
  /// The latest physical time known of a machine.
  public struct Entry: Hashable, Sendable {
    /// The machine.
    public let machine: MachineID
    /// Its time; above the clock's floor.
    public var time: Int64
  }

  /// The entries above the floor, ascending by machine.
  public private(set) var entries: [Entry] = []
  /// What every other entry reads as.
  public private(set) var floor: Int64 = .min

  /// Makes the clock of a machine that has seen nothing yet.
  public init() {}

  /// The latest physical time that this clock knows, or implies, of a machine.
  public subscript(machine: MachineID) -> Int64 {
    entries.index(of: machine, by: \.machine).map { entries[$0].time } ?? floor
  }

  /// Advances the clock of `machine` for an event.
  ///
  /// - Parameters:
  ///   - machine: The clock's machine.
  ///   - physicalTime: What its physical clock shows; it may have stepped back.
  ///   - uncertainty: ε: by how much two physical clocks may differ; counts as 1 if less.
  ///   - message: The stamp of the send that the event receives; nil for any other event.
  public mutating func tick(
    of machine: MachineID, at physicalTime: Int64, uncertainty: Int64,
    receiving message: HybridVectorClock? = nil
  ) {
    let (implied, isBeyond) = physicalTime.subtractingReportingOverflow(max(1, uncertainty))
    floor = max(floor, isBeyond ? .min : implied)
    if let message { merge(message) }
    let own = Entry(machine: machine, time: max(self[machine].nextOrLargest, physicalTime))
    let index = entries.partitioningIndex { $0.machine >= machine }
    if index < entries.count, entries[index].machine == machine {
      entries[index] = own
    } else {
      entries.insert(own, at: index)
    }
    entries.removeAll { $0.time <= floor }
  }

  /// Learns all that `other` knows.
  private mutating func merge(_ other: HybridVectorClock) {
    floor = max(floor, other.floor)
    var merged: [Entry] = []
    merged.reserveCapacity(entries.count + other.entries.count)
    forEachEntry(with: other) { machine, own, others in
      merged.append(Entry(machine: machine, time: max(own, others)))
    }
    entries = merged
  }

  /// Goes through the machines of which either clock has an entry, ascending, with both's times.
  private func forEachEntry(
    with other: HybridVectorClock, _ body: (MachineID, Int64, Int64) -> Void
  ) {
    var (left, right) = (0, 0)
    let (leftEnd, rightEnd) = (entries.count, other.entries.count)
    while left < leftEnd || right < rightEnd {
      let isOwn =
        right == rightEnd
        || left < leftEnd && entries[left].machine <= other.entries[right].machine
      let isOthers =
        left == leftEnd || right < rightEnd && other.entries[right].machine <= entries[left].machine
      body(
        isOwn ? entries[left].machine : other.entries[right].machine,
        isOwn ? entries[left].time : floor, isOthers ? other.entries[right].time : other.floor)
      left += isOwn ? 1 : 0
      right += isOthers ? 1 : 0
    }
  }

  /// Ticks with the event's physical time and uncertainty.
  public mutating func advance(for event: ClockedEvent, receiving message: HybridVectorClock?) {
    tick(
      of: event.machine, at: event.physicalTime, uncertainty: event.uncertainty, receiving: message)
  }

  /// The order of the times, entry by entry.
  public func order(to other: HybridVectorClock) -> CausalOrder {
    var (isBelow, isAbove) = (floor < other.floor, floor > other.floor)
    forEachEntry(with: other) { _, own, others in
      isBelow = isBelow || own < others
      isAbove = isAbove || own > others
    }
    return CausalOrder(firstLacksSome: isBelow, secondLacksSome: isAbove)
  }

  /// Writes the floor, the number of entries, and each as its distance from the one before and its
  /// time above the floor.
  public func encode(into writer: inout StampWriter) {
    writer.write(floor)
    writer.write(UInt64(entries.count))
    var next: UInt32 = 0
    for entry in entries {
      writer.write(UInt64(entry.machine.number - next))
      writer.write(UInt64(bitPattern: entry.time &- floor))
      next = entry.machine.number &+ 1
    }
  }

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when there is none, or an entry is not above the floor.
  public init(decoding reader: inout StampReader) throws(StampError) {
    floor = try reader.readSigned()
    let count = try reader.readCount(byteCountMin: 2)
    entries.reserveCapacity(count)
    var next: UInt64 = 0
    for _ in 0..<count {
      let (sum, isBeyond) = next.addingReportingOverflow(try reader.readNumber())
      let above = try reader.readNumber()
      let time = floor &+ Int64(bitPattern: above)
      guard !isBeyond, let number = UInt32(exactly: sum), time > floor else {
        throw .impossibleValue(offset: reader.offset)
      }
      entries.append(Entry(machine: MachineID(number: number), time: time))
      next = sum + 1
    }
  }
}
