import Analysis
import CommandLineKit

/// The output of `analyze --check`: a line per run and check, and for several runs a count of each
/// verdict.
struct VerdictLines {
  let text: String

  /// Formats the verdicts.
  ///
  /// - Parameters:
  ///   - findings: The findings of all runs, with verdicts.
  ///   - isQuiet: Whether only failures are printed.
  init(_ findings: [RunFindings], isQuiet: Bool) {
    var text = ""
    var words: [(word: String, count: Int)] = ["ok", "vacuous", "FAILED"].map { ($0, 0) }
    for found in findings {
      for (check, verdict) in found.verdicts {
        let index = words.firstIndex { $0.word == verdict.word } ?? words.count
        if index == words.count { words.append((verdict.word, 0)) }
        words[index].count += 1
        guard verdict.isFailed || !isQuiet else { continue }
        text += ShownText.escaped("\(found.name): \(check): \(verdict)") + "\n"
      }
    }
    if findings.count > 1 && !isQuiet {
      let counts = words.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
      text += "\(findings.count) runs: \(counts)\n"
    }
    self.text = text
  }
}
