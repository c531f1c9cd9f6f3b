/// Numbers as decimal digits, eight at a time: journals are mostly digits.
enum DecimalDigits {
  /// Writes a number without leading zeros.
  ///
  /// - Parameters:
  ///   - number: The number.
  ///   - target: The destination, with room for 24 bytes, all of which may be overwritten.
  /// - Returns: How many digits were written, 1 to 20.
  @inline(__always)
  static func write(_ number: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    if number < 10 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: number) | asciiZero, as: UInt8.self)
      return 1
    }
    guard number < 100_000_000 else { return writeLong(number, to: target) }
    let digits = ascii(eightOf: number)
    let count = count(in: digits)
    store(digits &>> UInt64(64 &- 8 &* count), to: target)
    return count
  }

  /// The eight digits of a number below 10⁸, leading zeros included, the first in the lowest byte.
  @inline(__always)
  static func ascii(eightOf number: UInt64) -> UInt64 { eight(number) | asciiZeros }

  /// How many of eight digits there are without leading zeros; the last counts even if it is one.
  @inline(__always)
  static func count(in digits: UInt64) -> Int {
    8 &- min(7, (digits ^ asciiZeros).trailingZeroBitCount / 8)
  }

  /// The digits of a number below 10⁹, leading zeros included: the first in the lowest byte of a
  /// word of eight, and the ninth.
  @inline(__always)
  static func nine(_ number: UInt64) -> (eight: UInt64, ninth: UInt8) {
    let (firstEight, last) = number.quotientAndRemainder(dividingBy: 10)
    return (ascii(eightOf: firstEight), UInt8(truncatingIfNeeded: last) | asciiZero)
  }

  @inline(never)
  private static func writeLong(_ number: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    let (high, low) = number.quotientAndRemainder(dividingBy: 100_000_000)
    let count = write(high, to: target)
    store(ascii(eightOf: low), to: target + count)
    return count + 8
  }

  private static var asciiZero: UInt8 { UInt8(ascii: "0") }
  private static var asciiZeros: UInt64 { 0x3030_3030_3030_3030 }

  /// The eight digits of a number below 10⁸, one a byte, the first in the lowest byte.
  ///
  /// Splits the number into fields of four, two and one digit, all fields at once: each division is
  /// a multiplication and a shift, which are exact for numbers of that size.
  @inline(__always)
  private static func eight(_ number: UInt64) -> UInt64 {
    let (high, low) = number.quotientAndRemainder(dividingBy: 10_000)
    var fields = high | low << 32
    let hundreds = ((fields &* 10_486) >> 20) & 0x0000_007F_0000_007F
    fields = hundreds | (fields &- 100 &* hundreds) << 16
    let tens = ((fields &* 103) >> 10) & 0x000F_000F_000F_000F
    return tens | (fields &- 10 &* tens) << 8
  }

  @inline(__always)
  private static func store(_ bytes: UInt64, to target: UnsafeMutableRawPointer) {
    target.storeBytes(of: bytes.littleEndian, as: UInt64.self)
  }
}
