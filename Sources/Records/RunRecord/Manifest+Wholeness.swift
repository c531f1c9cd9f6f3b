import LogicalTime
import Snapshots

extension Manifest {
  /// The first file of a run that is missing or contradicts this manifest.
  ///
  /// Reads every journal to its end, to find a gap in the middle as well as a cut end.
  ///
  /// - Parameter directory: The run's directory, which holds all its machines.
  /// - Returns: The problem and its location; nil when all files are complete.
  package func damage(in directory: RunDirectory) -> RunRecordError? {
    guard machines.count == plan.machines else {
      return .malformed(
        path: directory.manifestPath, line: nil, column: "machines",
        problem: "it lists \(machines.count) machines, the plan has \(plan.machines)")
    }
    do throws(RunRecordError) {
      for end in journal ? machines : [] {
        let path = directory.journalPath(of: end.id)
        try end.checkReached(
          by: MachineEnd(
            id: end.id, rateHz: end.rateHz, countedFrom: path, without: undoneLines(of: end.id)),
          path: path)
      }
      for name in snapshots {
        guard let id = SnapshotID(name) else { continue }
        _ = try SnapshotFile.read(id, from: directory, conserved: plan.conserved)
      }
      return nil
    } catch {
      return error
    }
  }
}

extension Manifest.MachineEnd {
  /// Rejects a journal whose end differs from the machine's end in the manifest.
  ///
  /// The check `manifest` compares queue lengths: a message may arrive after the last event.
  ///
  /// - Parameters:
  ///   - counted: The machine's end, counted from its journal.
  ///   - path: The journal.
  /// - Throws: ``RunRecordError`` with both ends.
  package func checkReached(
    by counted: Manifest.MachineEnd, path: String
  ) throws(RunRecordError) {
    guard counted.ticks != ticks || counted.finalClock != finalClock else { return }
    throw .malformed(
      path: path, line: nil, column: nil,
      problem: "it holds \(counted.ticks) ticks up to reading \(counted.finalClock), run.json says "
        + "\(ticks) up to \(finalClock)")
  }
}
