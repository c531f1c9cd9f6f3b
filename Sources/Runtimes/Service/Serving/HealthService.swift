/// Reports that the services can be called.
///
/// A machine that cannot be called does not answer, so no client ever gets another status.
struct HealthService {
  /// The full names of the services.
  let services: [String]

  /// Registers the calls.
  func register(in router: inout Router) {
    let services = services
    router.unary(HealthMethods.check) { request, call throws(CallStatus) in
      guard request.service.isEmpty || services.contains(request.service) else {
        throw CallStatus(.notFound, "there is no service \(request.service)")
      }
      call.answer(HealthCheckResponse(status: HealthCheckResponse.serving))
    }
    router.unary(HealthMethods.watch) { request, call in
      let isKnown = request.service.isEmpty || services.contains(request.service)
      // The call stays open: the status does not change meanwhile.
      call.send(
        HealthCheckResponse(
          status: isKnown ? HealthCheckResponse.serving : HealthCheckResponse.serviceUnknown))
    }
  }
}
