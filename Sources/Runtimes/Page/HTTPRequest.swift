/// A request of a browser, as far as the page's server reads one (HTTP/1.1, RFC 9112).
package struct HTTPRequest: Hashable, Sendable {
  /// The method, such as `GET`.
  package var method: String
  /// What is asked for: a path and perhaps a query, as sent.
  package var target: String
  /// The headers, by lower-case name, in the order of the request.
  package var headers: [Header]
  /// What follows the headers.
  package var body: [UInt8] = []

  /// A header of a request.
  package struct Header: Hashable, Sendable {
    /// The name in lower case.
    package var name: String
    /// The value without the spaces around it.
    package var value: String
  }

  /// The value of a header that may stand once; nil for none, and for one that stands twice.
  package subscript(name: String) -> String? {
    let found = headers.filter { $0.name == name }
    return found.count == 1 ? found[0].value : nil
  }

  /// Whether a header stands in the request at all.
  package func has(_ name: String) -> Bool { headers.contains { $0.name == name } }

  /// The target without its query.
  package var path: String { String(target.prefix { $0 != "?" }) }

  /// The value of a name in the target's query, as sent; nil for none.
  package func query(_ name: String) -> String? {
    guard let mark = target.firstIndex(of: "?") else { return nil }
    let pairs = target[target.index(after: mark)...].split(separator: "&")
    return pairs.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}

/// Collects the bytes of one request, within bounds.
///
/// A connection carries one request: what follows it is refused.
package struct HTTPRequestReader {
  /// The most bytes of a request line with its headers.
  package static let headByteCountMax = 16 << 10
  /// The most bytes of a body.
  package static let bodyByteCountMax = 16 << 10

  /// What the bytes so far are.
  package enum Progress: Hashable, Sendable {
    /// The request goes on.
    case incomplete
    /// The request is whole.
    case whole(HTTPRequest)
    /// The bytes are no request that this server reads.
    case refused(HTTPRefusal)
  }

  private var bytes: [UInt8] = []
  /// The request and the length of its body, once its headers are whole.
  private var head: (request: HTTPRequest, start: Int, bodyByteCount: Int)?

  /// Makes a reader that has read nothing.
  package init() {}

  /// Adds bytes of the client; not to be called again after a request is whole or refused.
  package mutating func take(_ more: some Collection<UInt8>) -> Progress {
    let searched = max(0, bytes.count - 3)
    bytes += more
    if head == nil {
      guard let end = Self.endOfHead(bytes, from: searched) else {
        return bytes.count > Self.headByteCountMax ? .refused(.headTooLong) : .incomplete
      }
      guard end <= Self.headByteCountMax else { return .refused(.headTooLong) }
      do throws(HTTPRefusal) {
        let request = try Self.request(bytes[..<end])
        head = (request, end, try Self.bodyByteCount(of: request))
      } catch {
        return .refused(error)
      }
    }
    guard let (head, start, count) = head, bytes.count >= start + count else { return .incomplete }
    guard bytes.count == start + count else { return .refused(.malformed) }
    var request = head
    request.body = Array(bytes[start...])
    return .whole(request)
  }

  /// Where the empty line behind the headers ends; nil while there is none.
  private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + 4 <= bytes.count {
      if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10
      {
        return index + 4
      }
      index += 1
    }
    return nil
  }

  private static func request(_ head: ArraySlice<UInt8>) throws(HTTPRefusal) -> HTTPRequest {
    // Only visible ASCII, spaces and line ends: what a browser sends.
    guard head.allSatisfy({ 32..<127 ~= $0 || $0 == 13 || $0 == 10 || $0 == 9 }) else {
      throw .malformed
    }
    var lines = String(decoding: head.dropLast(4), as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1", words[1].hasPrefix("/"),
      !words[0].isEmpty, words[0].allSatisfy(\.isUppercase)
    else { throw .malformed }
    var headers: [HTTPRequest.Header] = []
    for line in lines {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
        !line[..<colon].contains(where: { $0 == " " || $0 == "\t" }), !line.contains("\n"),
        !line.contains("\r")
      else { throw .malformed }
      headers.append(
        HTTPRequest.Header(
          name: line[..<colon].lowercased(),
          value: String(
            line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
              .reversed().drop { $0 == " " || $0 == "\t" }.reversed())))
    }
    return HTTPRequest(method: String(words[0]), target: String(words[1]), headers: headers)
  }

  /// How many bytes follow the headers; refuses lengths that two readers could take differently.
  private static func bodyByteCount(of request: HTTPRequest) throws(HTTPRefusal) -> Int {
    if request.has("transfer-encoding") { throw .malformed }
    guard request.has("content-length") else { return 0 }
    guard let text = request["content-length"], !text.isEmpty, text.count < 10,
      text.allSatisfy({ "0"..."9" ~= $0 }), let count = Int(text)
    else { throw .malformed }
    guard count <= bodyByteCountMax else { throw .bodyTooLong }
    return count
  }
}

/// Why the page's server refuses a request; each ends its connection.
package enum HTTPRefusal: Error, Hashable, Sendable {
  /// The bytes are no HTTP/1.1 request with one body of known length.
  case malformed
  /// The headers are longer than a browser's.
  case headTooLong
  /// The body is longer than any action.
  case bodyTooLong
  /// The `Host` is none of this server's names: another site's name may point here.
  case foreignHost
  /// The request comes from a page of another site.
  case foreignOrigin
  /// The token is missing or another run's.
  case noToken
  /// There is nothing under this path.
  case notFound
  /// The path takes another method.
  case otherMethod
  /// The viewer may watch and not act.
  case readOnly
  /// The body is no action.
  case noAction(String)
  /// As many requests as are answered at a time are under way.
  case busy
}

extension HTTPRefusal: CustomStringConvertible {
  /// The status code (RFC 9110).
  package var status: Int {
    switch self {
    case .malformed, .noAction: 400
    case .noToken: 401
    case .foreignOrigin, .readOnly: 403
    case .notFound: 404
    case .otherMethod: 405
    case .bodyTooLong: 413
    case .foreignHost: 421
    case .headTooLong: 431
    case .busy: 503
    }
  }

  /// The reason in one line, with the remedy.
  package var description: String {
    switch self {
    case .malformed: "this is no HTTP/1.1 request; open the page in a browser"
    case .headTooLong: "the request's headers are too long; open the page in a browser"
    case .bodyTooLong: "the request's body is too long for an action"
    case .foreignHost: "this page has another address; open the one that the run has printed"
    case .foreignOrigin: "another site's page may not ask this run"
    case .noToken: "the token is missing or of another run; open the address that the run printed"
    case .notFound: "there is nothing here; the page is at /"
    case .otherMethod: "this takes another method"
    case .readOnly: "this page is for watching only; the run was not started with --page-control"
    case .noAction(let problem): "this is no action: \(problem)"
    case .busy: "the run is busy with other requests; try again"
    }
  }
}
