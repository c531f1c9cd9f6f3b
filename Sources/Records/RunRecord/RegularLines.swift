import ScaleModel

/// Reads lines that are like the one before, as nearly all are: the next tick, a free tick or a
/// receipt, a queue and a peer of one digit, and the other numbers as long as before.
///
/// Then only the kind of event, which is as hard to predict as a die, says where a field begins. So
/// no branch depends on it: a table has what differs. All branches ask whether the line is like
/// that, and two numbers of up to eight digits are read at once. The first other line is left to
/// ``JournalFields``, as is the first that is malformed.
struct RegularLines {
  /// The lengths of the numbers in bytes.
  private let tickLength: Int
  private let timeLength: Int
  private let clockLength: Int
  private let messageLength: Int
  /// The bytes that are digits of the number, when the last one is the highest of eight bytes.
  private let tickMask: UInt64
  private let clockMask: UInt64
  private let messageMask: UInt64
  private let timeMask: SIMD2<UInt64>
  /// The digits of the system time before the last 16, which are those of the line before.
  private let leadMask: UInt64
  private let leadText: UInt64
  private let lead: UInt64
  /// The tick of the line before, and the text of the next.
  private var tick: UInt64
  private var tickText: UInt64
  /// The first tick that is longer.
  private let tickLimit: UInt64

  /// What a line is like after its system time, by the kind of event.
  struct Form {
    /// The event's bytes, with as much of what follows as is the same on every line.
    fileprivate let word: UInt64
    /// Which bytes these are.
    fileprivate let mask: UInt64
    /// From the end of the system time to the clock.
    fileprivate let clockOffset: Int
    /// All bits, or none when the line has neither peer nor message.
    fileprivate let hasMessage: Int
    /// What the line may have in place of a peer's digit, less the digit 0.
    fileprivate let otherPeer: UInt8
    fileprivate let kind: Event.Kind

    /// The forms, by the two lowest bits of the event's first letter.
    ///
    /// A reader keeps them in its memory: what the compiler knows, it turns into branches.
    static var all: [Form] {
      [
        Form(word: .max, mask: .max, clockOffset: 0, hasMessage: 0, otherPeer: 0, kind: .internal),
        Form(
          word: RegularLines.word("internal"), mask: .max, clockOffset: 10, hasMessage: 0,
          otherPeer: comma &- zero, kind: .internal),
        Form(
          word: RegularLines.word("receive,"), mask: .max, clockOffset: 9, hasMessage: -1,
          otherPeer: 1, kind: .receive),
        Form(
          word: RegularLines.word("send,"), mask: 0xff_ffff_ffff, clockOffset: 6, hasMessage: -1,
          otherPeer: asterisk &- zero, kind: .send),
      ]
    }
  }

  /// Prepares to read; nil when the line before was not regular itself.
  ///
  /// - Parameters:
  ///   - shape: The lengths of its numbers.
  ///   - tick: Its tick.
  ///   - systemTime: Its system time.
  init?(like shape: JournalFields.LineShape, tick: UInt64, systemTime: Int64) {
    let lead = shape.systemTime > 16 ? UInt64(systemTime) / 10_000_000_000_000_000 : 0
    guard shape.queueLength == 1, shape.peer == 1,
      max(shape.tick, shape.clock, shape.message) <= 8, tick + 1 < Self.powers[shape.tick],
      lead < Self.powers[max(0, shape.systemTime - 16)]
    else { return nil }
    (tickLength, timeLength) = (shape.tick, shape.systemTime)
    (clockLength, messageLength) = (shape.clock, shape.message)
    (tickMask, clockMask) = (Self.mask(shape.tick), Self.mask(shape.clock))
    messageMask = Self.mask(shape.message)
    timeMask = SIMD2(Self.mask(shape.systemTime - 8), Self.mask(shape.systemTime))
    leadMask = Self.mask(shape.systemTime - 16)
    self.lead = lead
    leadText = Self.text(of: lead) & leadMask
    self.tick = tick
    tickText = Self.text(of: tick + 1) & tickMask
    tickLimit = Self.powers[shape.tick]
  }

