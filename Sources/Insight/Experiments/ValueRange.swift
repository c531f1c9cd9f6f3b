/// A range of whole numbers as an axis spells it: `1...9 step 2`; two dots work as well.
enum ValueRange {
  /// The numbers of a range, its end included when a step meets it.
  ///
  /// - Parameters:
  ///   - text: The text as the file spells it.
  ///   - countMax: The most numbers allowed.
  /// - Returns: The numbers, ascending, or what is wrong with the text.
  static func numbers(_ text: String, countMax: Int) -> Result<[Int], Problem> {
    let words = text.split(separator: " ")
    guard words.count == 1 || words.count == 3 && words[1] == "step",
      let dots = words[0].firstRange(of: "...") ?? words[0].firstRange(of: ".."),
      let low = number(words[0][..<dots.lowerBound]),
      let high = number(words[0][dots.upperBound...]),
      let step = words.count == 3 ? number(words[2]) : 1
    else {
      return .failure(
        Problem(
          text: "'\(text)' is not a range; write a list of values, or whole numbers from and to: "
            + "\"1...9\" or \"1...9 step 2\""))
    }
    guard step >= 1 else {
      return .failure(Problem(text: "the step of '\(text)' is less than 1"))
    }
    guard low <= high else {
      return .failure(Problem(text: "'\(text)' has no numbers; write the smaller one first"))
    }
    guard (high - low) / step < countMax else {
      return .failure(Problem(text: "'\(text)' has more than \(countMax) numbers"))
    }
    return .success(Array(stride(from: low, through: high, by: step)))
  }

  struct Problem: Error {
    let text: String
  }

  /// The number that digits alone spell, bounded so that nothing overflows.
  private static func number(_ digits: Substring) -> Int? {
    guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(digits) else {
      return nil
    }
    return number <= 1 << 60 ? number : nil
  }
}
