import Foundation
import LogicalTime
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import RunRecord

private let header = "tick,system_time_ns,event,clock,queue_length,peer,message\n"

/// All lines of a journal with the values of their columns, read through a buffer of
/// `bufferLineCount` lines.
private func read(
  _ text: String, columns: [FieldDeclaration] = [], bufferLineCount: Int = 7
) throws -> (lines: [JournalLine], values: [[FieldValue]], isCut: Bool) {
  try withTemporaryDirectory { directory in
    let path = directory + "/machine-0.csv"
    try FileSystem.replace(path, with: text)
    let reader = try JournalReader(path: path, columns: columns)
    let (lines, values) = try allLines(of: reader, bufferLineCount: bufferLineCount)
    #expect(reader.lineNumber == lines.count + 2)
    return (lines, values, reader.isCut)
  }
}

private func allLines(
  of reader: JournalReader, bufferLineCount: Int
) throws -> (lines: [JournalLine], values: [[FieldValue]]) {
  let buffer = JournalBuffer(lineCount: bufferLineCount, columnCount: reader.columns.count)
  var lines: [JournalLine] = []
  var values: [[FieldValue]] = []
  while true {
    let batch = try reader.read(into: buffer)
    if batch.lines.isEmpty { return (lines, values) }
    lines += batch.lines
    values += batch.lines.indices.map { batch.values(at: $0) }
  }
}

/// What a journal is read as, line by line, whatever its header looks like.
@Suite("Reading journals")
struct JournalReaderTests {
  private static let events = [
    JournalLine(tick: 1, systemTime: 1000, kind: .internal, clock: 1),
    JournalLine(
      tick: 2, systemTime: 2000, kind: .send, clock: 2, peer: .machine(1), messageReading: 2),
    JournalLine(
      tick: 3, systemTime: 3000, kind: .receive, clock: 9, queueLength: 4, peer: .machine(2),
      messageReading: 8),
    JournalLine(tick: 4, systemTime: 4000, kind: .send, clock: 10, peer: .all, messageReading: 10),
    JournalLine(
      tick: 4, systemTime: 4100, kind: .snapshot, clock: 10, peer: .machine(2),
      messageReading: 2 << 32 | 7),
    JournalLine(
      tick: 4, systemTime: 4200, kind: .snapshot, clock: 10, messageReading: 3),
  ]

  private static let ownOrder = """
    1,1000,internal,1,0,,
    2,2000,send,2,0,1,2
    3,3000,receive,9,4,2,8
    4,4000,send,10,0,*,10
    4,4100,snapshot,10,0,2,2-7
    4,4200,snapshot,10,0,,0-3

    """

  @Test("Lines as we write them", arguments: [1, 2, 7, 100])
  func ownOrder(bufferLineCount: Int) throws {
    // Padded, so that the fast way reads the lines, and once without, so that the slow one does.
    let padding = String(repeating: "5,5000,internal,11,0,,\n", count: 30)
    let (lines, _, isCut) = try read(
      header + Self.ownOrder + padding, bufferLineCount: bufferLineCount)
    #expect(lines.prefix(6) == Self.events[...])
    #expect(lines.count == 36)
    #expect(!isCut)
    #expect(try read(header + Self.ownOrder).lines == Self.events)
  }

  @Test("Line ends of CRLF")
  func carriageReturns() throws {
    let padding = String(repeating: "5,5000,internal,11,0,,\n", count: 30)
    let text = (header + Self.ownOrder + padding).replacing("\n", with: "\r\n")
    #expect(try read(text).lines.prefix(6) == Self.events[...])
  }

  @Test("Columns in another order, with unknown ones between them")
  func otherOrder() throws {
    let text = """
      message,colour,peer,queue_length,clock,event,system_time_ns,tick,shape
      ,red,,0,1,internal,1000,1,
      2,,1,0,2,send,2000,2,round
      8,"a",2,4,9,receive,3000,3,round
      10,,*,0,10,send,4000,4,
      2-7,,2,0,10,snapshot,4100,4,
      0-3,,,0,10,snapshot,4200,4,

      """
    #expect(try read(text).lines == Self.events)
  }

