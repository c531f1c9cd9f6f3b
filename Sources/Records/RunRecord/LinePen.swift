/// Writes the parts of a line one after the other into memory that is known to be large enough.
///
/// A part may overwrite up to 16 bytes after its end, which the next part then replaces:
/// fixed-length stores need no loop. So the memory must extend that far beyond the last part.
struct LinePen {
  /// Where the next part is written.
  var cursor: UnsafeMutablePointer<UInt8>

  @inline(__always)
  mutating func write(byte: UInt8) {
    cursor[0] = byte
    cursor += 1
  }

  @inline(__always)
  mutating func write(number: UInt64) {
    cursor += DecimalDigits.write(number, to: cursor)
  }

  @inline(__always)
  mutating func write(signed number: Int64) {
    if number < 0 { write(byte: UInt8(ascii: "-")) }
    write(number: number.magnitude)
  }

  /// Writes a time in nanoseconds.
  @inline(__always)
  mutating func write(_ time: TimeText) {
    guard time.nanoseconds >= 1_000_000_000 else { return write(signed: time.nanoseconds) }
    write(time.seconds)
    UnsafeMutableRawPointer(cursor).storeBytes(of: time.eight.littleEndian, as: UInt64.self)
    cursor[8] = time.ninth
    cursor += 9
  }

  @inline(__always)
  mutating func write(_ counter: CounterText) {
    guard counter.count > 0 else { return write(number: counter.number) }
    UnsafeMutableRawPointer(cursor).storeBytes(of: counter.digits.littleEndian, as: UInt64.self)
    cursor += counter.count
  }

  @inline(__always)
  mutating func write(_ text: ShortText) {
    let target = UnsafeMutableRawPointer(cursor)
    target.storeBytes(of: text.first.littleEndian, as: UInt64.self)
    target.storeBytes(of: text.second.littleEndian, toByteOffset: 8, as: UInt64.self)
    cursor += text.count
  }
}

/// A text of at most 16 bytes, stored so that two stores write it.
struct ShortText {
  /// Its first eight bytes, the first one lowest, and its second eight.
  let first: UInt64
  let second: UInt64
  /// How many bytes it has.
  let count: Int

  /// Stores `text`.
  ///
  /// - Precondition: It has at most 16 bytes.
  init(_ text: String) {
    precondition(text.utf8.count <= 16, "A short text has at most 16 bytes, unlike '\(text)'")
    var words: (UInt64, UInt64) = (0, 0)
    for (index, byte) in text.utf8.enumerated() {
      let shifted = UInt64(byte) << UInt64(index % 8 * 8)
      if index < 8 { words.0 |= shifted } else { words.1 |= shifted }
    }
    (first, second) = words
    count = text.utf8.count
  }
}

/// A time with its digits; times that follow one another mostly share their seconds.
struct TimeText {
  private(set) var nanoseconds: Int64 = 0
  /// The whole seconds.
  private(set) var seconds = CounterText()
  /// The nanoseconds of the second, leading zeros included: eight digits, and the ninth.
  private(set) var eight: UInt64 = 0
  private(set) var ninth: UInt8 = 0

  @inline(__always)
  mutating func set(_ time: Int64) {
    nanoseconds = time
    // Shorter times are written as numbers.
    guard time >= 1_000_000_000 else { return }
    let (whole, rest) = UInt64(time).quotientAndRemainder(dividingBy: 1_000_000_000)
    if whole != seconds.number { seconds.set(whole) }
    (eight, ninth) = DecimalDigits.nine(rest)
  }
}

/// A number that mostly counts up by one, stored with its digits: nine times in ten only the last
/// one changes.
struct CounterText {
  private(set) var number: UInt64 = 0
  /// The eight digits of a number below 10⁸, the last in the highest byte; else all bits.
  private var eight = DecimalDigits.ascii(eightOf: 0)
  /// How many digits there are; zero when there are more than eight.
  private(set) var count = 1

  /// The digits, the first in the lowest byte, when there are at most eight.
  @inline(__always)
  var digits: UInt64 { eight &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count) }

  @inline(__always)
  mutating func set(_ next: UInt64) {
    if next == number &+ 1 && eight < UInt64(UInt8(ascii: "9")) << 56 {
      eight &+= 1 << 56
      // A digit more comes only with a carry.
    } else if next < 100_000_000 {
      eight = DecimalDigits.ascii(eightOf: next)
      count = DecimalDigits.count(in: eight)
    } else {
      (eight, count) = (.max, 0)
    }
    number = next
  }
}
