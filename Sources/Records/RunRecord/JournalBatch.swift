import ScaleModel

/// Memory for a batch of lines and the values of their columns.
package final class JournalBuffer {
  /// The lines.
  package let lines: UnsafeMutableBufferPointer<JournalLine>
  /// The values of each line's columns, line by line; see ``JournalValues``.
  let cells: UnsafeMutablePointer<Int64>

  /// Makes a buffer.
  ///
  /// - Parameters:
  ///   - lineCount: How many lines fit.
  ///   - columnCount: How many columns the workload has, in every journal that is read into it.
  package init(lineCount: Int, columnCount: Int) {
    lines = .allocate(capacity: lineCount)
    lines.initialize(repeating: JournalLine())
    let cellCount = max(1, lineCount * columnCount)
    cells = .allocate(capacity: cellCount)
    cells.initialize(repeating: 0, count: cellCount)
  }

  deinit {
    lines.deallocate()
    cells.deallocate()
  }
}

/// Consecutive lines of one journal, valid only until their buffer is used again.
package struct JournalBatch {
  /// The lines, in the journal's order.
  package let lines: UnsafeBufferPointer<JournalLine>
  /// The number of the first line in its file, where the header is line 1.
  package let firstLineNumber: Int
  /// The journal, and the cells of the first line; nil for lines without other columns.
  private let source: (journal: JournalReader, cells: UnsafePointer<Int64>)?

  /// Makes a batch of lines whose workload adds no columns.
  package init(lines: UnsafeBufferPointer<JournalLine>, firstLineNumber: Int) {
    (self.lines, self.firstLineNumber, source) = (lines, firstLineNumber, nil)
  }

  init(_ buffer: JournalBuffer, lineCount: Int, firstLineNumber: Int, of journal: JournalReader) {
    lines = UnsafeBufferPointer(rebasing: buffer.lines[..<lineCount])
    self.firstLineNumber = firstLineNumber
    source = (journal, UnsafePointer(buffer.cells))
  }

  private init(_ whole: JournalBatch, _ range: Range<Int>) {
    lines = UnsafeBufferPointer(rebasing: whole.lines[range])
    firstLineNumber = whole.firstLineNumber + range.lowerBound
    source = whole.source.map {
      ($0.journal, $0.cells + range.lowerBound * $0.journal.columns.count)
    }
  }

  /// Some of the lines.
  package subscript(range: Range<Int>) -> JournalBatch { JournalBatch(self, range) }

  /// The number that a line has in a column of numbers; nil when it has none.
  @inline(__always)
  package func number(inColumn column: Int, at index: Int) -> Int64? {
    guard let source, lines[index].filledColumns >> UInt64(column) & 1 == 1 else { return nil }
    return source.cells[index * source.journal.columns.count + column]
  }

  /// The value that a line has in a column; nothing when it has none.
  package func value(inColumn column: Int, at index: Int) -> FieldValue {
    guard let source, let cell = number(inColumn: column, at: index) else { return .nothing }
    return source.journal.values.value(cell, column)
  }

  /// The values of the workload's columns at a line, in order.
  package func values(at index: Int) -> [FieldValue] {
    guard let source else { return [] }
    let table = source.journal.values
    return table.fields.indices.map { column in
      number(inColumn: column, at: index).map { table.value($0, column) } ?? .nothing
    }
  }
}
