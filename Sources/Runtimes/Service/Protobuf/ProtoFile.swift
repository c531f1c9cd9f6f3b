/// A `.proto` file: its messages, enumerations and services, from the tables that the code uses.
struct ProtoFile: Sendable {
  /// The path by which other files would import it.
  let name: String
  let package: String
  private let messages: [MessageDescription]
  private let enumerations: [EnumerationDescription]
  /// Its services.
  let services: [ServiceDescription]

  init(
    name: String, package: String, messages: [MessageDescription],
    enumerations: [EnumerationDescription] = [], services: [ServiceDescription]
  ) {
    self.name = name
    self.package = package
    self.messages = messages
    self.enumerations = enumerations
    self.services = services
  }

  /// The file as data: what a `.proto` compiler makes of its text.
  var descriptor: FileDescriptorProto {
    var file = FileDescriptorProto()
    file.name = name
    file.package = package
    file.syntax = "proto3"
    file.messageTypes = descriptors(in: package)
    file.services = services.map(\.descriptor)
    return file
  }

  /// The full names of everything the file defines: messages, enumerations, services, methods.
  var symbols: [String] {
    messages.map(\.name) + enumerations.map(\.name)
      + services.flatMap { service in
        [service.name] + service.methods.map { "\(service.name).\($0.name)" }
      }
  }

  /// The messages directly inside a package or a message; a full name begins with its scope's.
  private func descriptors(in scope: String) -> [DescriptorProto] {
    messages.filter { ProtoName.scope(of: $0.name) == scope }.map { message in
      var descriptor = message.descriptor
      descriptor.nestedTypes = descriptors(in: message.name)
      descriptor.enumTypes =
        enumerations.filter { ProtoName.scope(of: $0.name) == message.name }.map(\.descriptor)
      return descriptor
    }
  }
}

/// The two parts of a full name.
enum ProtoName {
  /// The part before the last dot.
  static func scope(of name: String) -> String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
  }

  /// The part after the last dot.
  static func last(of name: String) -> String {
    name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
  }
}

/// The description of a message.
struct MessageDescription: Sendable {
  let name: String
  let descriptor: DescriptorProto

  init<Message: ProtobufMessage>(_ message: Message.Type) {
    let shape = Message.shape
    name = shape.name
    var descriptor = DescriptorProto()
    descriptor.name = ProtoName.last(of: shape.name)
    var choices: [String] = []
    for field in shape.fields {
      var description = FieldDescriptorProto()
      description.name = field.name
      description.number = Int32(field.number)
      description.label =
        field.isRepeated
        ? FieldDescriptorProto.labelRepeated : FieldDescriptorProto.labelOptional
      description.type = field.type.number
      description.typeName = field.type.typeName
      if let choice = field.choice {
        if !choices.contains(choice) { choices.append(choice) }
        description.oneofIndex = choices.firstIndex(of: choice).map { Int32($0) }
      }
      descriptor.fields.append(description)
    }
    descriptor.oneofs = choices.map { OneofDescriptorProto(name: $0) }
    if shape.isMapEntry { descriptor.options = MessageOptions(isMapEntry: true) }
    self.descriptor = descriptor
  }
}

/// An enumeration: its full name, and the names of its cases, which count from zero.
struct EnumerationDescription: Sendable {
  let name: String
  let cases: [String]

  var descriptor: EnumDescriptorProto {
    EnumDescriptorProto(
      name: ProtoName.last(of: name),
      values: cases.enumerated().map { EnumValueDescriptorProto(name: $1, number: Int32($0)) })
  }
}

/// A service: its full name, and its methods.
struct ServiceDescription: Sendable {
  /// The full name, package included.
  let name: String
  let methods: [MethodDescription]

  var descriptor: ServiceDescriptorProto {
    ServiceDescriptorProto(name: ProtoName.last(of: name), methods: methods.map(\.descriptor))
  }
}

/// The description of a method.
struct MethodDescription: Sendable {
  let name: String
  let descriptor: MethodDescriptorProto

  init<Input, Output>(_ method: Method<Input, Output>) {
    name = method.name
    var descriptor = MethodDescriptorProto()
    descriptor.name = method.name
    descriptor.inputType = ".\(Input.shape.name)"
    descriptor.outputType = ".\(Output.shape.name)"
    if method.streams.input { descriptor.clientStreaming = true }
    if method.streams.output { descriptor.serverStreaming = true }
    self.descriptor = descriptor
  }
}

/// A method of a service with the types of its request and response messages.
struct Method<Input: ProtobufMessage, Output: ProtobufMessage>: Sendable {
  let service: String
  let name: String
  let streams: (input: Bool, output: Bool)

  /// Describes a method; one message each way, unless it streams.
  init(
    _ service: String, _ name: String, streamsInput: Bool = false, streamsOutput: Bool = false
  ) {
    self.service = service
    self.name = name
    streams = (streamsInput, streamsOutput)
  }

  /// Its path in HTTP/2: `/scalemodel.v1.BankService/GetBalance`.
  var path: String { "/\(service)/\(name)" }
}
