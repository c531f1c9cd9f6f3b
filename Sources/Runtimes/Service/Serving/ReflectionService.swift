/// Tells tools which services there are, and which files define them.
struct ReflectionService {
  private let files: [(file: ProtoFile, bytes: [UInt8])]

  /// Makes the service for these files.
  init(files: [ProtoFile]) {
    self.files = files.map { ($0, $0.descriptor.encoded) }
  }

  /// Registers the calls of one version.
  func register<Version: ReflectionVersion>(
    _ version: Version.Type, in router: inout Router
  ) {
    router.stream(ReflectionMethods<Version>.info) { call in
      Router.Input(
        take: { request in call.send(answer(to: request)) },
        endInput: { call.call.finish() })
    }
  }

  private func answer<Version>(
    to request: ReflectionRequest<Version>
  ) -> ReflectionResponse<Version> {
    var response = ReflectionResponse<Version>()
    response.validHost = request.host
    response.originalRequest = request
    if request.listServices != nil {
      response.services = ListServiceResponse(
        services: files.flatMap { $0.file.services.map { ServiceResponse(name: $0.name) } })
    } else if let file = bytes(for: request) {
      response.files = FileDescriptorResponse(files: [file])
    } else {
      response.error = ErrorResponse(
        errorCode: Int32(CallStatus.Code.notFound.rawValue),
        errorMessage: "there is no such file or symbol")
    }
    return response
  }

  private func bytes<Version>(for request: ReflectionRequest<Version>) -> [UInt8]? {
    files.first { file, _ in
      file.name == request.fileByName
        || request.fileContainingSymbol.map { file.symbols.contains($0) } ?? false
    }?.bytes
  }
}
