/// The method of server reflection, by which tools such as `grpcurl` learn the services.
///
/// There are two versions with the same messages in two packages; `Version` selects one.
///
/// - SeeAlso: <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>
enum ReflectionMethods<Version: ReflectionVersion> {
  static var service: String { "\(Version.package).ServerReflection" }
  static var info: Method<ReflectionRequest<Version>, ReflectionResponse<Version>> {
    Method(service, "ServerReflectionInfo", streamsInput: true, streamsOutput: true)
  }

  static var file: ProtoFile {
    ProtoFile(
      name: Version.fileName, package: Version.package,
      messages: [
        MessageDescription(ReflectionRequest<Version>.self),
        MessageDescription(ExtensionRequest<Version>.self),
        MessageDescription(ReflectionResponse<Version>.self),
        MessageDescription(FileDescriptorResponse<Version>.self),
        MessageDescription(ExtensionNumberResponse<Version>.self),
        MessageDescription(ListServiceResponse<Version>.self),
        MessageDescription(ServiceResponse<Version>.self),
        MessageDescription(ErrorResponse<Version>.self),
      ],
      services: [ServiceDescription(name: service, methods: [MethodDescription(info)])])
  }
}

/// One of the two versions of server reflection.
protocol ReflectionVersion: Hashable, Sendable {
  static var package: String { get }
  static var fileName: String { get }
}

/// The current version.
enum ReflectionV1: ReflectionVersion {
  static let package = "grpc.reflection.v1"
  static let fileName = "grpc/reflection/v1/reflection.proto"
}

/// The version of older tools.
enum ReflectionV1Alpha: ReflectionVersion {
  static let package = "grpc.reflection.v1alpha"
  static let fileName = "grpc/reflection/v1alpha/reflection.proto"
}

/// A request: the first of the optional fields that has a value.
struct ReflectionRequest<Version: ReflectionVersion>: ProtobufMessage {
  var host = ""
  var fileByName: String?
  var fileContainingSymbol: String?
  var fileContainingExtension: ExtensionRequest<Version>?
  var allExtensionNumbersOfType: String?
  var listServices: String?

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).ServerReflectionRequest",
      .one(1, "host", \.host),
      .optional(3, "file_by_filename", choice: "message_request", \.fileByName),
      .optional(4, "file_containing_symbol", choice: "message_request", \.fileContainingSymbol),
      .message(
        5, "file_containing_extension", choice: "message_request", \.fileContainingExtension),
      .optional(
        6, "all_extension_numbers_of_type", choice: "message_request",
        \.allExtensionNumbersOfType),
      .optional(7, "list_services", choice: "message_request", \.listServices))
  }
}

/// Names an extension of a message; we have none.
struct ExtensionRequest<Version: ReflectionVersion>: ProtobufMessage {
  var containingType = ""
  var extensionNumber: Int32 = 0

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).ExtensionRequest",
      .one(1, "containing_type", \.containingType),
      .one(2, "extension_number", \.extensionNumber))
  }
}

/// A response, with its request.
struct ReflectionResponse<Version: ReflectionVersion>: ProtobufMessage {
  var validHost = ""
  var originalRequest: ReflectionRequest<Version>?
  var files: FileDescriptorResponse<Version>?
  var extensionNumbers: ExtensionNumberResponse<Version>?
  var services: ListServiceResponse<Version>?
  var error: ErrorResponse<Version>?

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).ServerReflectionResponse",
      .one(1, "valid_host", \.validHost), .message(2, "original_request", \.originalRequest),
      .message(4, "file_descriptor_response", choice: "message_response", \.files),
      .message(
        5, "all_extension_numbers_response", choice: "message_response", \.extensionNumbers),
      .message(6, "list_services_response", choice: "message_response", \.services),
      .message(7, "error_response", choice: "message_response", \.error))
  }
}

/// Files, each as an encoded `FileDescriptorProto`.
struct FileDescriptorResponse<Version: ReflectionVersion>: ProtobufMessage {
  var files: [[UInt8]] = []

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).FileDescriptorResponse", .many(1, "file_descriptor_proto", \.files))
  }
}

/// The numbers of a message's extensions: there are none to list.
struct ExtensionNumberResponse<Version: ReflectionVersion>: ProtobufMessage {
  var baseTypeName = ""
  var extensionNumbers: [Int32] = []

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).ExtensionNumberResponse",
      .one(1, "base_type_name", \.baseTypeName),
      .packed(2, "extension_number", \.extensionNumbers))
  }
}

/// The services on offer.
struct ListServiceResponse<Version: ReflectionVersion>: ProtobufMessage {
  var services: [ServiceResponse<Version>] = []

  static var shape: MessageShape<Self> {
    MessageShape("\(Version.package).ListServiceResponse", .messages(1, "service", \.services))
  }
}

/// A service by its full name.
struct ServiceResponse<Version: ReflectionVersion>: ProtobufMessage {
  var name = ""

  static var shape: MessageShape<Self> {
    MessageShape("\(Version.package).ServiceResponse", .one(1, "name", \.name))
  }
}

/// Why a request has no answer.
struct ErrorResponse<Version: ReflectionVersion>: ProtobufMessage {
  var errorCode: Int32 = 0
  var errorMessage = ""

  static var shape: MessageShape<Self> {
    MessageShape(
      "\(Version.package).ErrorResponse",
      .one(1, "error_code", \.errorCode), .one(2, "error_message", \.errorMessage))
  }
}
