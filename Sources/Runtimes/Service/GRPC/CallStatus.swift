/// How a call ended, as the trailers carry it.
struct CallStatus: Error, Hashable, Sendable {
  /// The codes of gRPC, with the numbers that travel.
  ///
  /// - SeeAlso: <https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>
  enum Code: Int, Sendable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16
  }

  let code: Code
  /// The message for the caller; empty on success.
  let message: String

  init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }

  static let ok = CallStatus(.ok)

  /// The trailers that carry the status.
  var trailers: [HTTP2Header] {
    var trailers = [HTTP2Header("grpc-status", "\(code.rawValue)")]
    if !message.isEmpty {
      trailers.append(HTTP2Header("grpc-message", PercentText.encode(message)))
    }
    return trailers
  }
}

/// Text in a header: a byte that is not printable becomes `%` and two hexadecimal digits.
enum PercentText {
  /// The text as a header carries it, with spaces at its ends escaped, as headers lose plain ones.
  static func encode(_ text: String) -> String {
    let isPadded = text.hasPrefix(" ") || text.hasSuffix(" ")
    if !isPadded && text.utf8.allSatisfy(isPlain) { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    let textBytes = Array(text.utf8)
    let inner = isPadded ? textBytes.indices.dropFirst().dropLast() : textBytes.indices[...]
    var bytes: [UInt8] = []
    for (index, byte) in textBytes.enumerated() {
      if isPlain(byte) && (byte != UInt8(ascii: " ") || inner.contains(index)) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
  }
}
