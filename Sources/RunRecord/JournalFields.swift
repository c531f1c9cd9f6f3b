import LogicalTime
import ScaleModel

/// Turns the bytes of one line into a ``JournalLine``.
///
/// There are two ways: a fast one for lines exactly as ``JournalWriter`` writes them, which gives up
/// at anything else, and a patient one for any order of columns, which finds what is wrong.
struct JournalFields {
  /// What is wrong with a line.
  struct Problem: Error, CustomStringConvertible {
    let column: JournalColumns.Column?
    let description: String
  }

  private let columns: JournalColumns
  /// The bytes of each column on the line being read; empty for a column that is not there.
  private var texts: [UnsafeBufferPointer<UInt8>]

  init(columns: JournalColumns) {
    self.columns = columns
    texts = Array(
      repeating: UnsafeBufferPointer(start: nil, count: 0),
      count: JournalColumns.Column.allCases.count)
  }

  /// Reads the line at `place`, in any order of columns.
  ///
  /// - Parameters:
  ///   - place: The line's first byte; afterwards the byte after its end, which must exist.
  ///   - line: Where the line goes.
  /// - Throws: What is wrong with it.
  mutating func read(
    _ place: inout UnsafePointer<UInt8>, into line: inout JournalLine
  ) throws(Problem) {
    try split(&place)
    let kind = try eventKind()
    line = JournalLine(
      tick: try number(.tick), systemTime: Int64(try number(.systemTime, below: 1 << 62)),
      kind: kind, clock: try number(.clock),
      queueLength: Int(try number(.queueLength, below: 1 << 32)),
      peer: try peer(of: kind), messageReading: try message(of: kind),
      amount: try money(.amount), balance: try money(.balance))
  }

  /// Finds the fields and the line's end.
  private mutating func split(_ place: inout UnsafePointer<UInt8>) throws(Problem) {
    var fieldIndex = 0
    var start = place
    while true {
      let byte = place.pointee
      if byte == comma || byte == newline {
        var length = place - start
        if byte == newline && length > 0 && start[length - 1] == carriageReturn { length -= 1 }
        guard fieldIndex < columns.places.count else {
          throw Problem(
            column: nil, description: "more fields than the header has (\(columns.places.count))")
        }
        if let column = columns.places[fieldIndex] {
          texts[column.rawValue] = UnsafeBufferPointer(start: start, count: length)
        }
        fieldIndex += 1
        start = place + 1
      }
      place += 1
      if byte == newline { break }
    }
    if fieldIndex < columns.places.count {
      throw Problem(
        column: columns.places[fieldIndex...].lazy.compactMap { $0 }.first,
        description:
          "the line ends too early, with \(fieldIndex) of \(columns.places.count) fields")
    }
  }

  private func bytes(_ column: JournalColumns.Column) -> UnsafeBufferPointer<UInt8> {
    texts[column.rawValue]
  }

  /// The field as an error shows it: quoted, and not longer than a reader wants.
  private func shown(_ column: JournalColumns.Column) -> String {
    let bytes = bytes(column)
    return "'\(String(decoding: bytes.prefix(40), as: UTF8.self))\(bytes.count > 40 ? "…" : "")'"
  }

  private func number(
    _ column: JournalColumns.Column, below limit: UInt64 = 1 << 63
  ) throws(Problem) -> UInt64 {
    let bytes = bytes(column)
    var value: UInt64 = 0
    var overflows = false
    for byte in bytes {
      guard byte &- zero < 10 else {
        throw Problem(column: column, description: "\(shown(column)) is not a whole number")
      }
      let (tenfold, overflows1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows2) = tenfold.addingReportingOverflow(UInt64(byte &- zero))
      overflows = overflows || overflows1 || overflows2
      value = sum
    }
    guard !bytes.isEmpty else { throw Problem(column: column, description: "a number is missing") }
    guard !overflows && value < limit else {
      throw Problem(
        column: column, description: "\(shown(column)) does not fit; the largest is \(limit - 1)")
    }
    return value
  }

  private func eventKind() throws(Problem) -> Event.Kind {
    let bytes = bytes(.event)
    let kind = Event.Kind.allCases.first { kind in
      let word = kind.word
      return UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        .elementsEqual(bytes)
    }
    if let kind { return kind }
    let words = Event.Kind.allCases.map { "\($0.word)" }.joined(separator: ", ")
    throw Problem(
      column: .event, description: "\(shown(.event)) is not an event; expected one of \(words)")
  }