  @Test("Unknown columns behind ours, the fast and the slow way", arguments: [0, 40])
  func columnsBehind(paddingLineCount: Int) throws {
    let text = """
      tick,system_time_ns,event,clock,queue_length,peer,message,snapshot_round,shape
      1,1000,internal,1,0,,,,
      2,2000,send,2,0,1,2,12345678901234567890123,7
      3,3000,receive,9,4,2,8,3,"round, or not"
      4,4000,send,10,0,*,10,,
      4,4100,snapshot,10,0,2,2-7,,-1
      4,4200,snapshot,10,0,,0-3,4,

      """
    let padding = String(repeating: "5,5000,internal,11,0,,,0,\n", count: paddingLineCount)
    #expect(try read(text + padding).lines.prefix(6) == Self.events[...])
    #expect(throws: RunRecordError.self) { try read(text + "5,5000,internal,11,0,,,4\n" + padding) }
  }

  @Test("Columns of whole numbers, the fast and the slow way", arguments: [0, 40])
  func numbers(paddingLineCount: Int) throws {
    let text = """
      tick,system_time_ns,event,clock,queue_length,peer,message,amount,balance
      1,10,send,1,0,1,1,250,750
      2,20,internal,2,0,,,,750
      3,30,withdraw,3,0,,,900,-150
      4,40,receive,5,0,1,4,9223372036854775807,-9223372036854775808

      """
    let padding = String(repeating: "5,50,internal,6,0,,,,0\n", count: paddingLineCount)
    let columns = [FieldDeclaration("amount", .integer), FieldDeclaration("balance", .integer)]
    let read = try read(text + padding, columns: columns)
    let expected: [[FieldValue]] = [
      [.integer(250), .integer(750)], [.nothing, .integer(750)], [.integer(900), .integer(-150)],
      [.integer(.max), .integer(.min)],
    ]
    #expect(read.values.prefix(4) == expected[...])
    #expect(read.lines[2].kind == .withdraw)
  }

  private static let kinds: [FieldKind] = [
    .integer, .boolean, .word(["idle", "in, side", "a \"word\""]), .machine, .text,
  ]

