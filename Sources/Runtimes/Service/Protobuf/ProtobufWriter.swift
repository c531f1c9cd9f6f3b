/// Writes the fields of a message in order.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// Writes a number with seven bits a byte, the lowest first.
  mutating func writeNumber(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a field's key: its number and wire type.
  mutating func writeKey(_ fieldNumber: UInt32, _ wireType: WireType) {
    writeNumber(UInt64(fieldNumber) << 3 | UInt64(wireType.rawValue))
  }

  /// Writes bytes as they are.
  mutating func writeBytes(_ content: some Collection<UInt8>) {
    bytes.append(contentsOf: content)
  }

  /// Overwrites bytes written earlier.
  mutating func replaceBytes(at index: Int, with content: some Collection<UInt8>) {
    bytes.replaceSubrange(index..<(index + content.count), with: content)
  }

  /// Writes bytes after their count.
  mutating func writeCounted(_ content: some Collection<UInt8>) {
    writeNumber(UInt64(content.count))
    bytes.append(contentsOf: content)
  }
}

/// How a field's value is encoded on the wire.
enum WireType: UInt8 {
  case number = 0
  case eightBytes = 1
  case counted = 2
  case groupStart = 3
  case groupEnd = 4
  case fourBytes = 5
}
