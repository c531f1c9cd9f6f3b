import SystemCalls

/// Cuts a stream of bytes into frames, however it arrives: glued, or a byte at a time.
///
/// All streams of a loop read into one shared buffer; between reads a reader keeps only the start
/// of an unfinished frame.
package final class FrameReader {
  /// The most bytes a frame of this stream may have.
  package var byteCountMax: Int
  private var unfinished: [UInt8] = []

  /// How many bytes a read has at least after which another one follows.
  package static let burstByteCount = 1024

  /// Makes a reader at the start of a stream.
  package init(byteCountMax: Int) {
    self.byteCountMax = byteCountMax
  }

  /// What a read came upon.
  package enum Outcome: Hashable, Sendable {
    /// There is nothing more to read now.
    case drained
    /// Much was read; there may be more.
    case more
    /// The peer has ended the stream, between two frames.
    case ended
  }

  /// Reads once, then passes every complete frame to `body`.
  ///
  /// A read of a few bytes has drained the stream: no second one asks, since a poller reports what
  /// comes later, and the end. After many bytes the peer probably goes on writing, and to ask again
  /// costs it less than to wake a sleeper.
  ///
  /// - Parameters:
  ///   - descriptor: The stream.
  ///   - buffer: Scratch memory for at least one frame of the greatest length and its header.
  ///   - body: Called with the bytes of each frame, in order; they are valid until it returns. An
  ///     error that it throws ends the reading.
  /// - Returns: Whether there may be more.
  /// - Throws: ``FrameError`` when the stream is broken or malformed, or `body` refused a frame.
  @inline(__always)
  package func read(
    from descriptor: Descriptor, through buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws(FrameError) -> Void
  ) throws(FrameError) -> Outcome {
    let heldCount = unfinished.count
    precondition(heldCount < buffer.count, "The buffer has room for a whole frame")
    buffer.copyBytes(from: unfinished)
    let progress: Descriptor.Progress
    do throws(SystemError) {
      progress = try descriptor.readAvailable(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[heldCount...]))
    } catch {
      throw .broken(reason: error.reason)
    }
    switch progress {
    case .wouldBlock:
      return .drained
    case .ended:
      if heldCount > 0 { throw .truncated(heldByteCount: heldCount) }
      return .ended
    case .bytes(let count):
      let filled = UnsafeRawBufferPointer(rebasing: buffer[..<(heldCount + count)])
      let rest = try cut(filled, body)
      unfinished.removeAll(keepingCapacity: true)
      unfinished.append(contentsOf: filled[rest...])
      return count < Self.burstByteCount && filled.count < buffer.count ? .drained : .more
    }
  }

  /// Passes the complete frames at the start of `bytes` to `body`; returns where the rest begins.
  @inline(__always)
  private func cut(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(FrameError) -> Void
  ) throws(FrameError) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var index = 0
    while bytes.count &- index >= Frame.headerByteCount {
      let byteCount = Frame.byteCount(announcedBy: base + index)
      guard byteCount <= byteCountMax else {
        throw .tooLong(announcedByteCount: byteCount, byteCountMax: byteCountMax)
      }
      let start = index &+ Frame.headerByteCount
      guard start &+ byteCount <= bytes.count else { break }
      try body(UnsafeRawBufferPointer(start: base + start, count: byteCount))
      index = start &+ byteCount
    }
    return index
  }
}
