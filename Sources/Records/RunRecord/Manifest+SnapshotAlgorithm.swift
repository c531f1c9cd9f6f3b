import ScaleModel
import Snapshots

extension Manifest.Plan {
  /// How machines take snapshots.
  package var algorithm: SnapshotAlgorithm {
    (checkpoints ?? snapshotAlgorithm).flatMap { SnapshotAlgorithm(rawValue: $0) }
      ?? .chandyLamport
  }

  /// Whether markers wait in inboxes for their tick.
  package var markersWait: Bool { markerHandling == MarkerHandling.tick.rawValue }

  /// Within how long naive snapshots ask the machines.
  package var spread: TimeSpan { snapshotSpread.flatMap { TimeSpan($0) } ?? .seconds(0) }

  /// Takes over what a plan says of snapshots: only what is not usual.
  mutating func recordAlgorithm(of plan: RunPlan) {
    let algorithm = plan.snapshotAlgorithm
    let isUsual = algorithm == .chandyLamport
    snapshotAlgorithm = isUsual || algorithm.recordsAlone ? nil : algorithm.rawValue
    checkpoints = algorithm.recordsAlone ? algorithm.rawValue : nil
    snapshotSpread = plan.snapshotSpread == .seconds(0) ? nil : "\(plan.snapshotSpread)"
    snapshotCost = plan.snapshotCost == .seconds(0) ? nil : "\(plan.snapshotCost)"
    markerHandling = plan.markerHandling == .arrival ? nil : plan.markerHandling.rawValue
  }

  /// The options by which the plan gives up what snapshots usually claim, as a command has them.
  package var claimWords: String {
    [
      promiseWords, snapshotAlgorithm.map { "--snapshot-algorithm \($0)" } ?? "",
      checkpoints.map { "--checkpoints \($0)" } ?? "",
      snapshotSpread.map { "--snapshot-spread \($0)" } ?? "",
      algorithm == .synchronised ? clockWords.joined(separator: " ") : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The first key of the algorithm that has an impossible value, and the problem.
  var algorithmProblem: (key: String, problem: String)? {
    if let checkpoints {
      guard SnapshotAlgorithm(rawValue: checkpoints)?.recordsAlone == true else {
        return ("plan.checkpoints", "'\(checkpoints)' is neither independent nor induced")
      }
      if snapshotAlgorithm != nil {
        return ("plan.snapshot_algorithm", "checkpoints of single machines need no algorithm")
      }
    }
    if let snapshotAlgorithm,
      !SnapshotAlgorithm.allCases.contains(where: { $0.rawValue == snapshotAlgorithm })
    {
      return ("plan.snapshot_algorithm", "'\(snapshotAlgorithm)' is not a snapshot algorithm")
    }
    if let snapshotSpread, TimeSpan(snapshotSpread) == nil {
      return ("plan.snapshot_spread", "'\(snapshotSpread)' is not a time")
    }
    if let snapshotCost, TimeSpan(snapshotCost) == nil {
      return ("plan.snapshot_cost", "'\(snapshotCost)' is not a time")
    }
    if let markerHandling, MarkerHandling(rawValue: markerHandling) == nil {
      return ("plan.marker_handling", "'\(markerHandling)' is neither arrival nor tick")
    }
    if markersWait, algorithm != .chandyLamport {
      return ("plan.marker_handling", "\(algorithm.rawValue) has no markers that wait")
    }
    return nil
  }
}

extension Manifest {
  /// What the run's snapshots claim to be.
  package var snapshotClaims: SnapshotClaims {
    SnapshotClaims(
      plan.algorithm, plan.promises, plan.physicalClocks, Delay(plan.delay) ?? .none,
      duration: TimeSpan(nanoseconds: max(0, durationNs)))
  }
}