  private func peer(of kind: Event.Kind) throws(Problem) -> JournalLine.Peer {
    let bytes = bytes(.peer)
    switch kind {
    case .internal, .deposit, .withdraw:
      try expectEmpty(.peer, of: kind)
      return .none
    case .snapshot where bytes.isEmpty:
      return .none
    case .send where bytes.elementsEqual(CollectionOfOne(asterisk)):
      return .all
    case .send, .receive, .snapshot:
      let number = try number(.peer, below: UInt64(JournalLine.everybody))
      return .machine(MachineID(Int(number)))
    }
  }

  private func message(of kind: Event.Kind) throws(Problem) -> UInt64 {
    switch kind {
    case .internal, .deposit, .withdraw:
      try expectEmpty(.message, of: kind)
      return 0
    case .send, .receive:
      return try number(.message)
    case .snapshot:
      let halves = bytes(.message).split(
        separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard halves.count == 2,
        let initiator = UInt32(String(decoding: halves[0], as: UTF8.self)),
        let number = UInt32(String(decoding: halves[1], as: UTF8.self)),
        initiator < JournalLine.everybody
      else {
        throw Problem(
          column: .message,
          description: "\(shown(.message)) is not a snapshot's id, which is <initiator>-<number>")
      }
      return UInt64(initiator) << 32 | UInt64(number)
    }
  }

  private func expectEmpty(
    _ column: JournalColumns.Column, of kind: Event.Kind
  ) throws(Problem) {
    guard bytes(column).isEmpty else {
      throw Problem(
        column: column,
        description: "\(shown(column)) is too much; the event '\(kind.word)' leaves it empty")
    }
  }

  /// An amount of money: any 64-bit number; nil when the field is empty or not there.
  private func money(_ column: JournalColumns.Column) throws(Problem) -> Int64? {
    let bytes = bytes(column)
    if bytes.isEmpty { return nil }
    let isPlain = bytes.allSatisfy { $0 &- zero < 10 || $0 == UInt8(ascii: "-") }
    guard isPlain, let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
      throw Problem(
        column: column, description: "\(shown(column)) is not a whole number that fits 64 bits")
    }
    return value
  }
}

private let zero = UInt8(ascii: "0")
private let comma = UInt8(ascii: ",")
private let asterisk = UInt8(ascii: "*")

extension JournalFields {
  /// How far ahead of a line's first byte the fast way may look.
  static let fastByteCountMax = 256

  /// Reads the line at `place` if it is one of those that ``JournalWriter`` writes at every tick.
  ///
  /// - Parameters:
  ///   - place: The line's first byte, with ``fastByteCountMax`` bytes to read from there;
  ///     afterwards the byte after the line's end.
  ///   - line: Where the line goes.
  ///   - hasMoney: Whether an amount and a balance end the line.
  /// - Returns: Whether it could be read; if not, the patient way finds out why.
  @inline(__always)
  static func readOwnOrder(
    _ place: inout UnsafePointer<UInt8>, into line: inout JournalLine, hasMoney: Bool
  ) -> Bool {
    guard let tick = readNumber(&place), skip(comma, &place),
      let systemTime = readNumber(&place), systemTime < 1 << 62, skip(comma, &place),
      let kind = readEvent(&place),
      let clock = readNumber(&place), skip(comma, &place),
      let queueLength = readNumber(&place), queueLength < 1 << 32, skip(comma, &place)
    else { return false }
    var peer = JournalLine.nobody
    var message: UInt64 = 0
    if kind == .internal {
      guard skip(comma, &place) else { return false }
    } else {
      if kind == .send && skip(asterisk, &place) {
        peer = JournalLine.everybody
      } else {
        guard let number = readNumber(&place), number < JournalLine.everybody else { return false }
        peer = UInt32(truncatingIfNeeded: number)
      }
      guard skip(comma, &place), let number = readNumber(&place) else { return false }
      message = number
    }
    line.hasAmount = false
    line.hasBalance = false
    if hasMoney && !readMoney(&place, into: &line) { return false }
    _ = skip(carriageReturn, &place)
    guard skip(newline, &place) else { return false }
    line.tick = tick
    line.systemTime = Int64(bitPattern: systemTime)
    line.clock = clock
    line.messageReading = message
    line.queueLength = Int(truncatingIfNeeded: queueLength)
    line.peerNumber = peer
    line.kind = kind
    return true
  }