  /// Reads lines until one is not regular.
  ///
  /// - Parameters:
  ///   - cursor: The first byte of a complete line, between ``CompleteLines/marginByteCount``
  ///     readable bytes on either side; afterwards the first byte of the first line not read.
  ///   - end: The byte after the last complete line.
  ///   - lines: The destination, which bounds how many are read.
  ///   - limit: The first line at this system time or later is not read.
  ///   - forms: ``Form/all``.
  /// - Returns: How many were read.
  consuming func read(
    _ cursor: inout UnsafePointer<UInt8>, upTo end: UnsafePointer<UInt8>,
    into lines: UnsafeMutableBufferPointer<JournalLine>, before limit: Int64, _ forms: [Form]
  ) -> Int {
    let countMax = min(lines.count, Int(tickLimit - tick) - 1)
    let limit = min(limit, 1 << 62)
    return forms.withUnsafeBufferPointer { forms in
      var (at, count) = (cursor, 0)
      while count < countMax, at < end, readOne(&at, into: &lines[count], forms, before: limit) {
        count &+= 1
      }
      cursor = at
      return count
    }
  }

  @inline(__always)
  private mutating func readOne(
    _ cursor: inout UnsafePointer<UInt8>, into line: inout JournalLine,
    _ forms: UnsafeBufferPointer<Form>, before limit: Int64
  ) -> Bool {
    let tickEnd = cursor + tickLength
    let timeEnd = tickEnd + (timeLength &+ 1)
    let event = Self.word(at: timeEnd + 1)
    let form = forms[Int(truncatingIfNeeded: event & 3)]
    let clock = timeEnd + form.clockOffset
    let clockEnd = clock + clockLength
    let peerEnd = clockEnd + (3 &- form.hasMessage)
    let messageEnd = peerEnd + ((messageLength & form.hasMessage) &+ 1)
    let queueLength = clockEnd[1] &- zero
    guard Self.word(at: tickEnd - 8) & tickMask == tickText, tickEnd.pointee == comma,
      Self.word(at: timeEnd - 24) & leadMask == leadText, timeEnd.pointee == comma,
      (event ^ form.word) & form.mask == 0, clock[-1] == comma, clockEnd.pointee == comma,
      queueLength < 10, clockEnd[2] == comma, peerEnd.pointee == comma,
      messageEnd.pointee == newline,
      let peer = Self.peer(clockEnd[3] &- zero, or: form.otherPeer)
    else { return false }
    var flaws = SIMD2<UInt64>()
    let time = Self.numbers(
      SIMD2(Self.word(at: timeEnd - 16), Self.word(at: timeEnd - 8)), timeMask, &flaws)
    let readings = Self.numbers(
      SIMD2(Self.word(at: clockEnd - 8), Self.word(at: messageEnd - 8)),
      SIMD2(clockMask, messageMask & UInt64(truncatingIfNeeded: form.hasMessage)), &flaws)
    let systemTime = (lead &* 100_000_000 &+ time.x) &* 100_000_000 &+ time.y
    guard (flaws.x | flaws.y) & 0xf0f0_f0f0_f0f0_f0f0 == 0,
      Int64(truncatingIfNeeded: systemTime) < limit
    else { return false }
    tick &+= 1
    tickText = Self.next(tickText)
    line.tick = tick
    line.systemTime = Int64(truncatingIfNeeded: systemTime)
    (line.clock, line.messageReading) = (readings.x, readings.y)
    (line.queueLength, line.filledColumns) = (Int(queueLength), 0)
    (line.peerNumber, line.kind) = (peer, form.kind)
    cursor = messageEnd + 1
    return true
  }