  @Test("Columns of all kinds are read as they were written", arguments: [0, 1, 5, 30])
  func kinds(columnCount: Int) throws {
    let columns = (0..<columnCount).map { FieldDeclaration("f\($0)", Self.kinds[$0 % 5]) }
    let texts = [
      "", "plain", "a,b", "\"", "\"\"quoted\"\"", "two\nlines\r\n", "back\\slash \\n",
      "ü,\u{10FFFF}",
      String(repeating: "\"\\\n", count: 341),
    ]
    var random = SplitMix64(seed: UInt64(columnCount), purpose: .ticks)
    let rows = (0..<100).map { _ in
      columns.map { column -> FieldValue in
        if random.draw(below: 5) == 0 { return .nothing }
        let number = Int64(bitPattern: random.next())
        switch column.kind {
        case .integer: return .integer([0, .max, .min, number][Int(random.draw(below: 4))])
        case .boolean: return .boolean(number > 0)
        case .word(let words): return .text(words[Int(random.draw(below: 3))])
        case .machine: return .integer(Int64(random.draw(below: 1 << 32)))
        case .text: return .text(texts[Int(random.draw(below: UInt64(texts.count)))])
        }
      }
    }
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-1.csv"
      let writer = try JournalWriter(
        path: path, machine: 1, topology: Topology(completeWith: 4), fields: columns,
        bufferByteCount: 1024)
      for (index, row) in rows.enumerated() {
        let tick = UInt64(index + 1)
        writer.append(
          Event(tick: tick, kind: .internal, reading: tick, queueLength: 0), systemTime: 1000
        ) { pen in
          for value in row { pen.write(value) }
        }
      }
      try writer.flush()
      let reader = try JournalReader(path: path, columns: columns)
      #expect(try RunRecordTests.allLines(of: reader, bufferLineCount: 7).values == rows)
      #expect(try reader.lastTime() == 1000)
      // Every line is one line of the file, and the order of the columns does not matter.
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 101)
      let other = lines.map { "x,\($0)\n" }.joined()
      #expect(try read(other, columns: columns).values == rows)
    }
  }

  @Test(
    "A value that a column cannot have, with its column and what was expected",
    arguments: [
      ("1.5", FieldKind.integer, "'1.5' is not a whole number that fits 64 bits"),
      ("9223372036854775808", .integer, "is not a whole number that fits 64 bits"),
      ("-1", .machine, "'-1' is not the id of a machine"),
      ("True", .boolean, "'True' is neither true nor false"),
      ("busy", .word(["idle", "waiting"]), "'busy' is not a word of this field: idle, waiting"),
      ("\"open", .text, "has no closing quote"),
      ("a\\tb", .text, "has a '\\' before neither '\\', n nor r"),
      ("\"a\"b\"", .text, "has a quote that is not doubled within quotes"),
    ])
  func wrongValue(text: String, kind: FieldKind, problem: String) throws {
    let line = "1,10,internal,1,0,,,\(text)\n"
    let own = header.dropLast() + ",extra\n"
    let error = try #require(throws: RunRecordError.self) {
      try read(own + line, columns: [FieldDeclaration("extra", kind)])
    }
    #expect("\(error)".contains("line 2, column 'extra'"), "\(error)")
    #expect("\(error)".contains(problem), "\(error)")
  }

  @Test("A journal without a column of the run's workload is refused")
  func missingColumn() throws {
    let error = try #require(throws: RunRecordError.self) {
      try read(header + Self.ownOrder, columns: [FieldDeclaration("phase", .text)])
    }
    #expect("\(error)".contains("'phase': the header lacks this column"), "\(error)")
  }

  @Test("What the writer writes is what the reader reads", arguments: 0..<20 as Range<UInt64>)
  func writerAndReaderAgree(seed: UInt64) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-1.csv"
      let topology = Topology(completeWith: 4)
      let writer = try JournalWriter(
        path: path, machine: 1, topology: topology, fields: [], bufferByteCount: 1024)
      var random = SplitMix64(seed: seed, purpose: .ticks)
      var expected: [JournalLine] = []
      for tick in 1...200 as ClosedRange<UInt64> {
        let reading = random.next() >> (1 + random.draw(below: 63))
        let time = Int64(random.next() >> (2 + random.draw(below: 60)))
        let queueLength = Int(random.draw(below: 1 << 32))
        var event = Event(tick: tick, kind: .internal, reading: reading, queueLength: queueLength)
        var line = JournalLine(
          tick: tick, systemTime: time, clock: reading, queueLength: queueLength)
        switch random.draw(below: 4) {
        case 0:
          event.kind = .send
          event.peer = .neighbour(Neighbour(index: 2))
          (line.kind, line.peerNumber) = (.send, 3)
        case 1:
          event.kind = .send
          event.peer = .all
          (line.kind, line.peerNumber) = (.send, JournalLine.allPeers)
        case 2:
          event.kind = .receive
          event.peer = .machine(2)
          (line.kind, line.peerNumber) = (.receive, 2)
        default: break
        }
        if event.kind != .internal {
          event.messageReading = max(1, random.next() >> 1)
          line.messageReading = event.messageReading
        }
        writer.append(event, systemTime: time)
        expected.append(line)
      }
      try writer.flush()
      let buffer = JournalBuffer(lineCount: 300, columnCount: 0)
      let reader = try JournalReader(path: path)
      #expect(try Array(reader.read(into: buffer).lines) == expected)
      #expect(try reader.read(into: buffer).lines.isEmpty)
      try reader.rewind()
      #expect(try reader.read(into: buffer).lines.count == 200)
    }
  }

  @Test("The size of the buffer changes nothing", arguments: [1, 30, 64, 65, 200, 4096])
  func pieces(byteCount: Int) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      let padded = "9,9000,receive,9,0,1,\(String(repeating: "0", count: 300))8\n"
      let text = header + Self.ownOrder + padded + Self.ownOrder + "7,700"
      try FileSystem.replace(path, with: text)
      let whole = try JournalReader(path: path)
      let inPieces = try JournalReader(path: path, pieceByteCount: byteCount)
      let expected = try allLines(of: whole)
      #expect(expected.count == 2 * Self.ownOrder.count { $0 == "\n" } + 1)
      #expect(try inPieces.nextTime() == expected.first?.systemTime)
      for _ in 0..<2 {
        #expect(try allLines(of: inPieces) == expected)
        #expect(inPieces.lineNumber == expected.count + 2)
        #expect(try inPieces.nextTime() == nil)
        try inPieces.rewind()
      }
      #expect(inPieces.isCut)
      try FileSystem.replace(path, with: header + Self.ownOrder + "x\n")
      let broken = try JournalReader(path: path, pieceByteCount: byteCount)
      let line = Self.ownOrder.count { $0 == "\n" } + 2
      let error = try #require(throws: RunRecordError.self) { try allLines(of: broken) }
      guard case .malformed(path, line, _, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  private func allLines(of reader: JournalReader) throws -> [JournalLine] {
    try RunRecordTests.allLines(of: reader, bufferLineCount: 3).lines
  }

  @Test("A batch ends before the first line of a given time")
  func timeLimit() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      try FileSystem.replace(path, with: header + Self.ownOrder)
      let reader = try JournalReader(path: path)
      let buffer = JournalBuffer(lineCount: 2, columnCount: 0)
      let counts = try [1000, 1001, 4100, 4100, 4100, 9000, 9000].map {
        try reader.read(into: buffer, before: $0).lines.count
      }
      #expect(counts == [0, 1, 2, 1, 0, 2, 0])
    }
  }

  @Test("A dead machine is counted from its journal, without snapshots and the cut last line")
  func countedEnd() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      let last = "5,5000,receive,12,3,1,11\n5,5100,snapshot,12,9,,0-4\n6,6000,inter"
      try FileSystem.replace(path, with: header + Self.ownOrder + last)
      let end = try Manifest.MachineEnd(id: 0, rateHz: 6, countedFrom: path)
      let expected = Manifest.MachineEnd(
        id: 0, rateHz: 6, ticks: 5, finalClock: 12, finalQueueLength: 3)
      #expect(end == expected)
    }
  }

  @Test("A journal without events has none")
  func noEvents() throws {
    #expect(try read(header).lines.isEmpty)
    #expect(try !read(header).isCut)
  }

  @Test(
    "A last line without its end is left out, and said so",
    arguments: ["2", "2,2000,inter", "2,2000,send,2,0,1,2", "2,x,y"])
  func cutLine(rest: String) throws {
    let (lines, _, isCut) = try read(header + "1,1000,internal,1,0,,\n" + rest)
    #expect(lines == [Self.events[0]])
    #expect(isCut)
  }
}

