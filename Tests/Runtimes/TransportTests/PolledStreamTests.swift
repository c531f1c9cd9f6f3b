import ScaleModel
import SystemCalls
import Testing

@testable import Transport

@Suite("A stream that never waits in a write")
final class PolledStreamTests {
  private let poller: Poller
  private let stream: PolledStream
  private let far: Descriptor

  init() throws {
    let (one, other) = try Socket.pair()
    poller = try Poller()
    stream = PolledStream(one, byteCountMax: 1 << 20)
    far = other
    try stream.watch(with: poller, token: 5)
  }

  deinit {
    far.end()
  }

  private func append(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { stream.outgoing.append($0) }
  }

  /// What the poller reports about the stream now.
  private func report() throws -> (reads: Bool, writes: Bool) {
    var report = (reads: false, writes: false)
    try poller.wait(nanoseconds: 0) { token, reads, writes in
      #expect(token == 5)
      report = (reads, writes)
    }
    return report
  }

  @Test("An idle stream never wakes the poller")
  func idle() throws {
    #expect(try report() == (false, false))
    try stream.flush()
    #expect(!stream.awaitsWrite)
    #expect(try report() == (false, false))
  }

  @Test("Bytes for a peer that never reads are queued up to the bound, and no write waits")
  func peerThatNeverReads() throws {
    let piece = [UInt8](repeating: 1, count: 1000)
    var count = 0
    while append(piece) {
      count += 1
      try stream.flush()
    }
    #expect(stream.outgoing.count > (1 << 20) - piece.count)
    #expect(stream.outgoing.count <= 1 << 20)
    #expect(stream.awaitsWrite)
    #expect(try report() == (false, false))
    // Reading goes on: what the peer sends is still reported.
    try Bytes.send([9], to: far)
    #expect(try report() == (true, false))
    #expect(try Bytes.available(stream.descriptor) == [9])
    // The peer reads at last: all bytes that were enqueued arrive, and none that were refused.
    var receivedCount = try Bytes.available(far).count
    while stream.awaitsWrite {
      #expect(try report().writes)
      try stream.flush()
      receivedCount += try Bytes.available(far).count
    }
    #expect(receivedCount == count * piece.count)
  }

  @Test("Bytes arrive in order wherever a full stream cuts them", arguments: 0..<5)
  func partialWrites(seed: UInt64) throws {
    var size: Int32 = 4096
    setsockopt(
      stream.descriptor.number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    var random = SplitMix64(state: seed)
    var (sent, received): ([UInt8], [UInt8]) = ([], [])
    var waitingCount = 0
    for step in 0..<500 {
      let piece = (0..<random.draw(below: 900)).map {
        UInt8(truncatingIfNeeded: $0 &+ UInt64(step))
      }
      #expect(append(piece))
      sent += piece
      try stream.flush()
      if stream.awaitsWrite { waitingCount += 1 }
      if random.draw(below: 10) == 0 { received += try Bytes.available(far) }
    }
    while stream.awaitsWrite {
      received += try Bytes.available(far)
      try stream.flush()
    }
    received += try Bytes.available(far)
    #expect(received == sent)
    #expect(waitingCount > 10, "The stream was full now and then")
  }

  @Test("A queue is refilled as long as the stream takes everything")
  func refill() throws {
    var pieces = (0..<5).map { [UInt8](repeating: UInt8($0), count: 10) }
    try stream.flush { queue in
      if let piece = pieces.popLast() { _ = piece.withUnsafeBytes { queue.append($0) } }
    }
    #expect(pieces.isEmpty)
    #expect(try Bytes.available(far).count == 50)
  }

  @Test("Reading can be paused and resumed while bytes wait")
  func pause() throws {
    while append([UInt8](repeating: 0, count: 1 << 16)) {}
    try stream.flush()
    try Bytes.send([1], to: far)
    try stream.setReading(false)
    #expect(try report() == (false, false))
    try stream.setReading(true)
    #expect(try report() == (true, false))
    #expect(stream.awaitsWrite)
  }

  @Test("A peer that is gone is an error once; what it has sent can still be read")
  func peerGone() throws {
    try Bytes.send([1, 2, 3], to: far)
    _ = shutdown(far.number, Int32(SHUT_RD))
    #expect(append([4]))
    #expect(throws: SystemError.self) { try self.stream.flush() }
    #expect(stream.outgoing.isEmpty && !stream.awaitsWrite)
    #expect(try Bytes.available(stream.descriptor) == [1, 2, 3])
    try stream.flush()
  }

  @Test("A released stream leaves its descriptor open; one that ended closes it")
  func ends() throws {
    let descriptor = stream.release()
    #expect(try report() == (false, false))
    try Bytes.send([7], to: descriptor)
    #expect(try Bytes.available(far) == [7])
    stream.end()
    try Bytes.send([8], to: descriptor)
    descriptor.end()
    let (one, other) = try Socket.pair()
    let ended = PolledStream(one)
    ended.end()
    ended.end()
    #expect(other.isHungUp)
    other.end()
  }
}
