import Service
import WallTime

/// Whether this program can serve gRPC: it can when built with the trait of that name.
enum GRPCSupport {
  /// Makes the service of a machine; nil when this program has none.
  static var makeService: LoopServiceMaker? {
    #if GRPC
      { GRPCService($0) }
    #else
      nil
    #endif
  }

  /// The remedy when it cannot.
  static let remedy =
    "this program was built without gRPC; build it with 'swift build --traits GRPC', which needs "
    + "the system's libnghttp2"

  /// Whether machines can have a service.
  static var isPossible: Bool { makeService != nil }
}
