import SystemCalls

/// How far a machine came, by the last whole line of its journal.
///
/// A machine that was killed has no other last word. Only the end of the file is read, so that a
/// journal of gigabytes costs nothing; ``JournalWriter`` wrote it, so its columns stand as they do
/// there.
package struct JournalTail: Hashable, Sendable {
  /// Instructions carried out.
  package var ticks: UInt64 = 0
  /// The reading of the last event.
  package var clock: UInt64 = 0
  /// How many messages waited after the last event.
  package var queueLength = 0

  /// Reads the end of a journal; a journal without events is one of a machine that did nothing.
  ///
  /// - Throws: ``SystemError`` when there is no journal that can be read.
  package init(path: String) throws(SystemError) {
    let file = try MappedFile(path)
    let newline = UInt8(ascii: "\n")
    guard let lineEnd = file.bytes.lastIndex(of: newline),
      let lineStart = file.bytes[..<lineEnd].lastIndex(of: newline)
    else { return }
    let line = String(decoding: file.bytes[(lineStart + 1)..<lineEnd], as: UTF8.self)
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count >= 5 else { return }
    ticks = UInt64(fields[0]) ?? 0
    clock = UInt64(fields[3]) ?? 0
    queueLength = Int(fields[4]) ?? 0
  }
}