  /// Reads amount and balance, when they are there and not negative.
  @inline(__always)
  private static func readMoney(
    _ place: inout UnsafePointer<UInt8>, into line: inout JournalLine
  ) -> Bool {
    guard skip(comma, &place) else { return false }
    if let amount = readNumber(&place) {
      line.amountValue = Int64(bitPattern: amount)
      line.hasAmount = true
    }
    guard skip(comma, &place) else { return false }
    if let balance = readNumber(&place) {
      line.balanceValue = Int64(bitPattern: balance)
      line.hasBalance = true
    }
    return true
  }

  /// Goes past one byte, if it is the one expected.
  @inline(__always)
  private static func skip(_ byte: UInt8, _ place: inout UnsafePointer<UInt8>) -> Bool {
    guard place.pointee == byte else { return false }
    place += 1
    return true
  }

  /// Reads digits; nil when there are none, or when they are more than 63 bits hold.
  ///
  /// Eight at once, then four, then one by one: a column's length hardly ever changes from line to
  /// line, so the processor guesses the way right.
  @inline(__always)
  private static func readNumber(_ place: inout UnsafePointer<UInt8>) -> UInt64? {
    let start = place
    var value: UInt64 = 0
    if let eight = readEightDigits(place) {
      value = eight
      place += 8
      // Not again after that: the fast way must not look far ahead on a line of endless digits.
      if let eight = readEightDigits(place) {
        value = value &* 100_000_000 &+ eight
        place += 8
      }
    }
    if let four = readFourDigits(place) {
      value = value &* 10_000 &+ four
      place += 4
    }
    var digit = place.pointee &- zero
    while digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      place += 1
      digit = place.pointee &- zero
    }
    // Nineteen digits cannot wrap around 64 bits, and 2⁶³ has nineteen.
    let count = place - start
    return count > 0 && count < 20 && value < 1 << 63 ? value : nil
  }

  /// The number that eight digits write; nil when one is not a digit.
  @inline(__always)
  private static func readEightDigits(_ place: UnsafePointer<UInt8>) -> UInt64? {
    let bytes = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
    // A byte from 0x30 to 0x39 keeps its upper half, also when six is added.
    let upperHalves: UInt64 = 0xf0f0_f0f0_f0f0_f0f0
    let zeros: UInt64 = 0x3030_3030_3030_3030
    guard bytes & upperHalves == zeros,
      (bytes &+ 0x0606_0606_0606_0606) & upperHalves == zeros
    else { return nil }
    // Neighbouring digits become pairs, pairs become fours, fours the number.
    let digits = bytes &- zeros
    let pairs = (digits &* 10 &+ digits &>> 8) & 0x00ff_00ff_00ff_00ff
    let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_ffff_0000_ffff
    return (fours &* 10_000 &+ fours &>> 32) & 0xffff_ffff
  }

  /// The number that four digits write; nil when one is not a digit.
  @inline(__always)
  private static func readFourDigits(_ place: UnsafePointer<UInt8>) -> UInt64? {
    let bytes = UInt32(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt32.self))
    guard bytes & 0xf0f0_f0f0 == 0x3030_3030, (bytes &+ 0x0606_0606) & 0xf0f0_f0f0 == 0x3030_3030
    else { return nil }
    let digits = bytes &- 0x3030_3030
    let pairs = (digits &* 10 &+ digits &>> 8) & 0x00ff_00ff
    return UInt64((pairs &* 100 &+ pairs &>> 16) & 0xffff)
  }

  /// Reads the word of an event that a free tick or a receipt can be, and the comma after it.
  @inline(__always)
  private static func readEvent(_ place: inout UnsafePointer<UInt8>) -> Event.Kind? {
    let word = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
    if word == wordInternal && place[8] == comma {
      place += 9
      return .internal
    }
    if word == wordReceive {
      place += 8
      return .receive
    }
    if word & 0xff_ffff_ffff == wordSend {
      place += 5
      return .send
    }
    return nil
  }

  // The words as little-endian bytes: "internal", "receive," and "send,".
  private static var wordInternal: UInt64 { 0x6c61_6e72_6574_6e69 }
  private static var wordReceive: UInt64 { 0x2c65_7669_6563_6572 }
  private static var wordSend: UInt64 { 0x2c_646e_6573 }
}
