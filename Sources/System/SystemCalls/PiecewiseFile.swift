/// A file whose bytes are read piece by piece (`pread`) into memory of the caller's.
///
/// It is open only while a piece is read: a run may have more journals than a process may have open
/// files, or mappings.
package struct PiecewiseFile: Sendable {
  package let path: String
  /// How many bytes it had when it was looked at; those that have come since are left out.
  package let byteCount: Int

  /// Looks at the file at `path`.
  ///
  /// - Throws: Why it cannot be opened, or that it is no plain file.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    byteCount = try FileSystem.byteCount(ofPlainFile: path)
  }

  /// Reads bytes from an offset on (`pread`, retried on interruption).
  ///
  /// - Parameters:
  ///   - buffer: Where they go.
  ///   - offset: Where in the file they begin.
  /// - Returns: How many were read: as many as fit, and fewer only at the file's end.
  /// - Throws: Why they cannot be read.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, from offset: Int
  ) throws(SystemError) -> Int {
    let wantedCount = max(0, min(buffer.count, byteCount - offset))
    guard wantedCount > 0 else { return 0 }
    let file = try FileSystem.openToRead(path)
    defer { file.end() }
    var count = 0
    while count < wantedCount {
      let readCount = pread(
        file.number, buffer.baseAddress.map { $0 + count }, wantedCount - count,
        off_t(offset + count))
      if readCount == 0 { break }
      if readCount > 0 {
        count += readCount
      } else if errno != EINTR {
        throw SystemError(call: "pread", subject: path)
      }
    }
    return count
  }

  /// The bytes from an offset on, at most so many (`pread`).
  package func bytes(from offset: Int, countMax: Int) throws(SystemError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: countMax, alignment: 16)
    defer { buffer.deallocate() }
    let count = try read(into: buffer, from: offset)
    return Array(buffer[..<count])
  }
}
