/// A growing UTF-8 text, without a string for each of its parts.
extension [UInt8] {
  /// Appends a text.
  mutating func append(text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a number in decimal, with a minus if it is negative.
  mutating func append(decimal number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    var (digitCount, bound) = (1, UInt64(10))
    while rest >= bound { (digitCount, bound) = (digitCount + 1, bound * 10) }
    append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digitCount))
    var index = count
    while rest > 0 {
      index -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      self[index] += UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
  }
}
