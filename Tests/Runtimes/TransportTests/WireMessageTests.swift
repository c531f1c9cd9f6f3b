import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import Testing

@testable import Transport

@Suite("Messages between machines, as frames")
struct WireMessageTests {
  private func read(_ content: [UInt8]) throws(FrameError) -> WireMessage {
    // A slice that starts at an odd address, as frames in a stream may.
    let shifted = [0] + content
    var result: Result<WireMessage, FrameError> = .failure(.malformed)
    shifted.withUnsafeBytes { bytes in
      let frame = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
      do throws(FrameError) {
        result = .success(try WireMessage(frame))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  private static let hello = WireMessage.hello(
    WireMessage.Hello(
      id: 7, token: RunToken(high: 0x0123_4567_89AB_CDEF, low: .max), planDigest: 42))

  static let messages: [WireMessage] =
    [
      .message(reading: 0, content: .none), .message(reading: 1, content: .none),
      .message(reading: UInt64(Int64.max), content: .none),
      .message(reading: 1, content: .integer(0)),
      .message(reading: 0x0102_0304_0506_0708, content: .integer(.min)),
      .message(reading: 5, content: .integer(.max)),
      .message(reading: 6, content: .values([.nothing, .boolean(true), .boolean(false)])),
      .message(reading: 7, content: .values([.integer(.min), .text(""), .text("ü,\"\n")])),
      .roundMessage(
        Round(id: SnapshotID(initiator: 2, number: 258), complete: .max), reading: 8,
        content: .integer(-1)),
      .roundMessage(
        Round(id: SnapshotID(initiator: 0, number: 1), complete: 0), reading: 9, content: .none),
      .marker(initiator: 0, number: 0),
      .marker(initiator: MachineID(Int(UInt32.max)), number: .max),
      .marker(initiator: 3, number: 258), hello,
      .hello(.init(id: 0, token: RunToken(high: 0, low: 0), planDigest: .max)),
      .clientHello(.init(id: 1, token: RunToken(high: 2, low: 3), planDigest: 4)), .welcome,
    ] + Refusal.allCases.map { .refusal($0) }

  @Test(
    "Every message survives a round trip, in a frame within the limits", arguments: messages)
  func roundTrip(message: WireMessage) throws {
    let frame = try Bytes.frame(message)
    let content = Array(frame.dropFirst(Frame.headerByteCount))
    #expect(frame == Bytes.frame(content))
    #expect(content.count <= Frame.byteCountMax)
    #expect(try read(content) == message)
  }

  @Test("The bytes are fixed: kind, then numbers, highest byte first")
  func layout() throws {
    #expect(
      try Bytes.frame(.message(reading: 0x0102_0304_0506_0708, content: .none))
        == [0, 0, 0, 9, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(
      try Bytes.frame(.message(reading: 1, content: .integer(-2)))
        == [0, 0, 0, 17, 2, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 254])
    #expect(
      try Bytes.frame(.marker(initiator: 2, number: 258))
        == [0, 0, 0, 9, 3, 0, 0, 0, 2, 0, 0, 1, 2])
    #expect(
      try Bytes.frame(Self.hello)
        == [0, 0, 0, 33, 4] + Array("SM01".utf8) + [0, 0, 0, 7]
        + [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]
        + [255, 255, 255, 255, 255, 255, 255, 255] + [0, 0, 0, 0, 0, 0, 0, 42])
    #expect(try Bytes.frame(Self.hello).count == Frame.headerByteCount + WireMessage.helloByteCount)
  }

  @Test("A frame that is cut or stretched by a byte is malformed", arguments: messages)
  func wrongLength(message: WireMessage) throws {
    let content = Array(try Bytes.frame(message).dropFirst(Frame.headerByteCount))
    for count in 0..<content.count {
      #expect(throws: FrameError.malformed) { try self.read(Array(content[..<count])) }
    }
    #expect(throws: FrameError.malformed) { try self.read(content + [0]) }
  }

  @Test(
    "A frame that no machine writes is malformed",
    arguments: [
      [],
      [1],
      [UInt8](repeating: 0, count: 9),
      [5] + [UInt8](repeating: 0, count: 8),
      [255] + [UInt8](repeating: 0, count: 8),
      // A reading above the greatest allowed.
      [1, 0x80, 0, 0, 0, 0, 0, 0, 0],
      [1] + [UInt8](repeating: 255, count: 8),
      [2, 0x80] + [UInt8](repeating: 0, count: 15),
      // A hello of another program, and of another version.
      [4] + [UInt8](repeating: 0, count: 32),
      [4] + Array("SM02".utf8) + [UInt8](repeating: 0, count: 28),
      Array("GET / HTTP/1.1\r\n\r\n".utf8),
    ] as [[UInt8]])
  func malformed(content: [UInt8]) {
    #expect(throws: FrameError.malformed) { try self.read(content) }
  }

  @Test(
    "Random bytes are a message that encodes to the same bytes, or malformed; never a crash",
    arguments: 0..<20)
  func randomBytes(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var readCount = 0
    for _ in 0..<500 {
      let count = [9, 9, 17, 33, Int(random.draw(below: 65))][Int(random.draw(below: 5))]
      var content = (0..<count).map { _ in UInt8(random.draw(below: 256)) }
      if !content.isEmpty && random.draw(below: 2) == 0 {
        content[0] = UInt8(random.draw(below: 5))
      }
      guard let message = try? read(content) else { continue }
      #expect(Array(try Bytes.frame(message).dropFirst(Frame.headerByteCount)) == content)
      readCount += 1
    }
    #expect(readCount > 20)
  }
}
