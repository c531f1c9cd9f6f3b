import ScaleModel

extension JournalFields {
  /// How many digits the numbers of a line have, 1 to 19 each; they rarely change from one line to
  /// the next.
  struct LineShape {
    var tick = 1
    var systemTime = 1
    var clock = 1
    var queueLength = 1
    var peer = 1
    var message = 1
  }

  /// Reads the line at `cursor` if it is of a kind that ``JournalWriter`` writes at every tick.
  ///
  /// - Parameters:
  ///   - cursor: The first byte of a complete line that is followed by
  ///     ``CompleteLines/marginByteCount`` readable bytes; afterwards the byte after its end.
  ///   - line: The destination.
  ///   - cells: The destination of the workload's values, one for each of its columns.
  ///   - shape: The digit counts of the previous line; afterwards those of this one.
  ///   - numberCount: How many columns the workload has, all of whole numbers; nil for others.
  ///   - unusedCount: How many columns without use follow them; whole numbers or nothing.
  ///   - readOthers: Reads the workload's columns when they are others.
  /// - Returns: Whether it could be read; if not, the slow way finds out why.
  @inline(__always)
  static func readCanonical(
    _ cursor: inout UnsafePointer<UInt8>, into line: inout JournalLine,
    _ cells: UnsafeMutablePointer<Int64>, _ shape: inout LineShape, numberCount: Int?,
    unusedCount: Int,
    readOthers: (inout UnsafePointer<UInt8>, UnsafeMutablePointer<Int64>) -> UInt64?
  ) -> Bool {
    guard let tick = readNumber(&cursor, like: &shape.tick), skip(comma, &cursor),
      let systemTime = readNumber(&cursor, like: &shape.systemTime), systemTime < 1 << 62,
      skip(comma, &cursor), let kind = readEvent(&cursor),
      let clock = readNumber(&cursor, like: &shape.clock), skip(comma, &cursor),
      let queueLength = readShortNumber(&cursor, like: &shape.queueLength), queueLength < 1 << 32,
      skip(comma, &cursor)
    else { return false }
    var peer = JournalLine.noPeer
    var message: UInt64 = 0
    if kind == .internal {
      guard skip(comma, &cursor) else { return false }
    } else {
      if kind == .send && skip(asterisk, &cursor) {
        peer = JournalLine.allPeers
      } else {
        guard let number = readShortNumber(&cursor, like: &shape.peer),
          number < JournalLine.allPeers
        else { return false }
        peer = UInt32(truncatingIfNeeded: number)
      }
      guard skip(comma, &cursor), let number = readNumber(&cursor, like: &shape.message)
      else { return false }
      message = number
    }
    let filled =
      if let numberCount {
        readNumbers(&cursor, into: cells, count: numberCount)
      } else {
        readOthers(&cursor, cells)
      }
    guard let filled else { return false }
    for _ in 0..<unusedCount {
      guard skip(comma, &cursor) else { return false }
      while cursor.pointee &- zero < 10 { cursor += 1 }
    }
    _ = skip(carriageReturn, &cursor)
    guard skip(newline, &cursor) else { return false }
    line.tick = tick
    line.systemTime = Int64(bitPattern: systemTime)
    line.clock = clock
    line.messageReading = message
    line.queueLength = Int(truncatingIfNeeded: queueLength)
    line.peerNumber = peer
    line.kind = kind
    line.filledColumns = filled
    return true
  }

  /// Reads so many columns of whole numbers, if they are not negative.
  ///
  /// - Returns: Which of them have a value; nil when the line ends before them, or a number is too
  ///   large.
  @inline(__always)
  private static func readNumbers(
    _ cursor: inout UnsafePointer<UInt8>, into cells: UnsafeMutablePointer<Int64>, count: Int
  ) -> UInt64? {
    var filled: UInt64 = 0
    for column in 0..<count {
      guard skip(comma, &cursor) else { return nil }
      let start = cursor
      if let number = readNumber(&cursor) {
        cells[column] = Int64(bitPattern: number)
        filled |= 1 << UInt64(column)
      } else if cursor != start {
        return nil
      }
    }
    return filled
  }

  /// Skips one byte if it is the expected one.
  @inline(__always)
  private static func skip(_ byte: UInt8, _ cursor: inout UnsafePointer<UInt8>) -> Bool {
    guard cursor.pointee == byte else { return false }
    cursor += 1
    return true
  }

  /// Reads digits that are probably as many as on the previous line: then the next field's position
  /// does not depend on this field's content, and the processor reads several fields at once.
  @inline(__always)
  private static func readNumber(
    _ cursor: inout UnsafePointer<UInt8>, like length: inout Int
  ) -> UInt64? {
    let end = cursor + length
    if end.pointee &- zero >= 10, let value = number(of: length, from: cursor) {
      cursor = end
      return value
    }
    let start = cursor
    guard let value = readNumber(&cursor) else { return nil }
    length = cursor - start
    return value
  }

  /// Reads digits that are probably a single one, or else as many as on the previous line.
  @inline(__always)
  private static func readShortNumber(
    _ cursor: inout UnsafePointer<UInt8>, like length: inout Int
  ) -> UInt64? {
    let digit = cursor.pointee &- zero
    if digit < 10 && cursor[1] &- zero >= 10 {
      cursor += 1
      length = 1
      return UInt64(digit)
    }
    return readNumber(&cursor, like: &length)
  }

