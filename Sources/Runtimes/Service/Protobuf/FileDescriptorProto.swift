/// A `.proto` file as data, which server reflection hands out.
///
/// Field numbers and names are those of `google/protobuf/descriptor.proto`; what our files do not
/// use is left out.
struct FileDescriptorProto: ProtobufMessage {
  var name: String?
  var package: String?
  var messageTypes: [DescriptorProto] = []
  var services: [ServiceDescriptorProto] = []
  var syntax: String?

  static let shape = MessageShape<Self>(
    "google.protobuf.FileDescriptorProto",
    .optional(1, "name", \.name), .optional(2, "package", \.package),
    .messages(4, "message_type", \.messageTypes), .messages(6, "service", \.services),
    .optional(12, "syntax", \.syntax))
}

/// A message type as data.
struct DescriptorProto: ProtobufMessage {
  var name: String?
  var fields: [FieldDescriptorProto] = []
  var nestedTypes: [DescriptorProto] = []
  var enumTypes: [EnumDescriptorProto] = []
  var options: MessageOptions?
  var oneofs: [OneofDescriptorProto] = []

  static let shape = MessageShape<Self>(
    "google.protobuf.DescriptorProto",
    .optional(1, "name", \.name), .messages(2, "field", \.fields),
    .messages(3, "nested_type", of: "google.protobuf.DescriptorProto", \.nestedTypes),
    .messages(4, "enum_type", \.enumTypes), .message(7, "options", \.options),
    .messages(8, "oneof_decl", \.oneofs))
}

/// The options of a message type.
struct MessageOptions: ProtobufMessage {
  var isMapEntry: Bool?

  static let shape = MessageShape<Self>(
    "google.protobuf.MessageOptions", .optional(7, "map_entry", \.isMapEntry))
}

/// A field as data.
struct FieldDescriptorProto: ProtobufMessage {
  var name: String?
  var number: Int32?
  var label: Int32?
  var type: Int32?
  var typeName: String?
  var oneofIndex: Int32?

  static let labelOptional: Int32 = 1
  static let labelRepeated: Int32 = 3

  static let shape = MessageShape<Self>(
    "google.protobuf.FieldDescriptorProto",
    .optional(1, "name", \.name), .optional(3, "number", \.number),
    .optional(4, "label", \.label), .optional(5, "type", \.type),
    .optional(6, "type_name", \.typeName), .optional(9, "oneof_index", \.oneofIndex))
}

/// A oneof group as data: at most one of its fields has a value.
struct OneofDescriptorProto: ProtobufMessage {
  var name: String?

  static let shape = MessageShape<Self>(
    "google.protobuf.OneofDescriptorProto", .optional(1, "name", \.name))
}

/// An enumeration as data.
struct EnumDescriptorProto: ProtobufMessage {
  var name: String?
  var values: [EnumValueDescriptorProto] = []

  static let shape = MessageShape<Self>(
    "google.protobuf.EnumDescriptorProto",
    .optional(1, "name", \.name), .messages(2, "value", \.values))
}

/// A case of an enumeration as data.
struct EnumValueDescriptorProto: ProtobufMessage {
  var name: String?
  var number: Int32?

  static let shape = MessageShape<Self>(
    "google.protobuf.EnumValueDescriptorProto",
    .optional(1, "name", \.name), .optional(2, "number", \.number))
}

/// A service as data.
struct ServiceDescriptorProto: ProtobufMessage {
  var name: String?
  var methods: [MethodDescriptorProto] = []

  static let shape = MessageShape<Self>(
    "google.protobuf.ServiceDescriptorProto",
    .optional(1, "name", \.name), .messages(2, "method", \.methods))
}

/// A method of a service as data.
struct MethodDescriptorProto: ProtobufMessage {
  var name: String?
  var inputType: String?
  var outputType: String?
  var clientStreaming: Bool?
  var serverStreaming: Bool?

  static let shape = MessageShape<Self>(
    "google.protobuf.MethodDescriptorProto",
    .optional(1, "name", \.name), .optional(2, "input_type", \.inputType),
    .optional(3, "output_type", \.outputType),
    .optional(5, "client_streaming", \.clientStreaming),
    .optional(6, "server_streaming", \.serverStreaming))
}
