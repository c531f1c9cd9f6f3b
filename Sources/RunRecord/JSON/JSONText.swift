import FoundationEssentials
import LogicalTime
import SystemCalls

/// JSON as this project writes it: indented, keys sorted, so that equal values are equal files.
package enum JSONText {
  /// The text of a value.
  ///
  /// - Precondition: The value holds no number that JSON cannot write; ours hold none.
  package static func encode(_ value: some Encodable, isPretty: Bool = true) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isPretty
      ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      : [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("A value of ours could not be written as JSON: \(error)")
    }
  }

  /// Reads a value from a file.
  ///
  /// - Throws: ``RunRecordError`` with the file and, where it is known, the key.
  package static func decode<Value: Decodable>(
    fileAt path: String
  ) throws(RunRecordError) -> Value {
    let bytes = try TextFile.bytes(of: path)
    // A tree of all values, and the values themselves: seven times the text, measured on manifests
    // of 10 and 42 MB by experiments/memory.sh.
    let byteCount = 8 * Double(bytes.count)
    let need = MemoryNeed(addressByteCount: byteCount, residentByteCount: byteCount)
    if let shortage = need.shortage { throw .tooLarge(path: path, shortage) }
    return try decode(bytes, path: path)
  }

  /// Reads a value from bytes; `path` says in errors where they came from.
  package static func decode<Value: Decodable>(
    _ bytes: [UInt8], path: String
  ) throws(RunRecordError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch let error as DecodingError {
      if isUnplaced(error), let found = place(ofMistakeIn: bytes, as: Value.self, path: path) {
        throw found
      }
      throw .malformed(
        path: path, line: nil, column: key(of: error), problem: problem(of: error))
    } catch {
      throw .malformed(path: path, line: nil, column: nil, problem: "not JSON")
    }
  }

  /// Whether the decoder says only that the data is wrong.
  private static func isUnplaced(_ error: any Error) -> Bool {
    guard case .dataCorrupted(let context)? = error as? DecodingError else { return false }
    return context.codingPath.isEmpty
  }

  /// What is wrong with a text whose mistake the decoder does not place: where it stops to be JSON,
  /// or which number its type cannot hold; nil when neither is found.
  private static func place<Value: Decodable>(
    ofMistakeIn bytes: [UInt8], as type: Value.Type, path: String
  ) -> RunRecordError? {
    let tree: LocatedJSON
    do throws(JSONParser.Failure) {
      tree = try JSONParser.parse(bytes)
    } catch {
      return .malformed(path: path, line: error.line, column: nil, problem: "not JSON")
    }
    let suspects = tree.numbers.filter { Int32($0.digits).map { $0 < 0 } ?? true }
    // With all suspects up to one replaced, does the decoder still complain of a number?
    func complains(afterReplacing count: Int) -> Bool {
      let replaced = Set(suspects.prefix(count).map(\.path))
      let text = tree.replacingNumbers { replaced.contains($0.path) ? "0" : $0.digits }
        .canonicalText
      do {
        _ = try JSONDecoder().decode(type, from: Data(text.utf8))
        return false
      } catch {
        return isUnplaced(error)
      }
    }
    // The last number out of range is the one whose replacement silences the decoder.
    let count = (0..<suspects.count + 1).partitioningIndex(where: { !complains(afterReplacing: $0) }
    )
    guard count > 0, count <= suspects.count else { return nil }
    let culprit = suspects[count - 1]
    return .malformed(
      path: path, line: culprit.line, column: culprit.path,
      problem: "\(culprit.digits) is out of range")
  }

  private static func context(of error: DecodingError) -> DecodingError.Context? {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context
    @unknown default: nil
    }
  }

  private static func key(of error: DecodingError) -> String? {
    var keys = context(of: error)?.codingPath ?? []
    if case .keyNotFound(let key, _) = error { keys.append(key) }
    var path = ""
    for key in keys {
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += (path.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return path.isEmpty ? nil : path
  }

  /// What a value of a type is called in JSON.
  private static func words(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text in quotation marks"
    case is Bool.Type: "true or false"
    case is Double.Type: "a number"
    case is any FixedWidthInteger.Type: "a whole number"
    default:
      // Which elements they have, the type tells and nobody needs to know.
      "\(type)".hasPrefix("Array<")
        ? "a list in brackets"
        : "\(type)".hasPrefix("Dictionary<") ? "an object in braces" : "\(type)"
    }
  }

  private static func problem(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound: "the key is missing"
    case .typeMismatch(let type, _): "expected \(words(for: type))"
    case .valueNotFound: "expected a value, found null"
    default:
      // A value at a key was read as JSON; what it says is wrong.
      context(of: error).map {
        $0.codingPath.isEmpty ? "not JSON: \($0.debugDescription)" : $0.debugDescription
      } ?? "not JSON"
    }
  }
}
