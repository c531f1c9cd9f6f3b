import SystemCalls

/// Bytes that wait to be written to one stream, so that a write never blocks a tick.
///
/// The bytes are contiguous, between `start` and `end`. When there is no room behind them, they
/// move to the front of the memory, or into larger memory.
///
/// - Invariant: At most `byteCountMax` bytes wait.
package final class OutgoingQueue {
  /// The default bound, 16 MiB: enough for a peer to sleep through a million messages.
  package static let byteCountMax = 16 << 20

  /// The most bytes that may wait.
  private let byteCountMax: Int

  private var memory: UnsafeMutableRawPointer
  private var capacity = 256
  private var start = 0
  private var end = 0
  /// How many of the waiting bytes the last ``write(to:)`` has left.
  private var leftCount = 0
  /// How far `end` may go before ``makeRoom(for:)``: to the end of memory, or to the bound.
  private var limit: Int

  /// Makes an empty queue.
  ///
  /// - Parameter byteCountMax: The most bytes that may wait.
  package init(byteCountMax: Int = OutgoingQueue.byteCountMax) {
    self.byteCountMax = byteCountMax
    memory = .allocate(byteCount: capacity, alignment: 16)
    limit = min(capacity, byteCountMax)
  }

  deinit {
    memory.deallocate()
  }

  /// How many bytes wait.
  package var count: Int { end - start }
  /// Whether nothing waits.
  package var isEmpty: Bool { start == end }

  /// Makes room for a frame and writes its length.
  ///
  /// - Parameter byteCount: How many bytes the frame has behind its length.
  /// - Returns: Where the caller must write those bytes at once; nil when too many bytes wait.
  @inline(__always)
  package func appendFrame(of byteCount: Int) -> UnsafeMutableRawPointer? {
    let total = Frame.headerByteCount &+ byteCount
    if end &+ total > limit && !makeRoom(for: total) { return nil }
    let header = memory + end
    header.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).bigEndian, as: UInt32.self)
    end &+= total
    return header + Frame.headerByteCount
  }

  /// Appends bytes without a length.
  ///
  /// - Returns: Whether there was room; if not, the queue is unchanged.
  package func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    if end + bytes.count > limit && !makeRoom(for: bytes.count) { return false }
    (memory + end).copyMemory(from: start, byteCount: bytes.count)
    end += bytes.count
    return true
  }

  /// Passes each frame that waits to `body`, without its length, and empties the queue.
  ///
  /// Only for a queue that whole frames were appended to, and that is not written to a stream.
  package func takeFrames(_ body: (UnsafeRawBufferPointer) -> Void) {
    while count >= Frame.headerByteCount {
      let byteCount = Frame.byteCount(announcedBy: memory + start)
      let frame = memory + start + Frame.headerByteCount
      start += Frame.headerByteCount + byteCount
      body(UnsafeRawBufferPointer(start: frame, count: byteCount))
    }
    removeAll()
  }

  /// Discards what waits: the peer is gone.
  package func removeAll() {
    start = 0
    end = 0
    leftCount = 0
    limit = min(capacity, byteCountMax)
  }

  /// Discards what was appended since the last ``write(to:)``; a frame that was begun stays whole.
  package func removeNew() {
    end = start + leftCount
  }

  /// Writes as much as the stream takes now.
  ///
  /// - Throws: ``SystemError`` when the stream is broken.
  package func write(to descriptor: Descriptor) throws(SystemError) {
    defer {
      limit = min(capacity, start + byteCountMax)
      leftCount = count
    }
    while !isEmpty {
      let waiting = UnsafeRawBufferPointer(start: memory + start, count: count)
      guard case .bytes(let written) = try descriptor.sendAvailable(waiting) else { return }
      start += written
    }
    start = 0
    end = 0
  }

  /// Moves the waiting bytes to the front of memory with room for `byteCount` more.
  ///
  /// - Returns: False when the bound does not allow that many.
  @inline(never)
  private func makeRoom(for byteCount: Int) -> Bool {
    let needed = count + byteCount
    guard needed <= byteCountMax else { return false }
    let waitingCount = count
    if needed <= capacity / 2 {
      memory.copyMemory(from: memory + start, byteCount: waitingCount)
    } else {
      while capacity < 2 * needed { capacity *= 2 }
      let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
      larger.copyMemory(from: memory + start, byteCount: waitingCount)
      memory.deallocate()
      memory = larger
    }
    end = waitingCount
    start = 0
    limit = min(capacity, byteCountMax)
    return true
  }
}
