/// Any key of a JSON object, known or not.
package struct AnyKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }

  /// Converts a known key.
  package init(_ key: some CodingKey) { stringValue = key.stringValue }
  package init(stringValue: String) { self.stringValue = stringValue }
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
