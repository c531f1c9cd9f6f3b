import ScaleModel
import SystemCalls
import Testing

@testable import Transport

@Suite("Bytes that wait to be written")
final class OutgoingQueueTests {
  private let near: Descriptor
  private let far: Descriptor
  private let queue = OutgoingQueue()

  init() throws {
    (near, far) = try Socket.pair()
  }

  deinit {
    near.end()
    far.end()
  }

  private func append(_ content: [UInt8]) -> Bool {
    guard let room = queue.appendFrame(of: content.count) else { return false }
    room.copyMemory(from: content, byteCount: content.count)
    return true
  }

  @Test("An empty queue writes nothing")
  func empty() throws {
    try queue.write(to: near)
    #expect(queue.isEmpty && queue.count == 0)
    #expect(try Bytes.available(far).isEmpty)
  }

  @Test("What is appended is written as frames, in order")
  func order() throws {
    #expect(append([1, 2]) && append([]) && append([3]))
    #expect(queue.count == 3 * Frame.headerByteCount + 3)
    try queue.write(to: near)
    #expect(queue.isEmpty)
    #expect(try Bytes.available(far) == [0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 3])
  }

  @Test(
    "A stream that takes only a part gets the rest later; nothing is lost or duplicated",
    arguments: 0..<10)
  func partialWrites(seed: UInt64) throws {
    var size: Int32 = 4096
    setsockopt(near.number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    var random = SplitMix64(state: seed)
    var sent: [UInt8] = []
    var received: [UInt8] = []
    var partialCount = 0
    for step in 0..<2000 {
      let content = (0..<random.draw(below: 60)).map {
        UInt8(truncatingIfNeeded: UInt64(step) + $0)
      }
      #expect(append(content))
      sent += Bytes.frame(content)
      if random.draw(below: 20) == 0 {
        try queue.write(to: near)
        if !queue.isEmpty { partialCount += 1 }
      }
      if random.draw(below: 200) == 0 { received += try Bytes.available(far) }
    }
    while !queue.isEmpty {
      try queue.write(to: near)
      received += try Bytes.available(far)
    }
    received += try Bytes.available(far)
    #expect(received == sent)
    #expect(partialCount > 10, "The stream was full now and then")
  }

  @Test("What is new since the last write can be discarded; a frame that was begun stays whole")
  func removeNew() throws {
    #expect(append([1]))
    queue.removeNew()
    #expect(queue.isEmpty)
    let long = [UInt8](repeating: 7, count: 1 << 20)
    #expect(append(long))
    try queue.write(to: near)
    let left = queue.count
    #expect(left > 0 && left < long.count, "The stream took a part")
    #expect(append([2]) && append(long))
    queue.removeNew()
    #expect(queue.count == left)
    #expect(append([3]))
    var received: [UInt8] = []
    while !queue.isEmpty {
      received += try Bytes.available(far)
      try queue.write(to: near)
    }
    received += try Bytes.available(far)
    #expect(received == Bytes.frame(long) + Bytes.frame([3]))
  }

  @Test("The number of waiting bytes is bounded; what does not fit leaves the queue unchanged")
  func bound() throws {
    let frameByteCount = Frame.headerByteCount + 1020
    let fitting = OutgoingQueue.byteCountMax / frameByteCount
    for _ in 0..<fitting { _ = queue.appendFrame(of: 1020) }
    let count = queue.count
    #expect(count == fitting * frameByteCount)
    #expect(queue.appendFrame(of: 1020) == nil)
    #expect(queue.count == count)
    let rest = OutgoingQueue.byteCountMax - count
    if rest >= Frame.headerByteCount {
      #expect(queue.appendFrame(of: rest - Frame.headerByteCount) != nil)
    }
    #expect(queue.count == OutgoingQueue.byteCountMax)
    #expect(queue.appendFrame(of: 0) == nil)
  }

  @Test("Written bytes make room for others, up to the same bound")
  func boundMoves() throws {
    while queue.appendFrame(of: 1020) != nil {}
    try queue.write(to: near)
    let written = OutgoingQueue.byteCountMax - queue.count
    #expect(written > 0 && !queue.isEmpty)
    while queue.appendFrame(of: 1020) != nil {}
    #expect(queue.count > OutgoingQueue.byteCountMax - 1024)
    #expect(queue.count <= OutgoingQueue.byteCountMax)
    #expect(try Bytes.available(far).count == written)
  }

  @Test("Writing to a stream whose other end is gone is an error, not a signal")
  func brokenStream() throws {
    let (one, other) = try Socket.pair()
    other.end()
    defer { one.end() }
    #expect(append([1]))
    let error = #expect(throws: SystemError.self) { try self.queue.write(to: one) }
    #expect(error?.isBrokenPipe == true)
  }
}
