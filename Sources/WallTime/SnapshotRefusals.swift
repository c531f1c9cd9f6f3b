/// Counts the snapshots that a run was asked for and did not begin, by reason.
struct SnapshotRefusals {
  private var counts: [(reason: String, count: Int)] = []

  /// How many reasons are kept apart; snapshots refused for others are counted with the last.
  private static let reasonCountMax = 32

  /// Counts one.
  ///
  /// - Returns: Whether it is the first for this reason, which is to be told at once.
  mutating func add(because reason: String) -> Bool {
    if let place = counts.firstIndex(where: { $0.reason == reason }) {
      counts[place].count += 1
      return false
    }
    guard counts.count < Self.reasonCountMax else {
      counts[counts.count - 1].count += 1
      return false
    }
    counts.append((reason, 1))
    return true
  }

  /// How many there were for each reason, where it was more than the one that was told at once.
  var remarks: [String] {
    counts.filter { $0.count > 1 }.map { "\($0.count) snapshots were not begun: \($0.reason)" }
  }
}
