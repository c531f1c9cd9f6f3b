/// Finds the word a user meant.
package enum Spelling {
  /// The candidate that takes the fewest typing slips; nil when none is near.
  ///
  /// - Parameters:
  ///   - word: What was typed.
  ///   - candidates: The valid words; the first of equally near ones wins.
  /// - Returns: A candidate at most one slip in three letters away; one slip is always allowed.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let distances = candidates.map { distance(Array(word), Array($0)) }
    guard let least = distances.min(), least <= max(1, word.count / 3) else { return nil }
    return distances.firstIndex(of: least).map { candidates[$0] }
  }

  /// The number of letters inserted, removed, replaced or swapped with the next one.
  static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var rows = [Array(0...other.count)]
    for (i, letter) in one.enumerated() {
      var row = [i + 1]
      for (j, otherLetter) in other.enumerated() {
        var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (letter == otherLetter ? 0 : 1))
        if i > 0, j > 0, letter == other[j - 1], one[i - 1] == otherLetter {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[one.count][other.count]
  }
}
