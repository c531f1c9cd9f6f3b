/// What the other side of an HTTP/2 connection has done.
enum HTTP2Event: Hashable, Sendable {
  /// It has opened a stream, or answered on one, or ended one with trailers.
  case headers(stream: Int32, [HTTP2Header])
  /// It has sent bytes of a body.
  case data(stream: Int32, [UInt8])
  /// It sends nothing more on a stream.
  case inputEnded(stream: Int32)
  /// A stream is over, for both sides; zero when it ended in order.
  case closed(stream: Int32, errorCode: UInt32)
}

/// A header field; the name is in small letters.
struct HTTP2Header: Hashable, Sendable {
  var name: String
  var value: String

  /// Stands for headers that were left out because there were too many; nobody's has such a name.
  static let overflowName = ":overflow"

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Why a connection cannot go on.
enum HTTP2Error: Error, Hashable, Sendable {
  /// The other side does not speak HTTP/2 at all.
  case notHTTP2
  /// It speaks it in a way that nobody can answer to.
  case broken(reason: String)
}

/// Why a stream or a connection is broken off, by the numbers of RFC 9113.
enum HTTP2ErrorCode {
  static let none: UInt32 = 0
  static let cancel: UInt32 = 8
  static let enhanceYourCalm: UInt32 = 11
}
