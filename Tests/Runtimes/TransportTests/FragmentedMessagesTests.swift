import SystemCalls
import Testing

@testable import Transport

@Suite("Fragmented messages on a link")
struct FragmentedMessagesTests {
  /// Transfers all messages, one fill of the queue at a time; returns what arrives.
  private func carry(_ messages: [[UInt8]]) throws -> (arrived: [[UInt8]], frameCount: Int) {
    var sender = FragmentedMessages()
    var receiver = FragmentedMessages()
    for message in messages {
      let isTaken = sender.enqueue(message)
      #expect(isTaken)
    }
    var arrived: [[UInt8]] = []
    var frameCount = 0
    let (near, far) = try Socket.pair()
    defer {
      near.end()
      far.end()
    }
    let queue = OutgoingQueue()
    let reader = FrameReader(byteCountMax: FragmentedMessages.frameByteCountMax)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    defer { room.deallocate() }
    while !sender.isEmpty || !queue.isEmpty {
      sender.fill(queue)
      #expect(queue.count < 1 << 17, "few fragments at a time")
      try queue.write(to: near)
      while try reader.read(
        from: far, through: room,
        { frame throws(FrameError) in
          frameCount += 1
          if let message = try receiver.receive(frame) { arrived.append(message) }
        }) == .more
      {}
    }
    return (arrived, frameCount)
  }

  @Test("Messages of any length arrive whole and in order")
  func whole() throws {
    let lengths = [
      0, 1, FragmentedMessages.fragmentByteCountMax, FragmentedMessages.fragmentByteCountMax + 1,
      3_000_000, 2,
    ]
    let messages = lengths.map { length in
      (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
    }
    let (arrived, frameCount) = try carry(messages)
    #expect(arrived == messages)
    #expect(frameCount == 1 + 1 + 1 + 2 + 92 + 1)
  }

  @Test("A malformed fragment is refused")
  func malformed() {
    var fragments = FragmentedMessages()
    for frame in [
      [FragmentedMessages.kind], [FragmentedMessages.kind, 2], [FragmentedMessages.kind, 255, 0],
    ] as [[UInt8]] {
      _ = frame.withUnsafeBytes { bytes in
        #expect(throws: FrameError.malformed) { try fragments.receive(bytes) }
      }
    }
  }
}
