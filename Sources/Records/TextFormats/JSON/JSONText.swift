import FoundationEssentials
import LogicalTime

/// JSON in this project's form: indented, keys sorted, so that equal values give equal files.
package enum JSONText {
  /// The text of a value.
  ///
  /// - Precondition: Every number in the value can be written in JSON.
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

  /// Why bytes are not the JSON of a value.
  package struct Failure: Error, Hashable, Sendable {
    /// The line, from 1; nil when only the key is known.
    package let line: Int?
    /// The keys that lead to the error, such as `machines[2].id`; nil for the whole text.
    package let key: String?
    /// The problem.
    package let problem: String
  }

  /// What a value's decoder is told besides the bytes, by keys of the value's own.
  package typealias Context = [CodingUserInfoKey: any Sendable]

  /// Reads a value from bytes.
  ///
  /// - Throws: ``Failure`` with the key, where it is known.
  package static func decode<Value: Decodable>(
    _ bytes: [UInt8], as type: Value.Type = Value.self, context: Context = [:]
  ) throws(Failure) -> Value {
    do {
      return try decoder(context).decode(Value.self, from: Data(bytes))
    } catch let error as DecodingError {
      if lacksLocation(error), let found = location(ofMistakeIn: bytes, as: Value.self, context) {
        throw found
      }
      throw Failure(line: nil, key: key(of: error), problem: problem(of: error))
    } catch {
      throw Failure(line: nil, key: nil, problem: "not JSON")
    }
  }

  private static func decoder(_ context: Context) -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.userInfo = context
    return decoder
  }

  /// Whether the decoder reports only that the data is corrupt.
  private static func lacksLocation(_ error: any Error) -> Bool {
    guard case .dataCorrupted(let context)? = error as? DecodingError else { return false }
    return context.codingPath.isEmpty
  }

  /// Locates an error that the decoder does not locate: the end of the valid JSON, or the number
  /// that its type cannot hold; nil when neither is found.
  private static func location<Value: Decodable>(
    ofMistakeIn bytes: [UInt8], as type: Value.Type, _ context: Context
  ) -> Failure? {
    let tree: LocatedJSON
    do throws(JSONParser.Failure) {
      tree = try JSONParser.parse(bytes)
    } catch {
      return Failure(line: error.line, key: nil, problem: "not JSON")
    }
    let suspects = tree.numbers.filter { Int32($0.digits).map { $0 < 0 } ?? true }
    // Whether the decoder still rejects a number after the first `count` suspects are replaced.
    func complains(afterReplacing count: Int) -> Bool {
      let replaced = Set(suspects.prefix(count).map(\.path))
      let text = tree.replacingNumbers { replaced.contains($0.path) ? "0" : $0.digits }
        .canonicalText
      do {
        _ = try decoder(context).decode(type, from: Data(text.utf8))
        return false
      } catch {
        return lacksLocation(error)
      }
    }
    // The last number out of range is the one whose replacement satisfies the decoder.
    let count = (0..<suspects.count + 1).partitioningIndex(where: { !complains(afterReplacing: $0) }
    )
    guard count > 0, count <= suspects.count else { return nil }
    let culprit = suspects[count - 1]
    return Failure(
      line: culprit.line, key: culprit.path, problem: "\(culprit.digits) is out of range")
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

  /// The JSON name of a type.
  private static func words(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text in quotation marks"
    case is Bool.Type: "true or false"
    case is Double.Type: "a number"
    case is any FixedWidthInteger.Type: "a whole number"
    default:
      // The element type is left out: users do not need it.
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
      // A value with a key was valid JSON; the decoder's text describes the problem.
      context(of: error).map {
        $0.codingPath.isEmpty ? "not JSON: \($0.debugDescription)" : $0.debugDescription
      } ?? "not JSON"
    }
  }
}
