import RunRecord
import SystemCalls
import Testing
import TextFormats

/// A viewer of a run's page, without a browser.
struct PageClient {
  /// Where the page is, as its run printed it.
  let port: UInt16
  let token: String

  /// Waits until a tool has printed where its page is.
  init(_ tool: ToolProcess, onOutput: Bool = false) throws {
    var address: [Substring] = []
    _ = tool.wait(seconds: deadlineSeconds) {
      let text = onOutput ? tool.output : tool.error
      guard
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
          .first(where: { $0.hasPrefix("the page is at http://") })
      else { return false }
      address = line.split { $0 == "/" || $0 == "#" }
      return true
    }
    try #require(address.count == 3, "\(tool.error)")
    port = try #require(address[1].split(separator: ":").last.flatMap { UInt16($0) })
    token = String(address[2])
  }

  /// Sends bytes, and reads until the server ends the connection.
  func exchange(_ bytes: String) throws -> String {
    ThisProcess.ignoreWriteSignals()
    let descriptor = try Socket.connect(host: "127.0.0.1", port: port)
    defer { descriptor.end() }
    _ = descriptor.waitUntilWritable(milliseconds: 1000)
    try? descriptor.writeAll(bytes)
    return Self.read(descriptor) { _ in false }
  }

  /// Reads until the end, or until enough was heard.
  private static func read(_ descriptor: Descriptor, isEnough: (String) -> Bool) -> String {
    var heard: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while descriptor.waitUntilReadable(milliseconds: Int32(deadlineSeconds * 1000)) {
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else { break }
      heard += chunk[..<count]
      if isEnough(String(decoding: heard, as: UTF8.self)) { break }
    }
    return String(decoding: heard, as: UTF8.self)
  }

  private var headers: String {
    "Host: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(token)\r\n"
  }

  /// What the server answers to a GET: the status line, headers and body.
  func get(_ target: String) throws -> String {
    try exchange("GET \(target) HTTP/1.1\r\n\(headers)\r\n")
  }

  /// Reads the stream until enough was heard, then leaves.
  func watch(until isEnough: (String) -> Bool) throws -> String {
    let descriptor = try Socket.connect(host: "127.0.0.1", port: port)
    defer { descriptor.end() }
    _ = descriptor.waitUntilWritable(milliseconds: 1000)
    try descriptor.writeAll("GET /stream HTTP/1.1\r\n\(headers)\r\n")
    return Self.read(descriptor, isEnough: isEnough)
  }

  /// Carries out an action; returns the status code and the body.
  @discardableResult
  func act(_ body: String) throws -> (status: Substring, body: Substring) {
    let answer = try exchange(
      "POST /do HTTP/1.1\r\n\(headers)Content-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let words = answer.split(separator: " ", maxSplits: 2)
    let end = try #require(answer.firstRange(of: "\r\n\r\n"), "\(answer)")
    return (try #require(words.count > 1 ? words[1] : nil), answer[end.upperBound...])
  }
}
