/// Numbers as decimal digits, two at a time: journals are mostly digits.
enum DecimalDigits {
  /// The digits of 00 to 99, one after the other.
  private static let pairs: [UInt8] = {
    var digits: [UInt8] = []
    for number: UInt8 in 0..<100 { digits += [48 + number / 10, 48 + number % 10] }
    return digits
  }()

  /// Writes a number without leading zeros.
  ///
  /// - Parameters:
  ///   - number: What to write.
  ///   - target: Where to, with room for 20 digits.
  /// - Returns: How many digits were written, 1 to 20.
  @inline(__always)
  static func write(_ number: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
    if number < 10 {
      target[0] = UInt8(truncatingIfNeeded: 48 &+ number)
      return 1
    }
    let count = digitCount(number)
    var place = count
    var rest = number
    pairs.withUnsafeBufferPointer { pairs in
      while rest >= 10 {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
        let pair = 2 &* Int(truncatingIfNeeded: remainder)
        place &-= 2
        // An odd number of digits leaves the last quotient below 10 for the lines after the loop.
        target[place] = pairs[pair]
        target[place &+ 1] = pairs[pair &+ 1]
        rest = quotient
        if place < 2 { break }
      }
    }
    if place == 1 { target[0] = UInt8(truncatingIfNeeded: 48 &+ rest) }
    return count
  }

  /// How many decimal digits a number has.
  @inline(__always)
  private static func digitCount(_ number: UInt64) -> Int {
    var count = 1
    var rest = number
    while rest >= 10_000 {
      rest /= 10_000
      count &+= 4
    }
    if rest >= 1000 { return count &+ 3 }
    if rest >= 100 { return count &+ 2 }
    if rest >= 10 { return count &+ 1 }
    return count
  }
}
