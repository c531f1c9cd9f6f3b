import ScaleModel

/// Reads lines that are like the one before, as nearly all are: the next tick, a free tick or a
/// receipt, a queue and a peer of one digit, and the other numbers as long as before.
///
/// Then only the kind of event, which is as hard to predict as a die, says where a field begins. So
/// no branch depends on it: tables have what differs. All branches ask whether the line is like
/// that, and two numbers of up to eight digits are read at once. The first other line is left to
/// ``JournalFields``. So are all lines when one has a number with another byte than digits.
struct RegularLines {
  /// The lengths of the numbers in bytes.
  private let tickLength: Int
  private let timeLength: Int
  private let clockLength: Int
  private let messageLength: Int
  /// The bytes that are digits of the number, when the last one is the highest of eight bytes.
  private let tickMask: UInt64
  private let timeMask: SIMD2<UInt64>
  /// The same of the clock and of the message's reading.
  private let readingMask: SIMD2<UInt64>
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
    /// All bits of the clock, and those of the message if the line has one.
    fileprivate let readingMask: SIMD2<UInt64>
    fileprivate let kind: Event.Kind

    private init(word: UInt64, mask: UInt64, clockOffset: Int, hasMessage: Int, kind: Event.Kind) {
      (self.word, self.mask, self.kind) = (word, mask, kind)
      (self.clockOffset, self.hasMessage) = (clockOffset, hasMessage)
      readingMask = SIMD2(~0, UInt64(truncatingIfNeeded: hasMessage))
    }

