/// Why bytes are not a text that the tools accept.
///
/// A text is UTF-8 in lines of at most 1 MiB, without NUL bytes.
package enum TextProblem: Error, Hashable, Sendable {
  /// The first bytes belong to another encoding, such as `UTF-16`.
  case encoding(String)
  /// The first bytes belong to a compressed file; the command unpacks it.
  case compressed(String, command: String)
  /// A line holds a NUL byte.
  case zeroByte(line: Int)
  /// A line holds bytes that are not UTF-8.
  case notUTF8(line: Int)
  /// A line is longer than ``TextCheck/lineByteCountMax``.
  case lineTooLong(line: Int)
  /// The text is longer than ``TextCheck/byteCountMax``.
  case tooLong

  /// The line, from 1; nil when the whole text is at fault.
  package var line: Int? {
    switch self {
    case .encoding, .compressed, .tooLong: nil
    case .zeroByte(let line), .notUTF8(let line), .lineTooLong(let line): line
    }
  }
}

extension TextProblem: CustomStringConvertible {
  /// The problem and the remedy, without the line.
  package var description: String {
    switch self {
    case .encoding(let name):
      "its text is \(name); save it as UTF-8 (iconv -f \(name) -t UTF-8)"
    case .compressed(let name, let command):
      "it is compressed (\(name)); unpack it first (\(command))"
    case .zeroByte: "there is a NUL byte in it, which no text has"
    case .notUTF8: "it is not UTF-8; save the file as UTF-8 (such as iconv -f LATIN1 -t UTF-8)"
    case .lineTooLong: "it is longer than \(TextCheck.lineByteCountMax >> 20) MiB"
    case .tooLong: "it is longer than \(TextCheck.byteCountMax >> 30) GiB"
    }
  }
}
