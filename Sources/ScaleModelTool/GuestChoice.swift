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

  /// Whether machines can have a guest.
  static var isPossible: Bool { makeGuest != nil }
}
