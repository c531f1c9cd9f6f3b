import LogicalTime
import RunRecord
import ScaleModel

/// A rule that every journal must keep by itself.
protocol JournalRule {
  /// The word a verdict line uses.
  static var name: String { get }

  /// A journal's state before its first line.
  init()

  /// Whether a line keeps the rule; goes on from the line as it is.
  mutating func accepts(_ line: JournalLine) -> Bool

  /// What is wrong with the line that was just refused.
  func problem(with line: JournalLine) -> String
}

/// Checks a rule in every journal.
///
/// - SeeAlso: ``ClockRule``, ``PaceRule``.
final class JournalRuleCheck<Rule: JournalRule>: Check {
  let name = Rule.name
  private let journals: [Journal]

  init(journalPaths: [String]) {
    journals = journalPaths.map { Journal(path: $0) }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  func verdict() -> Verdict {
    if let violation = journals.lazy.compactMap(\.violation).first { return .failed(violation) }
    return journals.contains { $0.hasLines } ? .ok : .vacuous
  }

  private final class Journal: JournalObserver {
    private let path: String
    private var rule = Rule()
    private(set) var hasLines = false
    private(set) var violation: Verdict.Violation?

    init(path: String) { self.path = path }

    func take(_ batch: JournalBatch) {
      guard violation == nil else { return }
      hasLines = true
      var rule = rule
      for index in batch.lines.indices where !rule.accepts(batch.lines[index]) {
        violation = Verdict.Violation(
          path: path, line: batch.firstLineNumber + index,
          problem: rule.problem(with: batch.lines[index]))
        return
      }
      self.rule = rule
    }
  }
}