  /// The peer's number from its byte less the digit 0.
  ///
  /// - Parameters:
  ///   - byte: A digit; or a comma, since there is no peer, or an asterisk, which means all.
  ///   - other: Which other byte than a digit this kind of line may have.
  /// - Returns: Nil for another byte.
  @inline(__always)
  private static func peer(_ byte: UInt8, or other: UInt8) -> UInt32? {
    let number = Int32(Int8(bitPattern: byte))
    // All ones when it is no digit, since the comma and the asterisk are below the digits.
    let isOther = number &>> 31
    let flaws =
      (byte ^ other) & UInt8(truncatingIfNeeded: isOther)
      | (byte &+ 6) & ~UInt8(truncatingIfNeeded: isOther) & 0xf0
    guard flaws == 0 else { return nil }
    // −4, the comma, becomes −1, which is `noPeer`; −6, the asterisk, becomes −2, `allPeers`.
    return UInt32(bitPattern: number & ~isOther | (number &+ 2) &>> 1 & isOther)
  }
}

/// Numbers as text: eight digits are a word whose highest byte is the last one.
extension RegularLines {
  private static let powers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  @inline(__always)
  private static func word(at bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  fileprivate static func word(_ text: StaticString) -> UInt64 {
    (0..<text.utf8CodeUnitCount).reduce(0) { $0 | UInt64(text.utf8Start[$1]) << UInt64(8 * $1) }
  }

  /// The bytes of the last `count` digits; none for a negative count.
  private static func mask(_ count: Int) -> UInt64 { ~0 << UInt64(64 - 8 * max(0, min(count, 8))) }

  /// The last eight digits of a number.
  private static func text(of number: UInt64) -> UInt64 {
    powers.dropLast().reversed().reduce(0) { text, power in
      text >> 8 | (UInt64(zero) + number / power % 10) << 56
    }
  }

  /// The text of the next number, which has as many digits.
  @inline(__always)
  private static func next(_ text: UInt64) -> UInt64 {
    let next = text &+ 1 &<< 56
    return next &>> 56 > UInt64(zero) + 9 ? carried(next) : next
  }

  /// Carries what is above 9 in the last digit.
  @inline(never)
  private static func carried(_ text: UInt64) -> UInt64 {
    var (text, shift) = (text, UInt64(56))
    while shift > 0, text >> shift & 0xff > UInt64(zero) + 9 {
      text = text - 10 << shift + 1 << (shift - 8)
      shift -= 8
    }
    return text
  }

  /// Reads two words of digits.
  ///
  /// - Parameters:
  ///   - words: The words.
  ///   - masks: Which of their bytes count.
  ///   - flaws: Afterwards some byte's upper half is not empty if a byte that counts is no digit.
  /// - Returns: The numbers that the words write.
  @inline(__always)
  private static func numbers(
    _ words: SIMD2<UInt64>, _ masks: SIMD2<UInt64>, _ flaws: inout SIMD2<UInt64>
  ) -> SIMD2<UInt64> {
    let digits = (words ^ SIMD2(repeating: 0x3030_3030_3030_3030)) & masks
    flaws |= digits | (digits &+ SIMD2(repeating: 0x0606_0606_0606_0606))
    // Combines neighbouring digits into pairs, pairs into fours, fours into the numbers.
    let pairs =
      (unsafeBitCast(digits, to: SIMD8<UInt16>.self) &* SIMD8(repeating: 0x0a01))
      &>> SIMD8(repeating: 8)
    let hundreds = unsafeBitCast(pairs &* SIMD8(repeating: 100), to: SIMD4<UInt32>.self)
    let fours = unsafeBitCast(
      hundreds & SIMD4(repeating: 0xffff)
        &+ unsafeBitCast(pairs, to: SIMD4<UInt32>.self) &>> SIMD4(repeating: 16),
      to: SIMD2<UInt64>.self)
    return (fours & SIMD2(repeating: 0xffff_ffff)) &* SIMD2(repeating: 10_000)
      &+ fours &>> SIMD2(repeating: 32)
  }
}
