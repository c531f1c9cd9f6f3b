/// The value of a field, other than a message.
protocol ProtobufScalar: Hashable, Sendable {
  /// The type's name in descriptors.
  static var type: FieldType { get }
  /// The value of a field that was not sent.
  static var absent: Self { get }
  /// Writes the value after its field's key.
  func write(to writer: inout ProtobufWriter)
  /// Reads the value after its field's key.
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError)
}

/// The type of a field, as `.proto` files and descriptors name it.
enum FieldType: Hashable, Sendable {
  case int64, uint64, int32, bool, string, bytes
  /// A message of that full name.
  case message(String)
  /// An enumeration of that full name.
  case enumeration(String)

  /// Its number in `FieldDescriptorProto.Type`.
  var number: Int32 {
    switch self {
    case .int64: 3
    case .uint64: 4
    case .int32: 5
    case .bool: 8
    case .string: 9
    case .message: 11
    case .bytes: 12
    case .enumeration: 14
    }
  }

  /// The full name it refers to, with the descriptors' leading dot; nil for a scalar.
  var typeName: String? {
    switch self {
    case .message(let name), .enumeration(let name): ".\(name)"
    case .int64, .uint64, .int32, .bool, .string, .bytes: nil
    }
  }

  var wireType: WireType {
    switch self {
    case .int64, .uint64, .int32, .bool, .enumeration: .number
    case .string, .bytes, .message: .counted
    }
  }
}

extension Int64: ProtobufScalar {
  static var type: FieldType { .int64 }
  static var absent: Int64 { 0 }
  func write(to writer: inout ProtobufWriter) {
    writer.writeNumber(UInt64(bitPattern: self))
  }
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    self.init(bitPattern: try reader.readNumber())
  }
}

extension UInt64: ProtobufScalar {
  static var type: FieldType { .uint64 }
  static var absent: UInt64 { 0 }
  func write(to writer: inout ProtobufWriter) { writer.writeNumber(self) }
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    self = try reader.readNumber()
  }
}

extension Int32: ProtobufScalar {
  static var type: FieldType { .int32 }
  static var absent: Int32 { 0 }
  /// A negative number takes ten bytes, as it would in 64 bits.
  func write(to writer: inout ProtobufWriter) { Int64(self).write(to: &writer) }
  /// Bits beyond the 32nd are cut off, as the encoding says.
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    self.init(truncatingIfNeeded: try reader.readNumber())
  }
}

extension Bool: ProtobufScalar {
  static var type: FieldType { .bool }
  static var absent: Bool { false }
  func write(to writer: inout ProtobufWriter) { writer.writeNumber(self ? 1 : 0) }
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    self = try reader.readNumber() != 0
  }
}

extension String: ProtobufScalar {
  static var type: FieldType { .string }
  static var absent: String { "" }
  func write(to writer: inout ProtobufWriter) { writer.writeCounted(utf8) }
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    guard let text = String(validating: try reader.readCounted(), as: UTF8.self) else {
      throw .notText(field: field)
    }
    self = text
  }
}

extension [UInt8]: ProtobufScalar {
  static var type: FieldType { .bytes }
  static var absent: [UInt8] { [] }
  func write(to writer: inout ProtobufWriter) { writer.writeCounted(self) }
  init(from reader: inout ProtobufReader, field: String) throws(ProtobufError) {
    self.init(try reader.readCounted())
  }
}
