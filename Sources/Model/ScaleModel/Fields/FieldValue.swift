/// The value of one field of a message or of a machine's state.
///
/// Four shapes are enough for journals, snapshot files, the wire and predicates. What a value means
/// (a word of a list, a machine's id) is its field's ``FieldKind``.
public enum FieldValue: Hashable, Sendable {
  /// No value; an empty field in a journal, and no key in a snapshot file.
  case nothing
  /// A whole number; of a field of machines, a machine's id.
  case integer(Int64)
  /// True or false.
  case boolean(Bool)
  /// A short text; of a field with a list of words, one of them.
  case text(String)

  /// The number; nil for any other shape.
  @inlinable public var integer: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The truth value; nil for any other shape.
  @inlinable public var boolean: Bool? {
    if case .boolean(let truth) = self { truth } else { nil }
  }

  /// The text; nil for any other shape.
  @inlinable public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }
}

extension FieldValue: CustomStringConvertible {
  /// The value as people read it: `12`, `true`, `waiting`; empty when there is none.
  public var description: String {
    switch self {
    case .nothing: ""
    case .integer(let number): "\(number)"
    case .boolean(let truth): "\(truth)"
    case .text(let text): text
    }
  }
}

extension FieldValue: Codable {
  /// Reads a number, a truth value or a text; null is no value.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .nothing
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else if let truth = try? container.decode(Bool.self) {
      self = .boolean(truth)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes the value in JSON's own shape.
  ///
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .nothing: try container.encodeNil()
    case .integer(let number): try container.encode(number)
    case .boolean(let truth): try container.encode(truth)
    case .text(let text): try container.encode(text)
    }
  }
}
