import RunRecord

/// Something that a run's files prove or disprove.
package protocol Check: JournalAnalyzer {
  /// The word a verdict line uses.
  var name: String { get }

  /// What came of it; asked for once, after the pass.
  func verdict() -> Verdict
}

/// What came of a check.
package enum Verdict: Hashable, Sendable {
  /// It holds for everything there was to look at.
  case ok
  /// There was nothing to look at.
  case vacuous
  /// The logs do not tell what the check looks at; the text says what.
  case lacking(String)
  /// It does not hold.
  case failed(Violation)

  /// The first thing that is not as it must be.
  package struct Violation: Hashable, Sendable {
    package let path: String
    /// The line in the file, where the header is line 1; nil when the file has no lines to name.
    package let line: Int?
    /// What was found and what was expected.
    package let problem: String

    package init(path: String, line: Int?, problem: String) {
      (self.path, self.line, self.problem) = (path, line, problem)
    }
  }

  /// Whether it was disproved.
  package var isFailed: Bool {
    if case .failed = self { true } else { false }
  }

  /// The verdict in a word: `ok`, `vacuous` or `FAILED`.
  package var word: String {
    switch self {
    case .ok: "ok"
    case .vacuous, .lacking: "vacuous"
    case .failed: "FAILED"
    }
  }
}

extension Verdict: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ok, .vacuous: return word
    case .lacking(let what): return "\(word): \(what)"
    case .failed(let violation): return "\(word) \(violation)"
    }
  }
}

extension Verdict.Violation: CustomStringConvertible {
  package var description: String {
    "'\(path)'\(line.map { ", line \($0)" } ?? ""): \(problem)"
  }
}
