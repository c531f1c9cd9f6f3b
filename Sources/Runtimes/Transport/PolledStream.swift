import SystemCalls

/// One end of a byte stream that never waits in a write.
///
/// Bytes that the peer does not take yet wait in ``outgoing``, whose bound is the backpressure on
/// the sender; reading goes on meanwhile. The poller reports writability only while bytes wait, so
/// an idle stream wakes no loop.
///
/// - Invariant: A watched stream has write interest exactly while bytes wait or a connection is
///   being made.
package final class PolledStream {
  /// The socket or pipe; the stream owns it.
  package let descriptor: Descriptor
  /// The bytes that wait to be written.
  package let outgoing: OutgoingQueue
  private var poller: Poller?
  /// The stream's token in its poller.
  private(set) var token: UInt64 = 0
  private var interest = (reads: true, writes: false)
  /// Whether it has neither been ended nor released.
  package private(set) var isOpen = true

  /// Makes a stream that no poller watches yet.
  ///
  /// - Parameters:
  ///   - descriptor: A non-blocking descriptor, open for reading and writing.
  ///   - byteCountMax: The most bytes that may wait to be written.
  package init(
    _ descriptor: Descriptor, byteCountMax: Int = OutgoingQueue.byteCountMax
  ) {
    self.descriptor = descriptor
    outgoing = OutgoingQueue(byteCountMax: byteCountMax)
  }

  deinit {
    end()
  }

  /// Whether the poller reports when the peer takes bytes again.
  package var awaitsWrite: Bool { interest.writes }

  /// Starts to watch the stream.
  ///
  /// - Parameters:
  ///   - poller: Reports when the stream can be read, and written while bytes wait.
  ///   - token: The stream's token in the poller.
  ///   - isConnecting: Whether the connection is still being made; writability reports the end.
  /// - Throws: ``SystemError`` when the poller cannot watch one more.
  package func watch(
    with poller: Poller, token: UInt64, isConnecting: Bool = false
  ) throws(SystemError) {
    interest.writes = isConnecting || !outgoing.isEmpty
    try poller.add(descriptor, token: token, writes: interest.writes)
    self.poller = poller
    self.token = token
  }

  /// Writes what waits, as far as the peer takes it.
  ///
  /// - Parameter refill: Puts more bytes into the queue; called before each write, until it adds
  ///   nothing to an empty queue.
  /// - Throws: ``SystemError`` when the peer is gone; what it has sent can still be read.
  package func flush(
    refilling refill: (OutgoingQueue) -> Void = { _ in }
  ) throws(SystemError) {
    guard isOpen else { return }
    do throws(SystemError) {
      repeat {
        refill(outgoing)
        if outgoing.isEmpty { break }
        try outgoing.write(to: descriptor)
      } while outgoing.isEmpty
      try set(reads: interest.reads, writes: !outgoing.isEmpty)
    } catch {
      // Reads go on until the end of what the peer sent.
      outgoing.removeAll()
      try? set(reads: interest.reads, writes: false)
      throw error
    }
  }

  /// Pauses or resumes reading: whether the poller reports that the stream can be read.
  package func setReading(_ reads: Bool) throws(SystemError) {
    try set(reads: reads, writes: interest.writes)
  }

  private func set(reads: Bool, writes: Bool) throws(SystemError) {
    guard isOpen, interest != (reads, writes) else { return }
    interest = (reads, writes)
    try poller?.change(descriptor, token: token, reads: reads, writes: writes)
  }

  /// Stops watching the stream and hands its descriptor to the caller, who owns it from then on.
  package func release() -> Descriptor {
    poller?.remove(descriptor)
    isOpen = false
    return descriptor
  }

  /// Closes the stream; bytes that wait are lost.
  package func end() {
    guard isOpen else { return }
    release().end()
  }
}

/// Scratch memory that the streams of one loop share to read into.
package final class ReadBuffer {
  /// The memory; its content is undefined between two reads.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Allocates `byteCount` bytes.
  package init(byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: 16)
  }

  deinit {
    bytes.deallocate()
  }
}
