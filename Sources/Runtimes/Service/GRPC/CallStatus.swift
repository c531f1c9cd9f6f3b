/// How a call ended, as gRPC tells it in the trailers.
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
  /// What to tell the caller; empty when all went well.
  let message: String

  init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }

  static let ok = CallStatus(.ok)

  /// The trailers that say so.
  var trailers: [HTTP2Header] {
    var trailers = [HTTP2Header("grpc-status", "\(code.rawValue)")]
    if !message.isEmpty {
      trailers.append(HTTP2Header("grpc-message", PercentText.encode(message)))
    }
    return trailers
  }
}

/// Text in a header: bytes that are not printable stand as `%` and two hexadecimal digits.
enum PercentText {
  /// The text as a header has it; spaces at its ends are no part of a header unless they are
  /// written so as well.
  static func encode(_ text: String) -> String {
    let isPadded = text.hasPrefix(" ") || text.hasSuffix(" ")
    if !isPadded && text.utf8.allSatisfy(isPlain) { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    let textBytes = Array(text.utf8)
    let inner = isPadded ? textBytes.indices.dropFirst().dropLast() : textBytes.indices[...]
    var bytes: [UInt8] = []
    for (place, byte) in textBytes.enumerated() {
      if isPlain(byte) && (byte != UInt8(ascii: " ") || inner.contains(place)) {
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
