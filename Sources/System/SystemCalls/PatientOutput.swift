/// Standard output or standard error, whose reader may pause.
///
/// A terminal may be paused (Ctrl-S, the scroll mode of a multiplexer), and a pipe's reader may be
/// stuck. A write waits for such a reader no longer than the caller says. The non-blocking flag
/// belongs to the open file, which other programs share; so this opens the terminal or pipe once
/// more, for this process alone.
package struct PatientOutput: Sendable {
  private let original: Descriptor
  /// The same terminal or pipe, opened non-blocking; nil where that is impossible.
  private let ours: Descriptor?
  /// Whether it is a file, where writes wait only for the disk.
  package let isPlainFile: Bool
  /// Whether it is a terminal.
  package let isTerminal: Bool

  /// How long a result waits for a reader that takes nothing, in milliseconds: longer for a program
  /// than for a paused terminal.
  package var usualPatience: Int64 { isTerminal ? 2000 : 10_000 }

  /// A piece that a pipe takes whole, and a terminal nearly always, if it takes anything.
  private static let pieceByteCount = 256

  /// Prepares to write to an open stream.
  package init(_ original: Descriptor) {
    self.original = original
    isTerminal = original.isTerminal
    var status = stat()
    let isKnown = fstat(original.number, &status) == 0
    isPlainFile = isKnown && (status.st_mode & S_IFMT) == S_IFREG
    let isPipe = isKnown && (status.st_mode & S_IFMT) == S_IFIFO
    guard isTerminal || isPipe else {
      ours = nil
      return
    }
    let number = open(
      "/proc/self/fd/\(original.number)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    ours = number >= 0 ? Descriptor(number) : nil
  }

  /// Writes bytes as far as the reader takes them.
  ///
  /// - Parameters:
  ///   - bytes: What to write.
  ///   - patience: How long to wait for a reader that takes nothing, in milliseconds.
  /// - Returns: How many bytes were taken.
  /// - Throws: Why nothing can be written: a full disk, a reader that is gone.
  package func write(
    _ bytes: UnsafeRawBufferPointer, patience: Int64
  ) throws(SystemError) -> Int {
    var taken = 0
    var deadline = SystemClock.monotonicNanoseconds + patience * 1_000_000
    while taken < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
      if let count = try writeSome(rest) {
        taken += count
        deadline = SystemClock.monotonicNanoseconds + patience * 1_000_000
        continue
      }
      // A signal ends a wait early, so the clock decides.
      let left = (deadline - SystemClock.monotonicNanoseconds) / 1_000_000
      guard left > 0 else { break }
      _ = (ours ?? original).waitUntilWritable(milliseconds: Int32(clamping: left))
    }
    return taken
  }

  /// Writes without waiting; nil when nothing was taken.
  private func writeSome(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
    var count = bytes.count
    if ours == nil && !isPlainFile {
      guard original.waitUntilWritable(milliseconds: 0) else { return nil }
      count = min(count, Self.pieceByteCount)
    }
    let written = CFunctions.writeBytes((ours ?? original).number, bytes.baseAddress, count)
    if written >= 0 { return written }
    if errno == EINTR { return 0 }
    if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
    throw SystemError(call: "write")
  }
}
