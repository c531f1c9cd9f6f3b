/// Splits the body of a call into messages, whatever the frame boundaries.
///
/// On the wire: one byte that says whether the message is compressed, four bytes of length, the
/// highest first, and the message.
struct MessageStream {
  /// The most bytes in a message.
  let byteCountMax: Int
  private var held: [UInt8] = []
  private var takenCount = 0

  static let headerByteCount = 5
  /// The default limit of a message: 4 MiB, as in other implementations.
  static let byteCountMaxDefault = 4 << 20

  /// Makes the stream of an empty body.
  init(byteCountMax: Int = Self.byteCountMaxDefault) {
    self.byteCountMax = byteCountMax
  }

  /// How many buffered bytes belong to no complete message yet.
  var heldByteCount: Int { held.count - takenCount }

  /// Appends bytes of the body.
  mutating func append(_ bytes: [UInt8]) {
    if takenCount == held.count {
      held = bytes
    } else {
      held.removeFirst(takenCount)
      held.append(contentsOf: bytes)
    }
    takenCount = 0
  }

  /// Removes and returns the next message; nil until it is complete.
  ///
  /// - Throws: The status that ends the call.
  mutating func next() throws(CallStatus) -> [UInt8]? {
    guard heldByteCount >= Self.headerByteCount else { return nil }
    let start = takenCount + Self.headerByteCount
    switch held[takenCount] {
    case 0: break
    case 1:
      throw CallStatus(.unimplemented, "messages must be uncompressed (identity)")
    default:
      throw CallStatus(.internal, "a message begins with a byte that is neither 0 nor 1")
    }
    let count = held[(start - 4)..<start].reduce(0) { $0 << 8 | Int($1) }
    guard count <= byteCountMax else {
      throw CallStatus(
        .resourceExhausted, "a message of \(count) bytes is longer than \(byteCountMax)")
    }
    guard held.count - start >= count else { return nil }
    takenCount = start + count
    return Array(held[start..<takenCount])
  }

  /// A message framed for a body.
  static func framed(_ message: some ProtobufMessage) -> [UInt8] {
    var writer = ProtobufWriter()
    // The length is known only after the message is written: its bytes are reserved.
    writer.writeBytes([0, 0, 0, 0, 0])
    message.write(to: &writer)
    let count = UInt32(writer.bytes.count - headerByteCount)
    withUnsafeBytes(of: count.bigEndian) { writer.replaceBytes(at: 1, with: $0) }
    return writer.bytes
  }
}
