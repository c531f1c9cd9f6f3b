import SystemCalls

extension JournalReader {
  /// How many bytes at a journal's end are searched for its last line: as many as two lines have at
  /// most.
  private var tailByteCount: Int { 2 * JournalWriter.lineByteCountMax(columns) }

  /// Whether a file holds at most a part of a header: its writer ended before it wrote its first
  /// lines.
  static func isUnbegun(_ path: String) -> Bool {
    let header = Array(JournalWriter.columns.utf8)
    guard let bytes = try? PiecewiseFile(path).bytes(from: 0, countMax: 1024)
    else { return false }
    // The workload's columns may follow.
    return header.starts(with: bytes) || bytes.starts(with: header + [comma])
  }

  /// The system time of the last complete line, found without reading the others.
  ///
  /// - Returns: Nil when there is no event; `Int64.max` when the line is malformed, which a reader
  ///   reports when it gets there.
  /// - Throws: ``RunRecordError`` when the journal cannot be read.
  package func lastTime() throws(RunRecordError) -> Int64? {
    let tail: [UInt8]
    do throws(SystemError) {
      let file = try PiecewiseFile(path)
      tail = try file.bytes(
        from: max(0, file.byteCount - tailByteCount), countMax: tailByteCount)
    } catch {
      throw .unreadable(error)
    }
    guard let end = tail.lastIndex(of: newline) else {
      return tail.count < tailByteCount ? nil : .max
    }
    guard let start = tail[..<end].lastIndex(of: newline) else {
      // The only line is the header, unless it is longer than our lines.
      return tail.count < tailByteCount ? nil : .max
    }
    return time(ofLine: Array(tail[(start + 1)...end]))
  }
}
