/// Why bytes are not an acceptable message.
enum ProtobufError: Error, Hashable, Sendable {
  /// The bytes end inside a field.
  case truncated
  /// A number has more than ten bytes, or does not fit 64 bits.
  case numberTooLong
  /// A field has the number zero, or one above 536,870,911.
  case fieldNumber(UInt64)
  /// A field has a wire type that does not exist.
  case wireType(UInt8)
  /// A group end without a matching start.
  case strayGroupEnd(fieldNumber: UInt32)
  /// A text field's bytes are not UTF-8.
  case notText(field: String)
  /// Messages or groups nest too deeply.
  case tooDeep(depthMax: Int)
}

extension ProtobufError: CustomStringConvertible {
  var description: String {
    switch self {
    case .truncated: "the message ends inside a field"
    case .numberTooLong: "a number of the message has more than 64 bits"
    case .fieldNumber(let number): "\(number) is not the number of a field"
    case .wireType(let type): "there is no wire type \(type)"
    case .strayGroupEnd(let number): "group \(number) ends where none has begun"
    case .notText(let field): "field \(field) is not UTF-8"
    case .tooDeep(let max): "messages are nested more than \(max) deep"
    }
  }
}
