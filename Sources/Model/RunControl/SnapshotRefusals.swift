/// Counts the snapshots that a run was asked for and did not begin, by reason.
package struct SnapshotRefusals {
  private var counts: [(reason: String, isTyped: Bool, count: Int)] = []

  /// How many reasons are kept apart; snapshots refused for others are counted with the last.
  private static let reasonCountMax = 32

  /// Makes a count of none.
  package init() {}

  /// Counts one.
  ///
  /// - Parameters:
  ///   - reason: Why it is not begun.
  ///   - isTyped: Whether it was typed, so that somebody waits for a word at this terminal.
  /// - Returns: Whether it is to be told at once: a typed one, and otherwise the first for this
  ///   reason.
  package mutating func add(because reason: String, isTyped: Bool) -> Bool {
    if let place = counts.firstIndex(where: { $0.reason == reason && $0.isTyped == isTyped }) {
      counts[place].count += 1
      return isTyped
    }
    guard counts.count < Self.reasonCountMax else {
      counts[counts.count - 1].count += 1
      return isTyped
    }
    counts.append((reason, isTyped, 1))
    return true
  }

  /// How many there were for each reason, where it was more than the one that was told at once.
  package var remarks: [String] {
    counts.filter { $0.count > 1 }.map { "\($0.count) snapshots were not begun: \($0.reason)" }
  }
}
