import LogicalTime
import RunRecord

/// Replaces a check that an imported run's logs say too little for.
final class LackingCheck: Check {
  let name: String
  private let lack: String

  /// What some checks need.
  private static let needs: [(check: String, lack: Manifest.Lack)] = [
    ("clock", .clock), ("clock", .message), ("delivery", .peer), ("delivery", .message),
    ("pace", .tick),
  ]

  /// Makes the replacement of a check; nil when the run says enough for the check.
  init?(_ check: any Check, of run: StoredRun) {
    name = check.name
    guard run.manifest.imported != nil else { return nil }
    if check.name == "manifest" {
      lack = "there is no manifest beside the logs"
    } else if let need = Self.needs.first(where: { $0.check == check.name && run.lacks($0.lack) }) {
      lack = need.lack.sentence
    } else {
      return nil
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { IdleObserver() }

  func verdict() -> Verdict { .lacking(lack) }
}
