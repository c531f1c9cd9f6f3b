/// What the page's server says ahead of each body.
enum HTTPAnswer {
  /// The status line and the headers.
  ///
  /// - Parameters:
  ///   - status: The status code.
  ///   - type: The body's type.
  ///   - byteCount: The body's length; nil for a body that ends with the connection.
  ///   - nonce: What scripts and styles of a page must carry; nil for what is no page.
  /// - Returns: The text, with the empty line behind it.
  static func head(status: Int, type: String, byteCount: Int?, nonce: String? = nil) -> String {
    let sources =
      nonce.map {
        "; script-src 'nonce-\($0)'; style-src 'nonce-\($0)'; connect-src 'self'; img-src data:"
      } ?? ""
    return [
      "HTTP/1.1 \(status) \(status == 200 ? "OK" : "Refused")",
      "Content-Type: \(type)",
      byteCount.map { "Content-Length: \($0)" },
      "Content-Security-Policy: default-src 'none'\(sources); base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'",
      "Cross-Origin-Opener-Policy: same-origin",
      "Cross-Origin-Resource-Policy: same-origin",
      "X-Content-Type-Options: nosniff",
      "Referrer-Policy: no-referrer",
      "Cache-Control: no-store",
      "Connection: close",
    ].compactMap { $0 }.map { $0 + "\r\n" }.joined() + "\r\n"
  }
}
