/// Reads the fields of a message, from any bytes: malformed ones are an error.
///
/// - Invariant: `offset` and `end` stay within the bytes.
struct ProtobufReader {
  private let bytes: [UInt8]
  private var offset: Int
  private let end: Int
  /// The nesting depth of the reader.
  private var depth: Int

  /// The deepest nesting of messages and groups.
  static let depthMax = 32
  /// The greatest number a field may have.
  private static let fieldNumberMax: UInt64 = 536_870_911

  /// Reads a whole message.
  init(_ bytes: [UInt8]) {
    self.init(bytes: bytes, offset: 0, end: bytes.count, depth: 0)
  }

  private init(bytes: [UInt8], offset: Int, end: Int, depth: Int) {
    self.bytes = bytes
    self.offset = offset
    self.end = end
    self.depth = depth
  }

  /// Whether everything has been read.
  var isAtEnd: Bool { offset == end }

  /// Reads a number of up to 64 bits.
  mutating func readNumber() throws(ProtobufError) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard offset < end else { throw .truncated }
      let byte = bytes[offset]
      offset += 1
      if shift == 63 && byte > 1 { throw .numberTooLong }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw .numberTooLong
  }

  /// Reads a field's key.
  mutating func readKey() throws(ProtobufError) -> (number: UInt32, type: WireType) {
    let key = try readNumber()
    guard 1...Self.fieldNumberMax ~= key >> 3 else { throw .fieldNumber(key >> 3) }
    let rawType = UInt8(key & 7)
    guard let type = WireType(rawValue: rawType) else { throw .wireType(rawType) }
    return (UInt32(key >> 3), type)
  }

  /// Reads bytes after their count.
  mutating func readCounted() throws(ProtobufError) -> ArraySlice<UInt8> {
    let range = try readCountedRange()
    return bytes[range]
  }

  /// Reads a nested message after its count.
  mutating func readNested() throws(ProtobufError) -> ProtobufReader {
    try checkDepth()
    let range = try readCountedRange()
    return ProtobufReader(
      bytes: bytes, offset: range.lowerBound, end: range.upperBound, depth: depth + 1)
  }

  private func checkDepth() throws(ProtobufError) {
    if depth >= Self.depthMax { throw .tooDeep(depthMax: Self.depthMax) }
  }

  private mutating func readCountedRange() throws(ProtobufError) -> Range<Int> {
    let count = try readNumber()
    guard count <= UInt64(end - offset) else { throw .truncated }
    defer { offset += Int(count) }
    return offset..<(offset + Int(count))
  }

  /// Skips the value of an unknown field.
  mutating func skip(_ number: UInt32, _ type: WireType) throws(ProtobufError) {
    switch type {
    case .number: _ = try readNumber()
    case .eightBytes: try skip(byteCount: 8)
    case .fourBytes: try skip(byteCount: 4)
    case .counted: _ = try readCountedRange()
    case .groupStart: try skipGroup(number)
    case .groupEnd: throw .strayGroupEnd(fieldNumber: number)
    }
  }

  private mutating func skip(byteCount: Int) throws(ProtobufError) {
    guard byteCount <= end - offset else { throw .truncated }
    offset += byteCount
  }

  private mutating func skipGroup(_ number: UInt32) throws(ProtobufError) {
    try checkDepth()
    depth += 1
    defer { depth -= 1 }
    while true {
      let (inner, type) = try readKey()
      if type == .groupEnd {
        guard inner == number else { throw .strayGroupEnd(fieldNumber: inner) }
        return
      }
      try skip(inner, type)
    }
  }
}
