/// Decides which requests the page's server answers.
///
/// The page itself holds nothing secret. Everything else needs the run's token, which stands in the
/// fragment of the page's address: browsers send it to no server, and pages of other sites cannot
/// read it. `Host`, `Origin` and `Sec-Fetch-Site` are checked besides, so that neither a name that
/// points here nor a form of another site is of use.
package struct PageGate: Sendable {
  private let token: String
  private let hosts: [String]
  private let anyAddress: Bool
  private let port: UInt16
  /// Whether viewers may act on the run.
  package let allowsControl: Bool

  /// What a request that is let in asks for.
  package enum Wish: Hashable, Sendable {
    /// The page.
    case page
    /// What the run is, as JSON.
    case facts
    /// What happens, as long as the viewer reads.
    case stream(StreamWish)
    /// An action of this body.
    case act([UInt8])
  }

  /// What a viewer wants to see of the journals.
  package struct StreamWish: Hashable, Sendable {
    /// The machines; nil for as many as a stream has, from the first.
    package var machines: ClosedRange<Int>?
    /// How many bytes at the end of each journal; nil for the usual number.
    package var tailByteCount: Int?

    /// Makes a wish.
    package init(machines: ClosedRange<Int>? = nil, tailByteCount: Int? = nil) {
      self.machines = machines
      self.tailByteCount = tailByteCount
    }
  }

  /// Makes the gate of a server.
  ///
  /// - Parameters:
  ///   - token: The run's token.
  ///   - hosts: The names and addresses under which the server is reached, without ports.
  ///   - anyAddress: Whether each address is one of its own; names are not.
  ///   - port: Its port.
  ///   - allowsControl: Whether viewers may act on the run.
  package init(
    token: String, hosts: [String], anyAddress: Bool, port: UInt16, allowsControl: Bool
  ) {
    self.token = token
    self.hosts = hosts.map { $0.lowercased() }
    self.anyAddress = anyAddress
    self.port = port
    self.allowsControl = allowsControl
  }

  /// Lets a request in or refuses it.
  package func wish(of request: HTTPRequest) throws(HTTPRefusal) -> Wish {
    guard let host = request["host"], isOurs(host) else { throw .foreignHost }
    if request.has("origin"), request["origin"] != "http://\(host)" { throw .foreignOrigin }
    if request.has("sec-fetch-site") {
      // A browser sends `none` when a person opens an address.
      let site = request["sec-fetch-site"]
      guard site == "same-origin" || site == "none" else { throw .foreignOrigin }
    }
    switch request.path {
    case "/":
      guard request.method == "GET" else { throw .otherMethod }
      return .page
    case "/run":
      try check(request, "GET")
      return .facts
    case "/stream":
      try check(request, "GET")
      return .stream(try Self.stream(request))
    case "/do":
      try check(request, "POST")
      guard request["content-type"] == "application/json" else {
        throw .noAction("its type is not application/json")
      }
      guard allowsControl else { throw .readOnly }
      return .act(request.body)
    default:
      throw .notFound
    }
  }

  private func check(_ request: HTTPRequest, _ method: String) throws(HTTPRefusal) {
    guard let given = request["authorization"], Self.areEqual(given, "Bearer " + token) else {
      throw .noToken
    }
    guard request.method == method else { throw .otherMethod }
  }

  private func isOurs(_ host: String) -> Bool {
    let suffix = ":\(port)"
    // Browsers leave the usual port of HTTP out.
    let name = host.hasSuffix(suffix) ? String(host.dropLast(suffix.count)) : host
    guard host.hasSuffix(suffix) || port == 80 else { return false }
    let isAddress =
      name.hasPrefix("[") && name.hasSuffix("]")
      || !name.isEmpty && name.allSatisfy { "0"..."9" ~= $0 || $0 == "." }
    return hosts.contains(name.lowercased()) || anyAddress && isAddress
  }

  /// Compares all bytes, whatever they are: the time tells nothing of the token but its length.
  private static func areEqual(_ one: String, _ other: String) -> Bool {
    let (left, right) = (Array(one.utf8), Array(other.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func stream(_ request: HTTPRequest) throws(HTTPRefusal) -> StreamWish {
    var wish = StreamWish()
    if let text = request.query("machines") {
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) }
      guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
        throw .malformed
      }
      wish.machines = Int(first)...Int(last)
    }
    if let text = request.query("tail") {
      guard let count = UInt32(text) else { throw .malformed }
      wish.tailByteCount = Int(count)
    }
    return wish
  }
}
