/// Why bytes are not the binary form of a stamp.
public enum StampError: Error, Hashable, Sendable {
  /// The bytes end inside the stamp.
  case truncated
  /// There are bytes behind the stamp.
  case trailingBytes(count: Int)
  /// A number does not fit 64 bits, or is written with more bytes than it needs.
  case malformedNumber(offset: Int)
  /// The numbers before this offset are none that such a clock can have.
  case impossibleValue(offset: Int)
  /// A tree has more levels than `limit`.
  case tooDeep(limit: Int)
}

/// Writes stamps: whole numbers with 7 bits a byte, the lowest first.
public struct StampWriter: Sendable {
  /// What was written; empty when the writer only counts.
  public private(set) var bytes: [UInt8] = []
  /// How many bytes were written, or would have been.
  public private(set) var byteCount = 0
  private let keepsBytes: Bool

  /// Makes a writer.
  ///
  /// - Parameter keepsBytes: False to count the bytes only.
  public init(keepsBytes: Bool = true) {
    self.keepsBytes = keepsBytes
  }

  /// Writes a number, in 1 to 10 bytes.
  public mutating func write(_ number: UInt64) {
    byteCount += number == 0 ? 1 : (70 - number.leadingZeroBitCount) / 7
    guard keepsBytes else { return }
    var rest = number
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a number that may be negative; one near zero takes few bytes.
  public mutating func write(_ number: Int64) {
    write(UInt64(bitPattern: number << 1 ^ number >> 63))
  }

  /// Writes how many numbers there are, then each.
  public mutating func write(_ numbers: [UInt64]) {
    write(UInt64(numbers.count))
    for number in numbers { write(number) }
  }
}

/// Reads what a ``StampWriter`` has written.
public struct StampReader: Sendable {
  private let bytes: [UInt8]
  /// How many bytes were read.
  public private(set) var offset = 0

  /// Makes a reader of these bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// How many bytes were not read yet.
  public var remainingCount: Int { bytes.count - offset }

  /// Reads a number.
  ///
  /// - Throws: ``StampError`` when there is none.
  public mutating func readNumber() throws(StampError) -> UInt64 {
    let start = offset
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard offset < bytes.count else { throw .truncated }
      let byte = bytes[offset]
      offset += 1
      let part = UInt64(byte & 0x7F)
      number |= part << shift
      if byte > 0x7F { continue }
      // A last byte of zero is not needed, and bits may have been shifted out.
      guard (part > 0 || shift == 0) && number >> shift == part else { break }
      return number
    }
    throw .malformedNumber(offset: start)
  }

  /// Reads a number that may be negative.
  ///
  /// - Throws: ``StampError`` when there is none.
  public mutating func readSigned() throws(StampError) -> Int64 {
    let number = try readNumber()
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }

  /// Reads a machine's id.
  ///
  /// - Throws: ``StampError`` when there is none.
  public mutating func readMachine() throws(StampError) -> MachineID {
    guard let number = UInt32(exactly: try readNumber()) else {
      throw .impossibleValue(offset: offset)
    }
    return MachineID(number: number)
  }

  /// Reads how many elements follow.
  ///
  /// - Parameter byteCountMin: How many bytes each takes at least; so a wrong count reserves no
  ///   memory.
  /// - Returns: The number of elements.
  /// - Throws: ``StampError`` when there is no number, or there are too few bytes for so many.
  public mutating func readCount(byteCountMin: Int = 1) throws(StampError) -> Int {
    guard let count = Int(exactly: try readNumber()),
      count <= remainingCount / max(1, byteCountMin)
    else { throw .truncated }
    return count
  }

  /// Reads how many numbers there are, then each.
  ///
  /// - Throws: ``StampError`` when they are not there.
  public mutating func readNumbers() throws(StampError) -> [UInt64] {
    let count = try readCount()
    var numbers: [UInt64] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count { numbers.append(try readNumber()) }
    return numbers
  }
}
