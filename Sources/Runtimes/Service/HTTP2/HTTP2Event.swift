/// What the peer of an HTTP/2 connection has done.
enum HTTP2Event: Hashable, Sendable {
  /// The peer opened a stream, answered on one, or ended one with trailers.
  case headers(stream: Int32, [HTTP2Header])
  /// The peer sent bytes of a body.
  case data(stream: Int32, [UInt8])
  /// The peer sends nothing more on a stream.
  case inputEnded(stream: Int32)
  /// A stream is over for both sides; the error code is zero when it ended in order.
  case closed(stream: Int32, errorCode: UInt32)
}

/// A header field; the name is in lower case.
struct HTTP2Header: Hashable, Sendable {
  var name: String
  var value: String

  /// Marks headers that were dropped because there were too many; no real header has this name.
  static let overflowName = ":overflow"

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Why a connection cannot go on.
enum HTTP2Error: Error, Hashable, Sendable {
  /// The peer does not speak HTTP/2 at all.
  case notHTTP2
  /// The peer broke the protocol.
  case broken(reason: String)
}

/// Why a stream or a connection is broken off: error codes of RFC 9113.
enum HTTP2ErrorCode {
  static let none: UInt32 = 0
  static let cancel: UInt32 = 8
  static let enhanceYourCalm: UInt32 = 11
}
