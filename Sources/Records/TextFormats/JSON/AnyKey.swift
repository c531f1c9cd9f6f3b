/// Any key that may stand in an object of JSON, known or not.
package struct AnyKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }

  /// A known key as one that may be any.
  package init(_ key: some CodingKey) { stringValue = key.stringValue }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
  /// The first key, in the order of letters, that is none of those known; nil when there is none.
  ///
  /// A word misspelt would otherwise go unheeded.
  package func stranger(among known: [String]) -> AnyKey? {
    allKeys.filter { !known.contains($0.stringValue) }.min { $0.stringValue < $1.stringValue }
  }
}
