import LogicalTime
import RunRecord
import ScaleModel

/// The manifest agrees with the journals about the machines, and the snapshots it lists are exactly
/// those with a file.
///
/// The manifest of a run without a recorded end has no machines; then the check is vacuous.
final class ManifestCheck: Check {
  let name = "manifest"
  private let manifest: Manifest
  private let files: MultiHostRun
  private let recorded: StoredSnapshots
  private let journals: [JournalEnd]

  init(_ run: StoredRun, _ recorded: StoredSnapshots) {
    manifest = run.manifest
    files = run.files
    self.recorded = recorded
    journals = run.topology.machineIDs.map { JournalEnd($0, of: run) }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  func verdict() -> Verdict {
    if manifest.status != .finished && manifest.machines.isEmpty { return .vacuous }
    if let problem = problem() ?? snapshotProblem() {
      return .failed(
        Verdict.Violation(path: files.directory.manifestPath, line: nil, problem: problem))
    }
    return .ok
  }

  /// Whether the manifest is complete; in a run on several hosts, a machine killed with its
  /// supervisor is not in it.
  private var isWhole: Bool { manifest.status != .running }

  /// The first snapshot that is listed or has a file, but not both.
  private func snapshotProblem() -> String? {
    let listed = recorded.listed.sorted()
    // One manifest lists no snapshot twice, but those of several hosts may.
    if let twice = zip(listed, listed.dropFirst()).first(where: { $0 == $1 })?.0 {
      return "it lists snapshot \(twice) twice"
    }
    if let missing = recorded.listed.first(where: { recorded.index(of: $0) == nil }) {
      return "it lists snapshot \(missing), but '\(files.snapshotPath(of: missing))' does not "
        + "exist"
    }
    // All that are listed have a file, so any more files are unlisted. A running part of a run on
    // several hosts lists no snapshots yet.
    guard isWhole, recorded.snapshots.count > listed.count else { return nil }
    let unlisted = recorded.snapshots.first { !listed.contains($0.id) }
    return unlisted.map { "it does not list snapshot \($0.id), but '\($0.path)' exists" }
  }

  /// The first field with another value in a machine's end than in its journal.
  private func fieldProblem(_ said: NamedValues, _ seen: NamedValues) -> String? {
    let fields = manifest.plan.fields
    let names = fields.journaledState.map(\.finalName) + ["by_hand"]
    guard let name = names.first(where: { said[$0] != seen[$0] }) else { return nil }
    func word(_ value: FieldValue) -> String { value == .nothing ? "missing" : "\(value)" }
    return "\(name) is \(word(said[name])), its journal says \(word(seen[name]))"
  }

  /// The first difference between manifest and journals, machine by machine.
  private func problem() -> String? {
    let ends = manifest.machines
    guard ends.count == journals.count || !isWhole && ends.count < journals.count else {
      return "it tells of \(counted(ends.count, "machine")), expected \(journals.count)"
    }
    for (listIndex, end) in ends.enumerated() {
      let index = isWhole ? listIndex : end.id.index
      guard index < journals.count else {
        return "machines[\(listIndex)].id is \(index), the plan has \(journals.count) machines"
      }
      let journal = journals[index].end
      let figures: [(key: String, said: UInt64, seen: UInt64)] = [
        ("id", UInt64(end.id.number), UInt64(index)),
        ("rate_hz", UInt64(clamping: end.rateHz), UInt64(clamping: manifest.plan.rates[index])),
        ("ticks", end.ticks, journal.ticks),
        ("final_clock", end.finalClock, journal.finalClock),
        (
          "final_queue_length", UInt64(clamping: end.finalQueueLength),
          UInt64(clamping: journal.finalQueueLength)
        ),
      ]
      if let wrong = figures.first(where: { $0.said != $0.seen }) {
        let source = wrong.key == "rate_hz" || wrong.key == "id" ? "the plan" : "its journal"
        return
          "machines[\(index)].\(wrong.key) is \(wrong.said), \(source) says \(wrong.seen)"
      }
      if let problem = fieldProblem(end.fields, journal.fields) {
        return "machines[\(index)].\(problem)"
      }
    }
    return nil
  }
}
