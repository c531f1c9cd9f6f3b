import SystemCalls

/// Two connected, blocking TCP sockets.
enum PlainSocket {
  /// The size of one of the mesh's messages, in bytes.
  static let frameByteCount = 13

  /// The mean round-trip time of a message to another thread, in microseconds.
  static func roundTripMicroseconds(count: Int) throws -> Double {
    let (one, other) = try connectedPair()
    let bytes = [UInt8](repeating: 7, count: frameByteCount)
    let echo = try SystemThread {
      for _ in 0..<count {
        read(frameByteCount, from: other)
        bytes.withUnsafeBytes { try? other.writeAll($0) }
      }
    }
    let start = SystemClock.monotonicNanoseconds
    for _ in 0..<count {
      bytes.withUnsafeBytes { try? one.writeAll($0) }
      read(frameByteCount, from: one)
    }
    let elapsed = SystemClock.monotonicNanoseconds - start
    echo.join()
    one.end()
    other.end()
    return Double(elapsed) / Double(count) / 1000
  }

  static func connectedPair() throws -> (Descriptor, Descriptor) {
    let (listener, port) = try Socket.listen(host: "127.0.0.1", port: 0)
    defer { listener.end() }
    let one = try Socket.connect(host: "127.0.0.1", port: port)
    var other: Descriptor?
    while other == nil {
      _ = listener.waitUntilReadable(milliseconds: -1)
      other = try Socket.accept(from: listener)?.descriptor
    }
    one.setBlocking()
    other?.setBlocking()
    return (one, other ?? one)
  }

  /// Reads frames of one length; returns the sum of their readings.
  static func readFrames(of byteCount: Int, total: Int, from descriptor: Descriptor) -> UInt64 {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    var sum: UInt64 = 0
    var rest = total
    var held = 0
    while rest > 0 {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held...])
      guard case .bytes(let count)? = try? descriptor.readAvailable(into: room) else { return sum }
      rest -= count
      held += count
      var index = 0
      while held - index >= byteCount {
        sum &+= buffer.loadUnaligned(fromByteOffset: index + 5, as: UInt64.self)
        index += byteCount
      }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[index..<held]))
      held -= index
    }
    return sum
  }

  static func read(_ byteCount: Int, from descriptor: Descriptor) {
    withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
      var rest = byteCount
      while rest > 0 {
        guard case .bytes(let count)? = try? descriptor.readAvailable(into: buffer) else { return }
        rest -= count
      }
    }
  }
}
