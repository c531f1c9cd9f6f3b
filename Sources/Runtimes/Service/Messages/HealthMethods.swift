/// The methods of the standard health service, `grpc.health.v1.Health`.
///
/// - SeeAlso: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>
enum HealthMethods {
  static let service = "grpc.health.v1.Health"
  static let check = Method<HealthCheckRequest, HealthCheckResponse>(service, "Check")
  static let watch = Method<HealthCheckRequest, HealthCheckResponse>(
    service, "Watch", streamsOutput: true)

  static let file = ProtoFile(
    name: "grpc/health/v1/health.proto", package: "grpc.health.v1",
    messages: [
      MessageDescription(HealthCheckRequest.self), MessageDescription(HealthCheckResponse.self),
    ],
    enumerations: [
      EnumerationDescription(
        name: HealthCheckResponse.statusName,
        cases: ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"])
    ],
    services: [
      ServiceDescription(
        name: service, methods: [MethodDescription(check), MethodDescription(watch)])
    ])
}

/// Asks whether a service can be called; an empty name means all of them.
struct HealthCheckRequest: ProtobufMessage {
  var service = ""

  static let shape = MessageShape<Self>(
    "grpc.health.v1.HealthCheckRequest", .one(1, "service", \.service))
}

/// Whether a service can be called.
struct HealthCheckResponse: ProtobufMessage {
  var status: Int32 = 0

  static let serving: Int32 = 1
  static let serviceUnknown: Int32 = 3

  static let statusName = "grpc.health.v1.HealthCheckResponse.ServingStatus"
  static let shape = MessageShape<Self>(
    "grpc.health.v1.HealthCheckResponse", .enumeration(1, "status", of: statusName, \.status))
}
