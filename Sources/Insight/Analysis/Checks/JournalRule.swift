import LogicalTime
import RunRecord
import ScaleModel

/// A rule that every journal keeps by itself.
protocol JournalRule {
  /// The check's name in a verdict line.
  static var name: String { get }

  /// A journal's state before its first line.
  init()

  /// Reads the next line of the journal, and says whether it keeps the rule.
  mutating func accepts(_ line: JournalLine) -> Bool

  /// The problem with the line that was just refused.
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
      guard let index = batch.lines.indices.first(where: { !rule.accepts(batch.lines[$0]) })
      else { return }
      violation = Verdict.Violation(
        path: path, line: batch.firstLineNumber + index,
        problem: rule.problem(with: batch.lines[index]))
    }
  }
}
