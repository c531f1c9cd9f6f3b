import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import RunRecord

/// Journals whose writer was ended before its lines were all written out.
@Suite("A journal of a run that was ended from outside")
struct UnfinishedJournalTests {
  private static let header = JournalWriter.columns + "\n"

  private func withJournal(_ text: String, _ body: (JournalReader) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      try FileSystem.replace(path, with: text)
      try body(JournalReader(path: path))
    }
  }

  private func times(_ journal: JournalReader) throws -> [Int64] {
    let buffer = JournalBuffer(lineCount: 3, columnCount: 0)
    var times: [Int64] = []
    while true {
      let batch = try journal.read(into: buffer)
      if batch.lines.isEmpty { return times }
      times += batch.lines.map(\.systemTime)
    }
  }

  @Test(
    "One that holds nothing, or a part of a header, has no lines",
    arguments: ["", "tick,sys", JournalWriter.columns, JournalWriter.columns + ",amo"])
  func unbegun(text: String) throws {
    try withJournal(text) { journal in
      #expect(journal.isEmpty == text.isEmpty)
      #expect(journal.isCut == !text.isEmpty)
      #expect(try times(journal) == [])
      #expect(try journal.lastTime() == nil)
      try journal.rewind()
      #expect(try times(journal) == [])
      #expect(try journal.nextTime() == nil)
    }
  }

  @Test("One that begins otherwise is none")
  func otherText() throws {
    #expect(throws: RunRecordError.self) { try withJournal("tock,sys") { _ in } }
  }

  @Test(
    "The time of the last whole line is found from the end",
    arguments: [
      (lineCount: 0, cut: "", expected: nil), (1, "", 10), (2, "", 20), (40, "41,41", 400),
      (1000, "1001,10010,inter", 10_000),
    ] as [(lineCount: Int, cut: String, expected: Int64?)])
  func lastTime(row: (lineCount: Int, cut: String, expected: Int64?)) throws {
    let lines = (0..<row.lineCount).map { "\($0 + 1),\($0 + 1)0,internal,\($0 + 1),0,,\n" }
    try withJournal(Self.header + lines.joined() + row.cut) { journal in
      let last = try journal.lastTime()
      let lastRead = try times(journal).last
      #expect(last == row.expected)
      #expect(lastRead == row.expected)
    }
  }

  @Test("Lines at the time it is read to, and later ones, are left out")
  func endTime() throws {
    let lines = (1...8).map { "\($0),\($0 / 2 * 10),internal,\($0),0,,\n" }
    try withJournal(Self.header + lines.joined()) { journal in
      for (endTime, expected) in [
        (Int64.max, 8), (40, 7), (20, 3), (15, 3), (1, 1), (0, 0), (.min, 0),
      ] as [(Int64, Int)] {
        journal.endTime = endTime
        #expect(try times(journal).count == expected)
        #expect(try journal.nextTime() == nil)
        try journal.rewind()
      }
    }
  }
}
