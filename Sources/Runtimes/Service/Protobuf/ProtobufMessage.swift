/// A message in the encoding of Protocol Buffers, version 3.
///
/// The encoder, the decoder and the descriptor that reflection serves all derive from its
/// ``shape``, so they cannot disagree.
///
/// Encoding is canonical: fields in the order of their numbers, those without a value left out.
/// Decoding skips unknown fields; of a field that comes twice the last value counts.
protocol ProtobufMessage: Hashable, Sendable {
  /// Makes an empty message.
  init()
  /// Its name and its fields.
  static var shape: MessageShape<Self> { get }
}

/// The name of a message, and its fields.
struct MessageShape<Message: ProtobufMessage>: Sendable {
  /// The full name, package included: `scalemodel.v1.GetBalanceRequest`.
  let name: String
  /// The fields, by ascending number.
  let fields: [MessageField<Message>]
  /// Whether it is the entry type of a map field.
  let isMapEntry: Bool

  /// Describes a message.
  ///
  /// - Precondition: Numbers are greater than zero and ascend.
  init(_ name: String, isMapEntry: Bool = false, _ fields: MessageField<Message>...) {
    precondition(
      zip([0] + fields.map(\.number), fields.map(\.number)).allSatisfy { $0 < $1 },
      "The fields of \(name) stand in the order of their numbers")
    self.name = name
    self.isMapEntry = isMapEntry
    self.fields = fields
  }

  /// The field of a number; most messages have few, at indices that follow their numbers.
  func field(_ number: UInt32) -> MessageField<Message>? {
    let index = Int(number) - 1
    if index < fields.count && fields[index].number == number { return fields[index] }
    return fields.first { $0.number == number }
  }
}

extension ProtobufMessage {
  /// The message as bytes.
  var encoded: [UInt8] {
    var writer = ProtobufWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// Reads a message.
  ///
  /// - Throws: ``ProtobufError`` for bytes that are no message.
  init(encoded bytes: [UInt8]) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    self = try Self(from: &reader)
  }

  func write(to writer: inout ProtobufWriter) {
    for field in Self.shape.fields { field.write(self, &writer) }
  }

  init(from reader: inout ProtobufReader) throws(ProtobufError) {
    self.init()
    try merge(from: &reader)
  }

  /// Reads fields into the message; later values replace earlier ones.
  mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
    while !reader.isAtEnd {
      let (number, type) = try reader.readKey()
      if let field = Self.shape.field(number), field.wireType == type {
        try field.read(&self, &reader)
      } else {
        try reader.skip(number, type)
      }
    }
  }
}
