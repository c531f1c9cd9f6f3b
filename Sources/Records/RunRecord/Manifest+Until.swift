import Snapshots

/// Runs that go on until a stable predicate holds.
extension Manifest {
  private static let heldStart = "ended by --until: "

  /// The reason of a run that ended because a snapshot found its predicate.
  package static func reason(thatHeld predicate: String, in snapshot: SnapshotID) -> String {
    "\(heldStart)\(predicate) holds in snapshot \(snapshot)"
  }

  /// Whether the run ended because a snapshot found the predicate that its plan names.
  package var hasHeld: Bool {
    plan.until != nil && status == .interrupted && reason?.hasPrefix(Self.heldStart) == true
  }

  /// Whether the run went on for its whole duration because no snapshot found the predicate that
  /// its plan names.
  package var hasMissed: Bool { plan.until != nil && status == .finished }

  /// Whether the run ended as its plan says: all machines ran for the whole duration, or a snapshot
  /// found the predicate that the plan names.
  package var endedAsPlanned: Bool { status == .finished || hasHeld }
}
