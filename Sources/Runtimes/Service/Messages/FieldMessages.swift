/// The value of a field of a message or of a state; a field without a value has none of these.
struct FieldValueMessage: ProtobufMessage {
  var integer: Int64?
  var boolean: Bool?
  var text: String?

  static let shape = MessageShape<Self>(
    "scalemodel.v1.FieldValue",
    .optional(1, "integer", choice: "value", \.integer),
    .optional(2, "boolean", choice: "value", \.boolean),
    .optional(3, "text", choice: "value", \.text))
}

/// An entry of a map from the names of fields to their values.
protocol FieldEntry: ProtobufMessage {
  var name: String { get set }
  var value: FieldValueMessage? { get set }
}

extension ApplicationMessage {
  /// A field of a message.
  struct Field: FieldEntry {
    var name = ""
    var value: FieldValueMessage?

    static let shape = MessageShape<Self>(
      "scalemodel.v1.ApplicationMessage.FieldsEntry", isMapEntry: true,
      .one(1, "key", \.name), .message(2, "value", \.value))
  }
}

extension ProcessState {
  /// A field of a state.
  struct Field: FieldEntry {
    var name = ""
    var value: FieldValueMessage?

    static let shape = MessageShape<Self>(
      "scalemodel.v1.ProcessState.FieldsEntry", isMapEntry: true,
      .one(1, "key", \.name), .message(2, "value", \.value))
  }
}
