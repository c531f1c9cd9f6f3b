import SystemCalls
import Testing

@Suite("Output whose reader may pause")
final class PatientOutputTests {
  private let reading: Descriptor
  private let writing: Descriptor

  init() throws {
    ThisProcess.ignoreWriteSignals()
    (reading, writing) = try Socket.pipe()
    writing.setBlocking()
  }

  deinit {
    writing.end()
  }

  private func write(_ bytes: [UInt8], on descriptor: Descriptor) throws -> Int {
    try bytes.withUnsafeBytes { try PatientOutput(descriptor).write($0, patience: 0) }
  }

  private func read(_ descriptor: Descriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    defer { chunk.deallocate() }
    while case .bytes(let count) = try descriptor.readAvailable(into: chunk) {
      bytes += chunk[..<count]
    }
    return bytes
  }

  @Test("An unread pipe fills up, and no write waits")
  func fullPipe() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    let taken = try write(bytes, on: writing)
    #expect(taken > 0 && taken < bytes.count)
    #expect(try write([1], on: writing) == 0)
    #expect(try read(reading) == Array(bytes[..<taken]))
    #expect(try write([1], on: writing) == 1)
    #expect(try read(reading) == [1])
    reading.end()
  }

  @Test("Other programs that share the pipe find its flags unchanged")
  func sharedFlags() throws {
    _ = try write([1], on: writing)
    #expect(fcntl(writing.number, F_GETFL) & O_NONBLOCK == 0)
    reading.end()
  }

  @Test("A reader that is gone is an error")
  func brokenPipe() throws {
    reading.end()
    let error = #expect(throws: SystemError.self) { try self.write([1], on: self.writing) }
    #expect(error?.isBrokenPipe == true)
  }

  @Test("A socket takes what it holds as well")
  func fullSocket() throws {
    let (one, other) = try Socket.pair()
    one.setBlocking()
    let bytes = [UInt8](repeating: 5, count: 2_000_000)
    let taken = try write(bytes, on: one)
    #expect(taken > 0 && taken < bytes.count)
    #expect(try read(other).count == taken)
    one.end()
    other.end()
    reading.end()
  }
}
