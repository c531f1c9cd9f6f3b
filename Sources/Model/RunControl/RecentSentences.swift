/// The latest sentences of what happened in a run, for its viewers.
package struct RecentSentences: Codable, Hashable, Sendable {
  /// The sentences that are kept, in order.
  package private(set) var texts: [String] = []
  /// How many sentences there have been.
  package private(set) var count = 0

  /// How many are kept.
  private static let keptCountMax = 50

  /// Makes a list without any.
  package init() {}

  /// Adds a sentence; the oldest one makes room.
  package mutating func add(_ text: String) {
    if texts.count == Self.keptCountMax { texts.removeFirst() }
    texts.append(text)
    count += 1
  }

  /// Those that came after the first `count`, as far as they are kept.
  package func after(_ count: Int) -> [String] { Array(texts.suffix(max(0, self.count - count))) }
}