    /// The forms, by the two lowest bits of the event's first letter.
    ///
    /// A reader keeps them in its memory: what the compiler knows, it turns into branches.
    static var all: [Form] {
      [
        Form(word: .max, mask: .max, clockOffset: 0, hasMessage: 0, kind: .internal),
        Form(
          word: RegularLines.word("internal"), mask: .max, clockOffset: 10, hasMessage: 0,
          kind: .internal),
        Form(
          word: RegularLines.word("receive,"), mask: .max, clockOffset: 9, hasMessage: -1,
          kind: .receive),
        Form(
          word: RegularLines.word("send,"), mask: 0xff_ffff_ffff, clockOffset: 6, hasMessage: -1,
          kind: .send),
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
    tickMask = Self.mask(shape.tick)
    timeMask = SIMD2(Self.mask(shape.systemTime - 8), Self.mask(shape.systemTime))
    readingMask = SIMD2(Self.mask(shape.clock), Self.mask(shape.message))
    leadMask = Self.mask(shape.systemTime - 16)
    self.lead = lead
    leadText = Self.text(of: lead) & leadMask
    self.tick = tick
    tickText = Self.text(of: tick + 1) & tickMask
    tickLimit = Self.powers[shape.tick]
  }

  /// The peers that lines may have, sixteen for each form, by their byte less an asterisk.
  ///
  /// A reader keeps them in its memory, like the forms.
  static var allPeers: [UInt32] {
    Form.all.flatMap { form in
      (asterisk..<asterisk + 16).map { byte in
        let isDigit = byte &- zero < 10
        switch form.kind {
        case .internal: return byte == comma ? JournalLine.noPeer : noSuchPeer
        case .send where byte == asterisk: return JournalLine.allPeers
        default: return isDigit ? UInt32(byte - zero) : noSuchPeer
        }
      }
    }
  }

  /// Stands for a byte that is no peer.
  private static var noSuchPeer: UInt32 { JournalLine.allPeers - 1 }

  /// Reads lines until one is not regular.
  ///
  /// - Parameters:
  ///   - cursor: The first byte of a complete line, between ``CompleteLines/marginByteCount``
  ///     readable bytes on either side; afterwards the first byte of the first line not read.
  ///   - end: The byte after the last complete line.
  ///   - lines: The destination, which bounds how many are read.
  ///   - limit: The first line at this system time or later is not read.
  ///   - forms: ``Form/all``.
  ///   - peers: ``allPeers``.
  /// - Returns: How many were read; none when something in a number of one of them is no digit.
  consuming func read(
    _ cursor: inout UnsafePointer<UInt8>, upTo end: UnsafePointer<UInt8>,
    into lines: UnsafeMutableBufferPointer<JournalLine>, before limit: Int64, _ forms: [Form],
    _ peers: [UInt32]
  ) -> Int {
    let countMax = min(lines.count, Int(tickLimit - tick) - 1)
    let limit = min(limit, 1 << 62)
    return forms.withUnsafeBufferPointer { forms in
      peers.withUnsafeBufferPointer { peers in
        var (at, count, flaws) = (cursor, 0, SIMD2<UInt64>())
        while count < countMax, at < end,
          readOne(&at, into: &lines[count], forms, peers, before: limit, &flaws)
        {
          count &+= 1
        }
        guard (flaws.x | flaws.y) & 0xf0f0_f0f0_f0f0_f0f0 == 0 else { return 0 }
        cursor = at
        return count
      }
    }
  }

  @inline(__always)
  private mutating func readOne(
    _ cursor: inout UnsafePointer<UInt8>, into line: inout JournalLine,
    _ forms: UnsafeBufferPointer<Form>, _ peers: UnsafeBufferPointer<UInt32>,
    before limit: Int64, _ flaws: inout SIMD2<UInt64>
  ) -> Bool {
    let tickEnd = cursor + tickLength
    let timeEnd = tickEnd + (timeLength &+ 1)
    let event = Self.word(at: timeEnd + 1)
    let form = forms[Int(truncatingIfNeeded: event & 3)]
    let clock = timeEnd + form.clockOffset
    let clockEnd = clock + clockLength
    let peerEnd = clockEnd + (3 &- form.hasMessage)
    let messageEnd = peerEnd + ((messageLength & form.hasMessage) &+ 1)
    let (queueLength, peerByte) = (clockEnd[1] &- zero, clockEnd[3] &- asterisk)
    guard Self.word(at: tickEnd - 8) & tickMask == tickText, tickEnd.pointee == comma,
      Self.word(at: timeEnd - 24) & leadMask == leadText, timeEnd.pointee == comma,
      (event ^ form.word) & form.mask == 0, clock[-1] == comma, clockEnd.pointee == comma,
      queueLength < 10, clockEnd[2] == comma, peerEnd.pointee == comma,
      messageEnd.pointee == newline, peerByte < 16
    else { return false }
    let peer = peers[Int(truncatingIfNeeded: event & 3) &* 16 &+ Int(peerByte)]
    let times =
      Self.digits(Self.word(at: timeEnd - 16), Self.word(at: timeEnd - 8)) & timeMask
    let readings =
      Self.digits(Self.word(at: clockEnd - 8), Self.word(at: messageEnd - 8))
      & readingMask & form.readingMask
    // Tested once for all lines: a test of each would take the words out of their registers.
    flaws |= Self.flaws(times) | Self.flaws(readings)
    let time = Self.numbers(times)
    let systemTime = (lead &* 100_000_000 &+ time.x) &* 100_000_000 &+ time.y
    guard peer != Self.noSuchPeer, Int64(truncatingIfNeeded: systemTime) < limit
    else { return false }
    tick &+= 1
    tickText = Self.next(tickText)
    line.tick = tick
    line.systemTime = Int64(truncatingIfNeeded: systemTime)
    let numbers = Self.numbers(readings)
    (line.clock, line.messageReading) = (numbers.x, numbers.y)
    (line.queueLength, line.filledColumns) = (Int(queueLength), 0)
    (line.peerNumber, line.kind) = (peer, form.kind)
    cursor = messageEnd + 1
    return true
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

  /// The bytes of two words of digits as their values.
  @inline(__always)
  private static func digits(_ first: UInt64, _ second: UInt64) -> SIMD2<UInt64> {
    SIMD2(first, second) ^ SIMD2(repeating: 0x3030_3030_3030_3030)
  }

  /// Some byte's upper half is not empty if one of the bytes is above 9.
  @inline(__always)
  private static func flaws(_ digits: SIMD2<UInt64>) -> SIMD2<UInt64> {
    digits | (digits &+ SIMD2(repeating: 0x0606_0606_0606_0606))
  }

  /// The numbers that two words write, each byte a digit's value.
  @inline(__always)
  private static func numbers(_ digits: SIMD2<UInt64>) -> SIMD2<UInt64> {
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
