import SystemCalls

/// A whole text file, checked by ``TextCheck``.
package struct TextFile: Hashable, Sendable {
  /// Why a file cannot be read as text.
  package enum Failure: Error, Hashable, Sendable {
    /// The system refuses to read it.
    case unreadable(SystemError)
    /// Reading it takes more memory than is left.
    case tooLarge(path: String, MemoryShortage)
    /// It is not text.
    case notText(path: String, TextProblem)
  }

  /// Its path.
  package let path: String
  /// The text as UTF-8, without a byte-order mark; lines may end in CRLF.
  package let bytes: [UInt8]
  /// The byte-order mark before the text; empty when there was none.
  package let byteOrderMark: [UInt8]

  /// The text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Reads the file at `path`; a pipe is read to its end.
  package init(path: String) throws(Failure) {
    let bytes = try Self.checkedBytes(path)
    byteOrderMark = bytes.starts(with: TextCheck.byteOrderMark) ? TextCheck.byteOrderMark : []
    self.path = path
    self.bytes = byteOrderMark.isEmpty ? bytes : Array(bytes.dropFirst(byteOrderMark.count))
  }

  /// Reads all bytes, and stops at the first that are not text.
  private static func checkedBytes(_ path: String) throws(Failure) -> [UInt8] {
    // While reading, the array is copied to a larger buffer now and then.
    let byteCount = 3 * Double(FileSystem.byteCount(path) ?? 0)
    let need = MemoryNeed(addressByteCount: byteCount, residentByteCount: byteCount)
    if let shortage = need.shortage { throw .tooLarge(path: path, shortage) }
    var bytes: [UInt8] = []
    var check = TextCheck()
    var problem: TextProblem?
    do throws(SystemError) {
      try FileSystem.read(path) { chunk in
        bytes.append(contentsOf: chunk)
        problem = Self.problem(of: bytes, &check, isWhole: false)
        return problem == nil
      }
    } catch {
      throw .unreadable(error)
    }
    problem = problem ?? Self.problem(of: bytes, &check, isWhole: true)
    if let problem { throw .notText(path: path, problem) }
    return bytes
  }

  private static func problem(
    of bytes: [UInt8], _ check: inout TextCheck, isWhole: Bool
  ) -> TextProblem? {
    if bytes.count > TextCheck.byteCountMax { return .tooLong }
    do throws(TextProblem) {
      try bytes.withUnsafeBufferPointer { text throws(TextProblem) in
        try check.take(UnsafeRawBufferPointer(text), isWhole: isWhole)
      }
      return nil
    } catch {
      return error
    }
  }
}
