/// Cuts the body of a call into messages, however it is cut into frames.
///
/// On the wire stand a byte that says whether the message is compressed, its length in four bytes,
/// the highest first, and the message.
struct MessageStream {
  /// The most bytes a message may have.
  let byteCountMax: Int
  private var held: [UInt8] = []
  private var takenCount = 0

  static let headerByteCount = 5
  /// What a message may have when nobody says otherwise: 4 MiB, as elsewhere.
  static let byteCountMaxDefault = 4 << 20

  /// Begins a body.
  init(byteCountMax: Int = Self.byteCountMaxDefault) {
    self.byteCountMax = byteCountMax
  }

  /// How many bytes are held that no message was made of yet.
  var heldByteCount: Int { held.count - takenCount }

  /// Takes in bytes of the body.
  mutating func append(_ bytes: [UInt8]) {
    if takenCount == held.count {
      held = bytes
    } else {
      held.removeFirst(takenCount)
      held.append(contentsOf: bytes)
    }
    takenCount = 0
  }

  /// Takes out the next message; nil when it is not whole yet.
  ///
  /// - Throws: The status the call is to end with.
  mutating func next() throws(CallStatus) -> [UInt8]? {
    guard heldByteCount >= Self.headerByteCount else { return nil }
    let start = takenCount + Self.headerByteCount
    switch held[takenCount] {
    case 0: break
    case 1:
      throw CallStatus(.unimplemented, "messages are taken uncompressed only (identity)")
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

  /// A message as it stands in a body.
  static func framed(_ message: some ProtobufMessage) -> [UInt8] {
    var writer = ProtobufWriter()
    // The length is known only when the message is written: its place is kept.
    writer.writeBytes([0, 0, 0, 0, 0])
    message.write(to: &writer)
    let count = UInt32(writer.bytes.count - headerByteCount)
    withUnsafeBytes(of: count.bigEndian) { writer.replaceBytes(at: 1, with: $0) }
    return writer.bytes
  }
}
