import RunRecord

/// A property of a run that its files prove or disprove.
package protocol Check: JournalAnalyzer {
  /// The check's name in a verdict line.
  var name: String { get }

  /// The check's result; the caller asks once, after the scan.
  func verdict() -> Verdict
}

/// The result of a check.
package enum Verdict: Hashable, Sendable {
  /// It holds for everything it looked at.
  case ok
  /// It holds for everything it looked at, which is not all there is; the text says what was not.
  case limited(String)
  /// The run has nothing for it to look at.
  case vacuous
  /// The imported logs lack what the check needs; the text says what.
  case lacking(String)
  /// The plan gives up what it needs; the text says what.
  case notClaimed(String)
  /// It does not hold.
  case failed(Violation)

  /// The first thing that is wrong.
  package struct Violation: Hashable, Sendable {
    /// The file that is wrong.
    package let path: String
    /// The line in the file, where the header is line 1; nil when the problem is not at a line.
    package let line: Int?
    /// What the file says, and what was expected.
    package let problem: String
    /// The cut whose state is wrong; nil when the problem is not of a global state.
    package let cut: NamedCut?

    /// Makes a violation.
    package init(path: String, line: Int?, problem: String, cut: NamedCut? = nil) {
      (self.path, self.line, self.problem) = (path, line, problem)
      self.cut = cut
    }
  }

  /// Whether the check failed.
  package var isFailed: Bool {
    if case .failed = self { true } else { false }
  }

  /// The verdict in a word: `ok`, `vacuous`, `not claimed` or `FAILED`.
  package var word: String {
    switch self {
    case .ok, .limited: Self.okWord
    case .vacuous, .lacking: Self.vacuousWord
    case .notClaimed: Self.notClaimedWord
    case .failed: Self.failedWord
    }
  }

  static let okWord = "ok"
  static let vacuousWord = "vacuous"
  static let notClaimedWord = "not claimed"
  static let failedWord = "FAILED"
}

extension Verdict: CustomStringConvertible {
  /// The verdict's word, then its evidence.
  package var description: String {
    switch self {
    case .ok, .vacuous: return word
    case .lacking(let what), .limited(let what), .notClaimed(let what): return "\(word): \(what)"
    case .failed(let violation): return "\(word) \(violation)"
    }
  }
}

extension Verdict.Violation: CustomStringConvertible {
  /// The location and the problem, in one line.
  package var description: String {
    "'\(path)'\(line.map { ", line \($0)" } ?? ""): \(problem)"
  }
}
