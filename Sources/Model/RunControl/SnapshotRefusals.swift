/// Counts the snapshots that a run refused to begin, by reason.
package struct SnapshotRefusals {
  private var counts: [(reason: String, isTyped: Bool, count: Int)] = []

  /// How many reasons are counted apart; refusals for further reasons count with the last.
  private static let reasonCountMax = 32

  /// Makes an empty count.
  package init() {}

  /// Counts one refusal.
  ///
  /// - Parameters:
  ///   - reason: Why the snapshot is refused.
  ///   - isTyped: Whether the user typed it and waits for a reply at this terminal.
  /// - Returns: Whether to tell the user at once: always if typed, otherwise for the first of its
  ///   reason.
  package mutating func add(because reason: String, isTyped: Bool) -> Bool {
    if let index = counts.firstIndex(where: { $0.reason == reason && $0.isTyped == isTyped }) {
      counts[index].count += 1
      return isTyped
    }
    guard counts.count < Self.reasonCountMax else {
      counts[counts.count - 1].count += 1
      return isTyped
    }
    counts.append((reason, isTyped, 1))
    return true
  }

  /// One remark for each reason with more refusals than the one told at once.
  package var remarks: [String] {
    counts.filter { $0.count > 1 }.map { "\($0.count) snapshots were not begun: \($0.reason)" }
  }
}
