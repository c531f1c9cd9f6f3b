import SystemCalls
import Testing

@testable import Transport

/// Frames as bytes, the bytes in a queue, and the bytes that a stream has received.
enum Bytes {
  /// A frame around `content`.
  static func frame(_ content: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(content.count).bigEndian) { Array($0) } + content
  }

  /// The frame of a message.
  static func frame(_ message: WireMessage) throws -> [UInt8] {
    let queue = OutgoingQueue()
    try #require(message.append(to: queue))
    let (one, other) = try Socket.pair()
    defer {
      one.end()
      other.end()
    }
    try queue.write(to: one)
    return try available(other)
  }

  /// All bytes that can be read from a stream now.
  static func available(_ descriptor: Descriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    defer { chunk.deallocate() }
    while case .bytes(let count) = try descriptor.readAvailable(into: chunk) {
      bytes += chunk[..<count]
    }
    return bytes
  }

  /// Sends bytes; the stream must take them all at once.
  static func send(_ bytes: [UInt8], to descriptor: Descriptor) throws {
    let progress = try bytes.withUnsafeBytes { try descriptor.sendAvailable($0) }
    try #require(progress == .bytes(bytes.count))
  }
}
