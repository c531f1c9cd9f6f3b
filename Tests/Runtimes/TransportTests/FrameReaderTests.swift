import ScaleModel
import SystemCalls
import Testing

@testable import Transport

@Suite("Reading frames from a stream")
final class FrameReaderTests {
  private let source: Descriptor
  private let stream: Descriptor
  private let reader = FrameReader(byteCountMax: 8)
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
  private var frames: [[UInt8]] = []

  init() throws {
    (source, stream) = try Socket.pair()
  }

  deinit {
    source.end()
    stream.end()
    buffer.deallocate()
  }

  private func resizeBuffer(to byteCount: Int) {
    buffer.deallocate()
    buffer = .allocate(byteCount: byteCount, alignment: 16)
  }

  /// Reads until nothing more has arrived, or the stream ends.
  @discardableResult
  private func readAll() throws -> FrameReader.Outcome {
    while true {
      let outcome = try reader.read(from: stream, through: buffer) { frame throws(FrameError) in
        frames.append(Array(frame))
      }
      if outcome != .more { return outcome }
    }
  }

  @Test("An empty stream yields no frame")
  func nothing() throws {
    #expect(try readAll() == .drained)
    #expect(frames.isEmpty)
  }

  @Test("Frames that arrive glued together are separated, empty ones and the longest included")
  func glued() throws {
    let sent: [[UInt8]] = [[1], [], [1, 2, 3], [UInt8](1...8), []]
    try Bytes.send(sent.flatMap { Bytes.frame($0) }, to: source)
    #expect(try readAll() == .drained)
    #expect(frames == sent)
  }

  @Test("Frames that arrive a byte at a time are reassembled")
  func byteByByte() throws {
    let sent: [[UInt8]] = [[9, 8, 7], [], [UInt8](1...8), [0]]
    for byte in sent.flatMap({ Bytes.frame($0) }) {
      try Bytes.send([byte], to: source)
      try readAll()
    }
    #expect(frames == sent)
  }

  @Test(
    "However the stream is cut, and however small the buffer, the frames are the same",
    arguments: 0..<40)
  func cutAnywhere(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    // The smallest buffer allowed holds one frame of the greatest length and its header.
    resizeBuffer(to: 12 + Int(random.draw(below: 30)))
    let sent = (0..<60).map { _ in
      (0..<random.draw(below: 9)).map { _ in UInt8(random.draw(below: 256)) }
    }
    var rest = sent.flatMap { Bytes.frame($0) }[...]
    while !rest.isEmpty {
      let piece = rest.prefix(1 + Int(random.draw(below: 40)))
      rest = rest.dropFirst(piece.count)
      try Bytes.send(Array(piece), to: source)
      if random.draw(below: 3) > 0 { try readAll() }
    }
    #expect(try readAll() == .drained)
    #expect(frames == sent)
  }

  @Test("A stream may end between two frames; complete frames before its end are delivered")
  func endsInOrder() throws {
    try Bytes.send(Bytes.frame([1, 2]), to: source)
    shutdown(source.number, Int32(SHUT_WR))
    #expect(try readAll() == .drained)
    #expect(frames == [[1, 2]])
    #expect(try readAll() == .ended)
  }

  @Test("An end inside a frame is an error that says how many bytes arrived", arguments: 1...11)
  func truncated(byteCount: Int) throws {
    try Bytes.send(Bytes.frame([5]) + Bytes.frame([UInt8](1...8)).prefix(byteCount), to: source)
    shutdown(source.number, Int32(SHUT_WR))
    #expect(try readAll() == .drained)
    #expect(frames == [[5]])
    #expect(throws: FrameError.truncated(heldByteCount: byteCount)) { try self.readAll() }
  }

  @Test(
    "A frame that is too long is refused once its header is read",
    arguments: [9, 1 << 20, 4_294_967_295])
  func tooLong(byteCount: Int) throws {
    let header = withUnsafeBytes(of: UInt32(byteCount).bigEndian) { Array($0) }
    try Bytes.send(Bytes.frame([1]) + header, to: source)
    let expected = FrameError.tooLong(announcedByteCount: byteCount, byteCountMax: 8)
    #expect(throws: expected) { try self.readAll() }
    #expect(frames == [[1]])
    #expect(expected.description == "it announced a frame of \(byteCount) bytes (at most 8)")
  }

  @Test("The limit may change between two frames of one read")
  func limitChanges() throws {
    try Bytes.send(Bytes.frame([1]) + Bytes.frame([UInt8](1...20)), to: source)
    let outcome = try reader.read(from: stream, through: buffer) { frame throws(FrameError) in
      frames.append(Array(frame))
      reader.byteCountMax = 20
    }
    #expect(outcome == .drained && frames.map(\.count) == [1, 20])
  }

  @Test("After many bytes another read is worthwhile", arguments: [-1, 0, 1])
  func burst(excess: Int) throws {
    resizeBuffer(to: 4096)
    let byteCount = FrameReader.burstByteCount + excess
    try Bytes.send([UInt8](repeating: 0, count: byteCount), to: source)
    let outcome = try reader.read(from: stream, through: buffer) { frame throws(FrameError) in
      frames.append(Array(frame))
    }
    #expect(outcome == (excess < 0 ? .drained : .more))
    #expect(frames.count == byteCount / Frame.headerByteCount)
  }

  @Test("Of few bytes, only a read that fills the buffer may have left something", arguments: 0...3)
  func filledBuffer(rest: Int) throws {
    resizeBuffer(to: 15)
    let sent = (0..<3).map { [UInt8(10 + $0)] } + (rest > 0 ? [[UInt8](1..<UInt8(rest))] : [])
    try Bytes.send(Array(sent.flatMap { Bytes.frame($0) }.prefix(15 + rest)), to: source)
    let outcomes = try (0..<2).map { _ in
      try reader.read(from: stream, through: buffer) { frame throws(FrameError) in
        frames.append(Array(frame))
      }
    }
    #expect(outcomes == [.more, .drained])
    #expect(Array(frames.prefix(3)) == [[10], [11], [12]])
  }

  @Test("Reading ends at a frame that the caller refuses")
  func refusal() throws {
    try Bytes.send(Bytes.frame([1]) + Bytes.frame([2]) + Bytes.frame([3]), to: source)
    #expect(throws: FrameError.malformed) {
      try self.reader.read(from: self.stream, through: self.buffer) { frame throws(FrameError) in
        self.frames.append(Array(frame))
        if frame.first == 2 { throw .malformed }
      }
    }
    #expect(frames == [[1], [2]])
  }

  @Test("A broken stream is an error with the system's reason")
  func broken() throws {
    let nothing = Descriptor(-1)
    let error = #expect(throws: FrameError.self) {
      try self.reader.read(from: nothing, through: self.buffer) { _ throws(FrameError) in }
    }
    #expect(error == .broken(reason: SystemError(call: "read", number: EBADF).reason))
  }
}
