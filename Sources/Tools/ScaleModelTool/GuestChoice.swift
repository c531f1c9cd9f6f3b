import Service
import WallTime

/// Whether this program can serve gRPC: whether it was built with the trait of that name.
enum GuestChoice {
  /// Makes the guest of a machine; nil when this program knows of none.
  static var makeGuest: GuestMaker? {
    #if GRPC
      { ServiceGuest($0) }
    #else
      nil
    #endif
  }

  /// What to do where it cannot.
  static let remedy =
    "this program was built without gRPC; build it with 'swift build --traits GRPC', which needs "
    + "the system's libnghttp2"

  /// Whether machines can have a guest.
  static var isPossible: Bool { makeGuest != nil }
}
