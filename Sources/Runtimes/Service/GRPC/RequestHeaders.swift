/// The headers of a call that this server reads.
struct RequestHeaders {
  private(set) var path = ""
  private var method = ""
  private var contentType = ""
  private var encoding = ""
  private var timeout: String?
  private var authorizations: [String] = []
  private var isTooLong = false

  init(_ headers: [HTTP2Header]) {
    for header in headers {
      switch header.name {
      case ":path": path = header.value
      case ":method": method = header.value
      case "content-type": contentType = header.value
      case "grpc-encoding": encoding = header.value
      case "grpc-timeout": timeout = header.value
      case "authorization": authorizations.append(header.value)
      case HTTP2Header.overflowName: isTooLong = true
      default: break
      }
    }
  }

  /// The HTTP status that refuses a request that is not a gRPC call; nil for a call.
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

  /// Checks the headers before any message is read.
  ///
  /// - Parameter token: The token that `authorization` must carry; nil when the call needs none.
  /// - Throws: The status that ends the call.
  func check(token: String?) throws(CallStatus) {
    if isTooLong {
      throw CallStatus(.resourceExhausted, "the headers are too long")
    }
    if let token { try checkAuthorization(token) }
    guard encoding.isEmpty || encoding == "identity" else {
      throw CallStatus(
        .unimplemented, "messages must be uncompressed (identity), not as \(encoding)")
    }
  }

  /// How long the caller waits; nil for no timeout.
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

  /// Checks that the call carries the token, once.
  ///
  /// The scheme's name is case-insensitive; one or more spaces follow it.
  ///
  /// - SeeAlso: RFC 9110, sections 11.1 and 11.6.2, and RFC 6750, section 2.1.
  private func checkAuthorization(_ token: String) throws(CallStatus) {
    guard authorizations.count <= 1 else {
      throw CallStatus(
        .unauthenticated,
        "the call has \(authorizations.count) headers 'authorization'; send one")
    }
    let words = authorizations.first?.split(separator: " ", maxSplits: 1) ?? []
    guard words.count == 2, words[0].lowercased() == "bearer",
      Self.isSame(words[1].drop { $0 == " " }, token)
    else {
      throw CallStatus(.unauthenticated, "say the run's token: 'authorization: Bearer TOKEN'")
    }
  }

  /// Compares in a time that depends only on the length of `given`.
  ///
  /// An empty token is equal to nothing.
  private static func isSame(_ given: Substring, _ token: String) -> Bool {
    let token = Array(token.utf8)
    guard !token.isEmpty else { return false }
    let given = given.utf8
    var difference: UInt8 = given.count == token.count ? 0 : 1
    for (index, byte) in given.enumerated() { difference |= byte ^ token[index % token.count] }
    return difference == 0
  }
}
