import Testing

@testable import Page

/// What the page's server reads as a request.
@Suite("Requests of a page")
struct HTTPRequestTests {
  private static func read(_ text: String, inPiecesOf count: Int = .max)
    -> HTTPRequestReader.Progress
  {
    var reader = HTTPRequestReader()
    var rest = Array(text.utf8)[...]
    while true {
      let progress = reader.take(rest.prefix(count))
      rest = rest.dropFirst(count)
      if progress != .incomplete || rest.isEmpty { return progress }
    }
  }

  @Test("A request is whole however its bytes come", arguments: [1, 2, 7, 60, 1000])
  func pieces(count: Int) throws {
    let text =
      "POST /do?x=1&tail=7 HTTP/1.1\r\nHost: a:1\r\ncontent-LENGTH:\t4 \r\nX:\r\n\r\n{\r\n}"
    guard case .whole(let request) = Self.read(text, inPiecesOf: count) else {
      Issue.record("it is not whole")
      return
    }
    #expect(request.method == "POST" && request.path == "/do")
    #expect(request.query("tail") == "7" && request.query("t") == nil)
    #expect(request["host"] == "a:1" && request["x"] == "")
    #expect(String(decoding: request.body, as: UTF8.self) == "{\r\n}")
  }

  @Test(
    "What is no request is refused",
    arguments: [
      ("GET / HTTP/1.0\r\n\r\n", HTTPRefusal.malformed),
      ("GET  / HTTP/1.1\r\n\r\n", .malformed), ("get / HTTP/1.1\r\n\r\n", .malformed),
      ("GET http://a/ HTTP/1.1\r\n\r\n", .malformed), ("\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\n: a\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", .bodyTooLong),
      ("GET / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", .malformed),
      ("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", .malformed),
      ("GET /" + String(repeating: "a", count: 20_000), .headTooLong),
      (
        "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 20_000) + "\r\n\r\n", .headTooLong
      ),
    ])
  func refused(text: String, refusal: HTTPRefusal) {
    #expect(Self.read(text) == .refused(refusal))
  }

  @Test("Half a request is waited for", arguments: ["", "GET", "GET / HTTP/1.1\r\nHost: a\r\n"])
  func half(text: String) {
    #expect(Self.read(text) == .incomplete)
  }
}
