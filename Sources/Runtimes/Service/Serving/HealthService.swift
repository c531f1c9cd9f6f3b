/// Says that the services can be called, for as long as they can.
///
/// A machine that cannot be called does not answer; so nobody is ever told anything else.
struct HealthService {
  /// The full names of the services that there are.
  let services: [String]

  /// Lets the calls be carried out.
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
      // The call stays open: there is nothing more to tell as long as it does.
      call.send(
        HealthCheckResponse(
          status: isKnown ? HealthCheckResponse.serving : HealthCheckResponse.serviceUnknown))
    }
  }
}
