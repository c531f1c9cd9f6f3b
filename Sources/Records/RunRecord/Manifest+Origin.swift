import Snapshots

extension Manifest {
  /// The snapshot that a run went on from: `from` in `run.json`.
  ///
  /// Its journals begin with those of the snapshot's run up to there. Delays, and chance where the
  /// snapshot's machines have no `random`, come from new streams, which follow from the seed and
  /// the snapshot's id.
  package struct Origin: Codable, Hashable, Sendable {
    /// The snapshot's file, as the user named it.
    package var path: String
    /// The snapshot's id.
    package var snapshot: String
    /// A digest of its file, in hexadecimal digits.
    package var digest: String

    /// Describes a snapshot by its file.
    package init(path: String, snapshot: SnapshotID, text: String) {
      (self.path, self.snapshot) = (path, "\(snapshot)")
      digest = String(TextDigest.word(of: text), radix: 16)
    }
  }

  /// The first key of an origin that no run has, and what is wrong with it.
  var originProblem: (key: String, problem: String)? {
    guard let from else { return nil }
    if runtime == "hosts" || imported != nil { return ("from", "a run on one host has it") }
    if plan.faults != nil { return ("from", "a run with faults has none") }
    if from.path.isEmpty { return ("from.path", "it is empty") }
    guard let id = SnapshotID(from.snapshot), id.initiator.index < plan.machines else {
      return ("from.snapshot", "it is not a snapshot's id, which is <initiator>-<number>")
    }
    if status == .finished, !snapshots.contains(from.snapshot) {
      return ("from.snapshot", "the run does not list snapshot \(id)")
    }
    if UInt64(from.digest, radix: 16) == nil {
      return ("from.digest", "it is not 16 hexadecimal digits at most")
    }
    return nil
  }
}
