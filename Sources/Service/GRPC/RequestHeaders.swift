/// The headers a call begins with, as far as they concern us.
struct RequestHeaders {
  private(set) var path = ""
  private var method = ""
  private var contentType = ""
  private var encoding = ""
  private var timeout: String?
  private var authorization = ""
  private var isTooLong = false

  init(_ headers: [HTTP2Header]) {
    for header in headers {
      switch header.name {
      case ":path": path = header.value
      case ":method": method = header.value
      case "content-type": contentType = header.value
      case "grpc-encoding": encoding = header.value
      case "grpc-timeout": timeout = header.value
      case "authorization": authorization = header.value
      case HTTP2Header.overflowName: isTooLong = true
      default: break
      }
    }
  }

  /// The status of HTTP by which a request that is no call is refused; nil for a call.
  ///
  /// - SeeAlso: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
  var httpRefusal: String? {
    if isTooLong { return nil }
    if method != "POST" { return "405" }
    let type = "application/grpc"
    guard contentType.hasPrefix(type) else { return "415" }
    let rest = contentType.dropFirst(type.count)
    return rest.isEmpty || rest.hasPrefix(";") || rest.hasPrefix("+proto") ? nil : "415"
  }

  /// Checks what can be checked before anything is read.
  ///
  /// - Parameter expected: What `authorization` must say; nil when it need not say anything.
  /// - Throws: The status the call is to end with.
  func check(authorization expected: String?) throws(CallStatus) {
    if isTooLong {
      throw CallStatus(.resourceExhausted, "the headers are longer than is taken in")
    }
    if let expected, !Self.isSame(authorization, expected) {
      throw CallStatus(.unauthenticated, "say the run's token: 'authorization: Bearer TOKEN'")
    }
    guard encoding.isEmpty || encoding == "identity" else {
      throw CallStatus(
        .unimplemented, "messages are taken uncompressed only (identity), not as \(encoding)")
    }
  }

  /// How long the caller waits; nil for without end.
  ///
  /// - Throws: The status for a header that is malformed.
  var timeoutNanoseconds: Int64? {
    get throws(CallStatus) {
      guard let timeout else { return nil }
      guard let nanoseconds = CallTimeout.nanoseconds(timeout) else {
        throw CallStatus(.internal, "'grpc-timeout: \(timeout)' is malformed")
      }
      return nanoseconds
    }
  }

  /// Compares in a time that does not tell how much of it was right.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    guard one.utf8.count == other.utf8.count else { return false }
    return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
