/// A message in the encoding of Protocol Buffers, version 3.
///
/// Its ``shape`` is the one table that the encoder, the decoder and the descriptor which reflection
/// serves are made of, so that none of them can say something else than the others.
///
/// Encoding is canonical: fields in the order of their numbers, those that have no value left out.
/// Decoding skips fields it does not know; of a field that comes twice the last value counts.
protocol ProtobufMessage: Hashable, Sendable {
  /// The message nobody has put anything into.
  init()
  /// Its name and its fields.
  static var shape: MessageShape<Self> { get }
}

/// The name of a message, and its fields.
struct MessageShape<Message: ProtobufMessage>: Sendable {
  /// The full name, package included: `scalemodel.v1.GetBalanceRequest`.
  let name: String
  /// In the order of their numbers.
  let fields: [MessageField<Message>]
  /// Whether it stands for the entries of a map field.
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

  /// The field of a number; most messages have few, in places that follow their numbers.
  func field(_ number: UInt32) -> MessageField<Message>? {
    let place = Int(number) - 1
    if place < fields.count && fields[place].number == number { return fields[place] }
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
  /// - Throws: ``ProtobufError`` for bytes that are none.
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

  /// Reads fields into the message: what comes later counts.
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
