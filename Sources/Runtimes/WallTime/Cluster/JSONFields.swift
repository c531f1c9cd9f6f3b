import RunRecord
import ScaleModel
import TextFormats

/// The fields of a JSON object written by hand: every error names its key, in the file's terms.
struct JSONFields<Key: CodingKey & CaseIterable & RawRepresentable<String>> {
  private let container: KeyedDecodingContainer<AnyKey>

  /// Reads an object.
  ///
  /// - Throws: `DecodingError` when it is no object or has an unknown key, such as a misspelt one.
  init(_ decoder: any Decoder) throws {
    do {
      container = try decoder.container(keyedBy: AnyKey.self)
    } catch DecodingError.typeMismatch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected an object in braces"))
    }
    let known = Key.allCases.map(\.rawValue)
    if let stranger = container.stranger(among: known) {
      throw error(stranger, "there is no such key; the keys are \(known.joined(separator: ", "))")
    }
  }

  /// Whether the key is there.
  func has(_ key: Key) -> Bool { container.contains(AnyKey(key)) }

  /// Reads an optional field.
  func ifPresent<Value>(_ key: Key, _ read: (Key) throws -> Value) rethrows -> Value? {
    has(key) ? try read(key) : nil
  }

  func text(_ key: Key) throws -> String {
    try value(key, expected: "a text in quotation marks")
  }

  func number(_ key: Key, in range: ClosedRange<Int>) throws -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let number: Int = try value(key, expected: expected)
    guard range.contains(number) else { throw error(key, "expected \(expected), not \(number)") }
    return number
  }

  func real(_ key: Key, in range: ClosedRange<Double>, expected: String) throws -> Double {
    let number: Double = try value(key, expected: expected)
    guard range.contains(number) else { throw error(key, "expected \(expected), not \(number)") }
    return number
  }

  /// Reads a string and converts it.
  func word<Value>(
    _ key: Key, expected: String, _ read: (String) -> Value?
  ) throws -> Value {
    let word: String = try value(key, expected: expected)
    guard let meant = read(word) else { throw error(key, "expected \(expected), not '\(word)'") }
    return meant
  }

  /// Reads an optional time.
  func span(
    _ key: Key, in range: ClosedRange<TimeSpan>, default defaultSpan: TimeSpan
  ) throws -> TimeSpan {
    try ifPresent(key) { key in
      let low =
        range.lowerBound.nanoseconds > 1 ? "from \(range.lowerBound) " : "greater than 0 and "
      return try word(key, expected: "a time such as '30s', \(low)to \(range.upperBound)") { word in
        TimeSpan(word).flatMap { range.contains($0) ? $0 : nil }
      }
    } ?? defaultSpan
  }

  /// Reads a list of objects.
  func list<ElementKey>(
    _ key: Key, of elementKey: ElementKey.Type
  ) throws -> [JSONFields<ElementKey>] {
    let elements: [Element<ElementKey>] = try value(key, expected: "a list of objects in brackets")
    return elements.map(\.fields)
  }

  /// Reads a list of strings and converts each.
  func words<Value>(
    _ key: Key, expected: String, _ read: (String) -> Value?
  ) throws -> [Value] {
    guard let words = try? container.decode([String].self, forKey: AnyKey(key)) else {
      throw error(key, "expected a list of texts in brackets")
    }
    return try words.map { word in
      guard let meant = read(word) else { throw error(key, "expected \(expected), not '\(word)'") }
      return meant
    }
  }

  /// Reads an object of a workload's options: each a number or a text, by the option's name.
  func options(_ key: Key) throws -> [String: String] {
    let options: [String: OptionText] = try value(key, expected: "an object of options in braces")
    var texts: [String: String] = [:]
    for (key, option) in options.sorted(by: { $0.key < $1.key }) {
      texts[key.split(separator: "_").joined(separator: "-")] = option.text
    }
    return texts
  }

  /// How a file spells an option: `_` for each `-`.
  static func key(of option: String) -> String {
    option.split(separator: "-").joined(separator: "_")
  }

  /// An error at a key.
  func error(_ key: Key, _ problem: String) -> DecodingError { error(AnyKey(key), problem) }

  /// An error at a key of the object that `key` has.
  func error(_ key: Key, _ inner: String, _ problem: String) -> DecodingError {
    .dataCorrupted(
      .init(
        codingPath: container.codingPath + [AnyKey(key), AnyKey(stringValue: inner)],
        debugDescription: problem))
  }

  private func error(_ key: AnyKey, _ problem: String) -> DecodingError {
    .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
  }

  private func value<Value: Decodable>(_ key: Key, expected: String) throws -> Value {
    do {
      return try container.decode(Value.self, forKey: AnyKey(key))
    } catch DecodingError.typeMismatch(_, let context) {
      // The error may be inside this key's value.
      guard context.codingPath.count <= container.codingPath.count + 1 else {
        throw DecodingError.dataCorrupted(context)
      }
      throw error(key, "expected \(expected)")
    } catch DecodingError.valueNotFound {
      throw error(key, "expected \(expected), found null")
    } catch let failure as DecodingError {
      throw failure
    } catch {
      // The decoder's own error, without a key: a number that is not whole, or too large.
      throw self.error(key, "expected \(expected)")
    }
  }

  /// An option's value, as a user would write it in a command.
  private struct OptionText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int64.self) {
        text = "\(number)"
      } else if let number = try? container.decode(Double.self) {
        text = "\(number)"
      } else if let text = try? container.decode(String.self) {
        self.text = text
      } else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected a number or a text")
      }
    }
  }

  private struct Element<ElementKey: CodingKey & CaseIterable & RawRepresentable<String>>: Decodable
  {
    let fields: JSONFields<ElementKey>

    init(from decoder: any Decoder) throws { fields = try JSONFields<ElementKey>(decoder) }
  }
}
