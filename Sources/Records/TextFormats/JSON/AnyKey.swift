/// Any key of a JSON object, known or not.
package struct AnyKey: CodingKey {
  /// The key as text.
  package let stringValue: String
  /// Nil: keys of objects are texts.
  package var intValue: Int? { nil }

  /// Converts a known key.
  package init(_ key: some CodingKey) { stringValue = key.stringValue }
  /// Makes the key of a text.
  package init(stringValue: String) { self.stringValue = stringValue }
  /// Nil: keys of objects are texts.
  package init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
  /// The first key, in alphabetical order, that is not known; nil when all are.
  ///
  /// Otherwise a misspelt key would be ignored.
  package func stranger(among known: [String]) -> AnyKey? {
    allKeys.filter { !known.contains($0.stringValue) }.min { $0.stringValue < $1.stringValue }
  }
}
