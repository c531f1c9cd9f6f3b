/// Reads a JSON object whose long lists arrive piece by piece, so that neither its whole text nor a
/// tree of it is ever in memory.
///
/// It only finds where values begin and end; the caller's decoder finds errors inside the
/// pieces.
package struct JSONPieces {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  /// The size of a piece of a list, in bytes; pieces may be slightly larger.
  private let pieceByteCount: Int

  /// - Parameters:
  ///   - bytes: The text, which must stay valid.
  ///   - pieceByteCount: The size of a piece.
  package init(_ bytes: UnsafeRawBufferPointer, pieceByteCount: Int = 1 << 18) {
    (self.bytes, self.pieceByteCount) = (bytes, pieceByteCount)
  }

  /// Reads the whole text.
  ///
  /// - Parameters:
  ///   - lists: The keys whose values are long lists.
  ///   - take: Receives such a key, some of its list's elements as a list, and how many bytes of
  ///     the text are done; returns false to reject them.
  /// - Returns: The text with those lists empty; nil when it is not such an object, or a piece was
  ///   rejected.
  package mutating func read(
    lists: [String], _ take: (_ key: String, _ piece: [UInt8], _ doneByteCount: Int) -> Bool
  ) -> [UInt8]? {
    var frame: [UInt8] = []
    guard pass("{") else { return nil }
    frame.append(UInt8(ascii: "{"))
    repeat {
      guard next == UInt8(ascii: "\""), let key = passValue() else { return nil }
      frame += bytes[key]
      guard pass(":") else { return nil }
      frame.append(UInt8(ascii: ":"))
      let name = String(decoding: bytes[key].dropFirst().dropLast(), as: UTF8.self)
      if lists.contains(name) {
        guard passList({ take(name, $0, $1) }) else { return nil }
        frame += "[]".utf8
      } else {
        guard let value = passValue() else { return nil }
        frame += bytes[value]
      }
      frame.append(next ?? 0)
    } while pass(",")
    guard pass("}"), offset == bytes.count else { return nil }
    return frame
  }

  /// Skips a list, and hands over its elements.
  private mutating func passList(_ take: ([UInt8], Int) -> Bool) -> Bool {
    guard pass("[") else { return false }
    if pass("]") { return true }
    var start: Int?
    repeat {
      guard let element = passValue() else { return false }
      let first = start ?? element.lowerBound
      start = first
      if element.upperBound - first >= pieceByteCount || next != UInt8(ascii: ",") {
        let piece =
          [UInt8(ascii: "[")] + bytes[first..<element.upperBound] + [UInt8(ascii: "]")]
        guard take(piece, element.upperBound) else { return false }
        start = nil
      }
    } while pass(",")
    return pass("]")
  }

  // MARK: Bytes

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Skips a character, and the spaces after it.
  private mutating func pass(_ character: Unicode.Scalar) -> Bool {
    if offset == 0 { passSpaces() }
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    passSpaces()
    return true
  }

  private mutating func passSpaces() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  /// Skips a value, and the spaces after it; returns its range.
  private mutating func passValue() -> Range<Int>? {
    let start = offset
    var depth = 0
    repeat {
      guard let byte = next else { return nil }
      switch byte {
      case UInt8(ascii: "\""):
        guard passText() else { return nil }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        offset += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        offset += 1
      case _ where depth > 0: offset += 1
      default: passWord()
      }
    } while depth > 0
    let value = start..<offset
    passSpaces()
    return depth == 0 && !value.isEmpty ? value : nil
  }

  private mutating func passText() -> Bool {
    offset += 1
    while let byte = next {
      offset += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  /// Skips a number, `true`, `false` or `null`.
  private mutating func passWord() {
    while let byte = next, byte > 0x20, !",]}:".utf8.contains(byte) { offset += 1 }
  }
}