  /// The number that `count` digits write, 1 to 19; nil when one is not a digit, or when the number
  /// exceeds 63 bits.
  @inline(__always)
  private static func number(of length: Int, from start: UnsafePointer<UInt8>) -> UInt64? {
    if length <= 8 { return firstDigits(of: length, from: start) }
    if length <= 16 {
      guard let high = firstDigits(of: length &- 8, from: start),
        let low = readEightDigits(start + (length &- 8))
      else { return nil }
      return high &* 100_000_000 &+ low
    }
    guard let high = firstDigits(of: length &- 16, from: start),
      let middle = readEightDigits(start + (length &- 16)),
      let low = readEightDigits(start + (length &- 8))
    else { return nil }
    let value = (high &* 100_000_000 &+ middle) &* 100_000_000 &+ low
    return value < 1 << 63 ? value : nil
  }

  /// The number that 1 to 8 digits write.
  @inline(__always)
  private static func firstDigits(of count: Int, from start: UnsafePointer<UInt8>) -> UInt64? {
    // Shifts the digits to the upper bytes; the lower ones count as zeros.
    eightDigits(valuesOfBytes(start) &<< UInt64(truncatingIfNeeded: 0 &- 8 &* count))
  }

  /// Eight bytes, digits as their values.
  @inline(__always)
  private static func valuesOfBytes(_ cursor: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self))
      ^ 0x3030_3030_3030_3030
  }

  /// Reads digits; nil when there are none, or when the number exceeds 63 bits.
  ///
  /// Eight at once, then four, then one by one: a column's length rarely changes from line to line,
  /// so the branch predictor is right.
  @inline(__always)
  private static func readNumber(_ cursor: inout UnsafePointer<UInt8>) -> UInt64? {
    let start = cursor
    var value: UInt64 = 0
    if let eight = readEightDigits(cursor) {
      value = eight
      cursor += 8
      // No third eight: 16 digits and four more are as many as a number may have.
      if let eight = readEightDigits(cursor) {
        value = value &* 100_000_000 &+ eight
        cursor += 8
      }
    }
    if let four = readFourDigits(cursor) {
      value = value &* 10_000 &+ four
      cursor += 4
    }
    var digit = cursor.pointee &- zero
    while digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      cursor += 1
      digit = cursor.pointee &- zero
    }
    // Nineteen digits cannot wrap around 64 bits, and 2⁶³ has nineteen.
    let count = cursor - start
    return count > 0 && count < 20 && value < 1 << 63 ? value : nil
  }

  /// The number that eight digits write; nil when one is not a digit.
  @inline(__always)
  private static func readEightDigits(_ cursor: UnsafePointer<UInt8>) -> UInt64? {
    eightDigits(valuesOfBytes(cursor))
  }

  /// The number that eight digits write, the first in the lowest byte; nil when one is above 9.
  @inline(__always)
  private static func eightDigits(_ digits: UInt64) -> UInt64? {
    // Only bytes up to 9 keep an empty upper half, also after adding six.
    guard (digits | (digits &+ 0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 == 0
    else { return nil }
    // Combines neighbouring digits into pairs, pairs into fours, fours into the number, all at
    // once: each multiplication adds the next digit to the shifted previous one.
    let pairs = ((digits &* 0x0a01) &>> 8) & 0x00ff_00ff_00ff_00ff
    let fours = ((pairs &* 0x0064_0001) &>> 16) & 0x0000_ffff_0000_ffff
    return (fours &* 0x2710_0000_0001) &>> 32
  }

  /// The number that four digits write; nil when one is not a digit.
  @inline(__always)
  private static func readFourDigits(_ cursor: UnsafePointer<UInt8>) -> UInt64? {
    let bytes = UInt32(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt32.self))
    guard bytes & 0xf0f0_f0f0 == 0x3030_3030, (bytes &+ 0x0606_0606) & 0xf0f0_f0f0 == 0x3030_3030
    else { return nil }
    let digits = bytes &- 0x3030_3030
    let pairs = (digits &* 10 &+ digits &>> 8) & 0x00ff_00ff
    return UInt64((pairs &* 100 &+ pairs &>> 16) & 0xffff)
  }

  /// Reads the word of an event that a free tick or a receipt can be, and the comma after it.
  @inline(__always)
  private static func readEvent(_ cursor: inout UnsafePointer<UInt8>) -> Event.Kind? {
    let word = UInt64(littleEndian: UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self))
    if word == wordInternal && cursor[8] == comma {
      cursor += 9
      return .internal
    }
    if word == wordReceive {
      cursor += 8
      return .receive
    }
    if word & 0xff_ffff_ffff == wordSend {
      cursor += 5
      return .send
    }
    return nil
  }

  // The words as little-endian bytes: "internal", "receive," and "send,".
  private static var wordInternal: UInt64 { 0x6c61_6e72_6574_6e69 }
  private static var wordReceive: UInt64 { 0x2c65_7669_6563_6572 }
  private static var wordSend: UInt64 { 0x2c_646e_6573 }
}