/// Each row is a journal with one thing wrong, and where the reader says it is.
@Suite("Damaged journals")
struct DamagedJournalTests {
  struct Damage: Sendable {
    let line: String
    let column: String?
    let problem: String

    init(_ line: String, _ column: String?, _ problem: String) {
      (self.line, self.column, self.problem) = (line, column, problem)
    }
  }

  @Test(
    "A damaged line is named by line and column",
    arguments: [
      Damage("x,1000,internal,1,0,,", "tick", "'x' is not a whole number"),
      Damage("-1,1000,internal,1,0,,", "tick", "'-1' is not a whole number"),
      Damage("1.5,1000,internal,1,0,,", "tick", "'1.5' is not a whole number"),
      Damage(" 1,1000,internal,1,0,,", "tick", "' 1' is not a whole number"),
      Damage(",1000,internal,1,0,,", "tick", "a number is missing"),
      Damage(
        "9223372036854775808,1,internal,1,0,,", "tick",
        "'9223372036854775808' does not fit; the largest is 9223372036854775807"),
      Damage(
        "99999999999999999999999,1,internal,1,0,,", "tick",
        "'99999999999999999999999' does not fit; the largest is 9223372036854775807"),
      Damage("1,-5,internal,1,0,,", "system_time_ns", "'-5' is not a whole number"),
      Damage(
        "1,4611686018427387904,internal,1,0,,", "system_time_ns",
        "'4611686018427387904' does not fit; the largest is 4611686018427387903"),
      Damage(
        "1,1000,sned,1,0,,", "event",
        "'sned' is not an event; "
          + "expected one of internal, send, receive, snapshot, deposit, withdraw"),
      Damage("1,1000,internal,1e3,0,,", "clock", "'1e3' is not a whole number"),
      Damage(
        "1,1000,internal,9223372036854775808,0,,", "clock",
        "'9223372036854775808' does not fit; the largest is 9223372036854775807"),
      Damage(
        "1,1000,internal,1,4294967296,,", "queue_length",
        "'4294967296' does not fit; the largest is 4294967295"),
      Damage("1,1000,send,1,0,,1", "peer", "a number is missing"),
      Damage("1,1000,send,1,0,**,1", "peer", "'**' is not a whole number"),
      Damage("1,1000,receive,1,0,*,1", "peer", "'*' is not a whole number"),
      Damage(
        "1,1000,receive,1,0,4294967295,1", "peer",
        "'4294967295' does not fit; the largest is 4294967293"),
      Damage("1,1000,send,1,0,1,", "message", "a number is missing"),
      Damage("1,1000,receive,1,0,1,x", "message", "'x' is not a whole number"),
      Damage(
        "1,1000,internal,1,0,2,", "peer",
        "'2' is not possible; leave it empty for the event 'internal'"),
      Damage(
        "1,1000,internal,1,0,,2", "message",
        "'2' is not possible; leave it empty for the event 'internal'"),
      Damage(
        "1,1000,snapshot,1,0,,7", "message",
        "'7' is not a snapshot's id, which is <initiator>-<number>"),
      Damage("1,1000,internal", "clock", "the line ends too early, with 3 of 7 fields"),
      Damage("", "system_time_ns", "the line ends too early, with 1 of 7 fields"),
      Damage("1,1000,internal,1,0,,,", nil, "more fields than the header has (7)"),
    ], [0, 40])
  func damagedLine(damage: Damage, paddingLineCount: Int) throws {
    let padding = String(repeating: "3,3000,internal,3,0,,\n", count: paddingLineCount)
    let text = header + "1,1000,internal,1,0,,\n" + damage.line + "\n" + padding
    let error = try #require(throws: RunRecordError.self) { _ = try read(text) }
    guard case .malformed(let path, let line, let column, let problem) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(path.hasSuffix("/machine-0.csv"))
    #expect(line == 3)
    #expect(column == damage.column)
    #expect(problem == damage.problem)
  }

