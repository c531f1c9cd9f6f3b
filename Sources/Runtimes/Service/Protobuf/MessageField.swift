/// A field of a message: its description, and how its value is written and read.
struct MessageField<Message: ProtobufMessage>: Sendable {
  let number: UInt32
  let name: String
  let type: FieldType
  var isRepeated = false
  var isPacked = false
  /// The field's oneof group; nil when it belongs to none.
  var choice: String?
  let write: @Sendable (Message, inout ProtobufWriter) -> Void
  let read: @Sendable (inout Message, inout ProtobufReader) throws(ProtobufError) -> Void

  /// The wire type of its values.
  var wireType: WireType { isPacked ? .counted : type.wireType }

  /// A field with one value; a value equal to the default is not sent.
  static func one<Value: ProtobufScalar>(
    _ number: UInt32, _ name: String, _ path: WritableKeyPath<Message, Value> & Sendable
  ) -> Self {
    Self(
      number: number, name: name, type: Value.type,
      write: { message, writer in
        let value = message[keyPath: path]
        if value != Value.absent { Self.write(value, number, &writer) }
      },
      read: { message, reader throws(ProtobufError) in
        message[keyPath: path] = try Value(from: &reader, field: name)
      })
  }

  /// A field with explicit presence: no value differs from the default value.
  ///
  /// At most one field of a `choice` has a value; a reader takes the first that has one.
  static func optional<Value: ProtobufScalar>(
    _ number: UInt32, _ name: String, choice: String? = nil,
    _ path: WritableKeyPath<Message, Value?> & Sendable
  ) -> Self {
    Self(
      number: number, name: name, type: Value.type, choice: choice,
      write: { message, writer in
        if let value = message[keyPath: path] { Self.write(value, number, &writer) }
      },
      read: { message, reader throws(ProtobufError) in
        message[keyPath: path] = try Value(from: &reader, field: name)
      })
  }

  /// A field with any number of values, which are strings or bytes.
  static func many<Value: ProtobufScalar>(
    _ number: UInt32, _ name: String, _ path: WritableKeyPath<Message, [Value]> & Sendable
  ) -> Self {
    precondition(Value.type.wireType == .counted, "Repeated numbers would have to be packed")
    return Self(
      number: number, name: name, type: Value.type, isRepeated: true,
      write: { message, writer in
        for value in message[keyPath: path] { Self.write(value, number, &writer) }
      },
      read: { message, reader throws(ProtobufError) in
        message[keyPath: path].append(try Value(from: &reader, field: name))
      })
  }

  /// A packed field: any number of numbers, one after the other, after their byte count.
  ///
  /// The reader accepts the packed form only; no client sends the other one.
  static func packed(
    _ number: UInt32, _ name: String, _ path: WritableKeyPath<Message, [Int32]> & Sendable
  ) -> Self {
    Self(
      number: number, name: name, type: .int32, isRepeated: true, isPacked: true,
      write: { message, writer in
        var content = ProtobufWriter()
        for value in message[keyPath: path] { value.write(to: &content) }
        if content.bytes.isEmpty { return }
        writer.writeKey(number, .counted)
        writer.writeCounted(content.bytes)
      },
      read: { message, reader throws(ProtobufError) in
        var content = try reader.readNested()
        while !content.isAtEnd {
          message[keyPath: path].append(try Int32(from: &content, field: name))
        }
      })
  }

  /// A field with a value of an enumeration, by its number.
  static func enumeration(
    _ number: UInt32, _ name: String, of typeName: String,
    _ path: WritableKeyPath<Message, Int32> & Sendable
  ) -> Self {
    let field = one(number, name, path)
    return Self(
      number: number, name: name, type: .enumeration(typeName), write: field.write,
      read: field.read)
  }

  /// An optional message; a repeated occurrence is merged.
  static func message<Value: ProtobufMessage>(
    _ number: UInt32, _ name: String, choice: String? = nil,
    _ path: WritableKeyPath<Message, Value?> & Sendable
  ) -> Self {
    Self(
      number: number, name: name, type: .message(Value.shape.name), choice: choice,
      write: { message, writer in
        if let value = message[keyPath: path] { Self.write(value, number, &writer) }
      },
      read: { message, reader throws(ProtobufError) in
        var nested = try reader.readNested()
        var value = message[keyPath: path] ?? Value()
        try value.merge(from: &nested)
        message[keyPath: path] = value
      })
  }

  /// A field with any number of messages.
  static func messages<Value: ProtobufMessage>(
    _ number: UInt32, _ name: String, _ path: WritableKeyPath<Message, [Value]> & Sendable
  ) -> Self {
    messages(number, name, of: Value.shape.name, path)
  }

  /// A field with any number of messages of a type given by name, because it is still being
  /// defined.
  static func messages<Value: ProtobufMessage>(
    _ number: UInt32, _ name: String, of typeName: String,
    _ path: WritableKeyPath<Message, [Value]> & Sendable
  ) -> Self {
    Self(
      number: number, name: name, type: .message(typeName), isRepeated: true,
      write: { message, writer in
        for value in message[keyPath: path] { Self.write(value, number, &writer) }
      },
      read: { message, reader throws(ProtobufError) in
        var nested = try reader.readNested()
        message[keyPath: path].append(try Value(from: &nested))
      })
  }

  private static func write<Value: ProtobufScalar>(
    _ value: Value, _ number: UInt32, _ writer: inout ProtobufWriter
  ) {
    writer.writeKey(number, Value.type.wireType)
    value.write(to: &writer)
  }

  private static func write(
    _ value: some ProtobufMessage, _ number: UInt32, _ writer: inout ProtobufWriter
  ) {
    writer.writeKey(number, .counted)
    writer.writeCounted(value.encoded)
  }
}
