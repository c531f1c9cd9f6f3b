/// A counting Bloom filter of an event's history: a clock of fixed size for any number of machines.
///
/// Each event adds one to ``hashCount`` cells, which its machine and number choose; a receipt also
/// takes each cell's larger count. An event whose cells are not all at least another's cannot have
/// it in its history. If they are, it probably has; ``chanceOfFalseOrder(before:)`` says how
/// probably not. So Bloom clocks never call ordered events concurrent, but order some concurrent
/// ones.
///
/// - Invariant: No cell ever decreases, and an effect's cells are those of its cause or larger, at
///   least one of them larger.
/// - SeeAlso: L. Ramabaja, "The Bloom Clock", 2019. <https://arxiv.org/abs/1905.13064>
public struct BloomClock: CausalClock {
  /// The cells, in additions; at least one.
  public private(set) var cells: [UInt64]
  /// How many additions an event makes; at least one.
  public let hashCount: Int

  /// An event hashes so often at most.
  public static let hashCountMax = 64

  /// Makes the clock of a machine that has seen nothing yet.
  ///
  /// - Parameters:
  ///   - cellCount: How many cells the clock has; less than one counts as one.
  ///   - hashCount: How many additions an event makes, from 1 to ``hashCountMax``; numbers beyond
  ///     count as the nearest.
  public init(cellCount: Int, hashCount: Int) {
    cells = Array(repeating: 0, count: max(1, cellCount))
    self.hashCount = min(max(1, hashCount), Self.hashCountMax)
  }

  /// Advances the clock for an event.
  ///
  /// - Parameters:
  ///   - machine: The machine at which it happens.
  ///   - number: Its number among the machine's events.
  ///   - message: The stamp of the send that the event receives; nil for any other event.
  public mutating func tick(
    of machine: MachineID, number: UInt64, receiving message: BloomClock? = nil
  ) {
    if let message { cells.raise(to: message.cells) }
    var word = Self.mixed(number ^ Self.mixed(UInt64(machine.number)))
    for _ in 0..<hashCount {
      word = Self.mixed(word)
      let cell = Int(word.multipliedFullWidth(by: UInt64(cells.count)).high)
      cells[cell] = cells[cell].nextOrLargest
    }
  }

  /// Scrambles a word: the steps of SplitMix64.
  private static func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The probability that this stamp would be before `other` by chance, from 0 to 1.
  ///
  /// It takes the additions as independent and uniform: (1 − (1 − 1/m)^B)^A for *m* cells, with A
  /// and B additions here and there.
  public func chanceOfFalseOrder(before other: BloomClock) -> Double {
    let isMissed = 1 - 1 / Double(cells.count)
    return Self.power(
      1 - Self.power(isMissed, Self.sum(other.cells)), Self.sum(cells))
  }

  private static func sum(_ cells: [UInt64]) -> UInt64 {
    cells.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
  }

  /// A number from 0 to 1, raised to a power by repeated squaring.
  private static func power(_ base: Double, _ exponent: UInt64) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  /// Ticks with the event's machine and number.
  public mutating func advance(for event: ClockedEvent, receiving message: BloomClock?) {
    tick(of: event.machine, number: event.number, receiving: message)
  }

  /// The order of the cells, one by one.
  public func order(to other: BloomClock) -> CausalOrder { cells.order(to: other.cells) }

  /// Writes the number of hashes, the least cell, and what the cells have above it.
  public func encode(into writer: inout StampWriter) {
    let least = cells.min() ?? 0
    writer.write(UInt64(hashCount))
    writer.write(least)
    writer.write(UInt64(cells.count))
    for cell in cells { writer.write(cell - least) }
  }

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when there is none, or no cell is the least one.
  public init(decoding reader: inout StampReader) throws(StampError) {
    guard let hashCount = Int(exactly: try reader.readNumber()),
      (1...Self.hashCountMax).contains(hashCount)
    else { throw .impossibleValue(offset: reader.offset) }
    self.hashCount = hashCount
    let least = try reader.readNumber()
    let above = try reader.readNumbers()
    guard above.min() == 0, let most = above.max(),
      !most.addingReportingOverflow(least).overflow
    else { throw .impossibleValue(offset: reader.offset) }
    cells = above.map { $0 + least }
  }
}
