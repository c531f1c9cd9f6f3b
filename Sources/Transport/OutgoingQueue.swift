import SystemCalls

/// Bytes that wait to be written to one stream, so that a write never blocks a tick.
///
/// The waiting bytes lie in one piece between `start` and `end`; they move to the front when room
/// behind them is needed, and the memory doubles when there is none.
///
/// - Invariant: At most ``byteCountMax`` bytes wait.
package final class OutgoingQueue {
  /// The most bytes that may wait: enough for a peer to sleep through a million messages.
  package static let byteCountMax = 16 << 20

  private var memory: UnsafeMutableRawPointer
  private var capacity = 256
  private var start = 0
  private var end = 0
  /// How far `end` may go before room must be made: to the end of memory, or as far as the bound
  /// allows.
  private var limit: Int

  /// Makes an empty queue.
  package init() {
    memory = .allocate(byteCount: capacity, alignment: 16)
    limit = capacity
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
  /// - Returns: Where its bytes are to be written, at once; nil when too many bytes wait already.
  @inline(__always)
  package func appendFrame(of byteCount: Int) -> UnsafeMutableRawPointer? {
    let total = Frame.headerByteCount &+ byteCount
    if end &+ total > limit && !makeRoom(for: total) { return nil }
    let place = memory + end
    place.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).bigEndian, as: UInt32.self)
    end &+= total
    return place + Frame.headerByteCount
  }

  /// Writes as much as the stream takes now.
  ///
  /// - Throws: ``SystemError`` when the stream is broken.
  package func write(to descriptor: Descriptor) throws(SystemError) {
    defer { limit = min(capacity, start + Self.byteCountMax) }
    while !isEmpty {
      let waiting = UnsafeRawBufferPointer(start: memory + start, count: count)
      guard case .bytes(let written) = try descriptor.sendAvailable(waiting) else { return }
      start += written
    }
    start = 0
    end = 0
  }

  /// Moves the waiting bytes to the front of memory with room for `byteCount` more.
  @inline(never)
  private func makeRoom(for byteCount: Int) -> Bool {
    let needed = count + byteCount
    guard needed <= Self.byteCountMax else { return false }
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
    limit = min(capacity, Self.byteCountMax)
    return true
  }
}
