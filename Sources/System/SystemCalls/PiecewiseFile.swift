/// A file read piece by piece (`pread`) into the caller's memory.
///
/// It is open only during a read: a run may have more journals than a process may have open files
/// or mappings.
package struct PiecewiseFile: Sendable {
  /// The file's path.
  package let path: String
  /// Its size in bytes when this value was made; later growth is ignored.
  package let byteCount: Int

  /// Checks the file at `path` and its size.
  ///
  /// - Throws: Why it cannot be opened, or that it is not a plain file.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    byteCount = try FileSystem.byteCount(ofPlainFile: path)
  }

  /// Reads bytes from an offset (`pread`, retried on interruption).
  ///
  /// - Parameters:
  ///   - buffer: The destination.
  ///   - offset: The offset in the file.
  /// - Returns: How many bytes were read; fewer than fit only at the file's end.
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

  /// The bytes from an offset, at most `countMax` (`pread`).
  package func bytes(from offset: Int, countMax: Int) throws(SystemError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: countMax, alignment: 16)
    defer { buffer.deallocate() }
    let count = try read(into: buffer, from: offset)
    return Array(buffer[..<count])
  }
}
