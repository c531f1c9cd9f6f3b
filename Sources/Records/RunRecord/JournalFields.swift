import LogicalTime
import ScaleModel

/// Turns the bytes of one line into a ``JournalLine`` and the values of its other columns.
///
/// There are two ways: a fast one for lines exactly as ``JournalWriter`` writes them, which gives
/// up at anything else, and a slow one for any order of columns, which reports errors.
struct JournalFields {
  /// The problem with a line.
  struct Problem: Error, CustomStringConvertible {
    let column: String?
    let description: String
  }

  /// The values of the workload's columns.
  var values: JournalValues
  private let columns: JournalColumns
  private let mayLackMessages: Bool
  /// The bytes of each column of the current line that a reader looks for.
  private var texts: [UnsafeBufferPointer<UInt8>]

  init(_ header: JournalColumns, values: [FieldDeclaration], mayLackMessages: Bool) {
    columns = header
    self.mayLackMessages = mayLackMessages
    self.values = JournalValues(values)
    texts = Array(
      repeating: UnsafeBufferPointer(start: nil, count: 0), count: columns.names.count)
  }

  /// Parses the line at `cursor`, in any order of columns.
  ///
  /// - Parameters:
  ///   - cursor: The line's first byte; afterwards the byte after its end, which must exist.
  ///   - line: The destination.
  ///   - cells: The destination of the workload's values, one for each of its columns.
  /// - Throws: The problem with the line.
  mutating func read(
    _ cursor: inout UnsafePointer<UInt8>, into line: inout JournalLine,
    _ cells: UnsafeMutablePointer<Int64>
  ) throws(Problem) {
    try split(&cursor)
    let kind = try eventKind()
    line = JournalLine(
      tick: try number(.tick), systemTime: Int64(try number(.systemTime, below: 1 << 62)),
      kind: kind, clock: try number(.clock),
      queueLength: Int(try number(.queueLength, below: 1 << 32)),
      peer: try peer(of: kind), messageReading: try message(of: kind))
    for (column, bytes) in texts[JournalColumns.Column.allCases.count...].enumerated() {
      if let cell = try values.cell(of: bytes, column) {
        cells[column] = cell
        line.filledColumns |= 1 << UInt64(column)
      }
    }
  }

  /// Finds the fields and the line's end.
  private mutating func split(_ cursor: inout UnsafePointer<UInt8>) throws(Problem) {
    var count = 0
    while true {
      let start = cursor
      guard count < columns.indexes.count else {
        throw Problem(
          column: nil, description: "more fields than the header has (\(columns.indexes.count))")
      }
      JournalValues.skipField(&cursor)
      var length = cursor - start
      let isLast = cursor.pointee == newline
      if isLast && length > 0 && start[length - 1] == carriageReturn { length -= 1 }
      if let index = columns.indexes[count] {
        texts[index] = UnsafeBufferPointer(start: start, count: length)
      }
      count += 1
      cursor += 1
      if isLast { break }
    }
    if count < columns.indexes.count {
      throw Problem(
        column: columns.indexes[count...].lazy.compactMap { $0 }.first.map { columns.names[$0] },
        description: "the line ends too early, with \(count) of \(columns.indexes.count) fields")
    }
  }

  private func bytes(_ column: JournalColumns.Column) -> UnsafeBufferPointer<UInt8> {
    texts[column.rawValue]
  }

  /// The field as an error shows it: quoted and shortened.
  private func shown(_ column: JournalColumns.Column) -> String {
    JournalValues.shown(bytes(column))
  }

  private func number(
    _ column: JournalColumns.Column, below limit: UInt64 = 1 << 63
  ) throws(Problem) -> UInt64 {
    let bytes = bytes(column)
    var value: UInt64 = 0
    var overflows = false
    for byte in bytes {
      guard byte &- zero < 10 else {
        throw Problem(column: column.name, description: "\(shown(column)) is not a whole number")
      }
      let (tenfold, overflows1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows2) = tenfold.addingReportingOverflow(UInt64(byte &- zero))
      overflows = overflows || overflows1 || overflows2
      value = sum
    }
    guard !bytes.isEmpty else {
      throw Problem(column: column.name, description: "a number is missing")
    }
    guard !overflows && value < limit else {
      throw Problem(
        column: column.name,
        description: "\(shown(column)) does not fit; the largest is \(limit - 1)")
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
      column: JournalColumns.Column.event.name,
      description: "\(shown(.event)) is not an event; expected one of \(words)")
  }

  private func peer(of kind: Event.Kind) throws(Problem) -> JournalLine.Peer {
    let bytes = bytes(.peer)
    switch kind {
    case .internal, .deposit, .withdraw:
      try expectEmpty(.peer, of: kind)
      return .none
    case .snapshot where bytes.isEmpty:
      return .none
    case .send where mayLackMessages && bytes.isEmpty,
      .receive where mayLackMessages && bytes.isEmpty:
      return .none
    case .send where bytes.elementsEqual(CollectionOfOne(asterisk)):
      return .all
    case .send, .receive, .snapshot:
      let number = try number(.peer, below: UInt64(JournalLine.allPeers))
      return .machine(MachineID(Int(number)))
    }
  }

  private func message(of kind: Event.Kind) throws(Problem) -> UInt64 {
    switch kind {
    case .internal, .deposit, .withdraw:
      try expectEmpty(.message, of: kind)
      return 0
    case .send, .receive:
      return mayLackMessages && bytes(.message).isEmpty ? 0 : try number(.message)
    case .snapshot:
      let halves = bytes(.message).split(
        separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard halves.count == 2,
        let initiator = UInt32(String(decoding: halves[0], as: UTF8.self)),
        let number = UInt32(String(decoding: halves[1], as: UTF8.self)),
        initiator < JournalLine.allPeers
      else {
        throw Problem(
          column: JournalColumns.Column.message.name,
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
        column: column.name,
        description:
          "\(shown(column)) is not possible; leave it empty for the event '\(kind.word)'")
    }
  }
}

// The bytes with a meaning in a journal.
let zero = UInt8(ascii: "0")
let comma = UInt8(ascii: ",")
let asterisk = UInt8(ascii: "*")
let newline = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