  @Test("An amount that is no number")
  func damagedAmount() throws {
    let text = header.dropLast() + ",amount,balance\n1,10,send,1,0,1,1,ten,5\n"
    let columns = [FieldDeclaration("amount", .integer), FieldDeclaration("balance", .integer)]
    let error = try #require(throws: RunRecordError.self) {
      _ = try read(String(text), columns: columns)
    }
    #expect(
      "\(error)".hasSuffix("line 2, column 'amount': 'ten' is not a whole number that fits 64 bits")
    )
  }

  @Test(
    "A header that is not one",
    arguments: [
      ("tick,time", nil, "there is no whole header line"),
      ("\n", "tick", "the header lacks this column"),
      (
        "tick,system_time_ns,event,clock,peer,message\n", "queue_length",
        "the header lacks this column"
      ),
      (
        "tick,tick,system_time_ns,event,clock,queue_length,peer,message\n", "tick",
        "the header names this column 2 times"
      ),
    ] as [(String, String?, String)])
  func damagedHeader(text: String, column: String?, problem: String) throws {
    let error = try #require(throws: RunRecordError.self) { _ = try read(text) }
    guard case .malformed(_, let line, let foundColumn, let foundProblem) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(line == 1)
    #expect(foundColumn == column)
    #expect(foundProblem.hasPrefix(problem))
  }

  @Test("A journal that is not there is missing, and a directory is not one")
  func missing() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      #expect(throws: RunRecordError.missing(path: path)) { try JournalReader(path: path) }
      #expect(throws: RunRecordError.self) { try JournalReader(path: directory) }
    }
  }
}
