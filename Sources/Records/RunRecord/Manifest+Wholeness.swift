import LogicalTime
import Snapshots

extension Manifest {
  /// The first file of a run that is missing or says less than this manifest.
  ///
  /// Reads every journal to its end, so that a hole in the middle is found as well as a cut end.
  ///
  /// - Parameter directory: The run's directory, which holds all its machines.
  /// - Returns: What is wrong and where; nil when all files are whole.
  package func damage(in directory: RunDirectory) -> RunRecordError? {
    guard machines.count == plan.machines else {
      return .malformed(
        path: directory.manifestPath, line: nil, column: "machines",
        problem: "it tells of \(machines.count) machines, the plan has \(plan.machines)")
    }
    do throws(RunRecordError) {
      for end in journal ? machines : [] {
        let path = directory.journalPath(of: end.id)
        try end.checkReached(
          by: MachineEnd(id: end.id, rateHz: end.rateHz, countedFrom: path), path: path)
      }
      for name in snapshots {
        guard let id = SnapshotID(name) else { continue }
        _ = try SnapshotFile.read(id, from: directory)
      }
      return nil
    } catch {
      return error
    }
  }
}

extension Manifest.MachineEnd {
  /// Refuses a journal that ends elsewhere than the machine did.
  ///
  /// The queue's length is left to the check `manifest`: a message may arrive after the last event.
  ///
  /// - Parameters:
  ///   - counted: How far the machine came by its journal.
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
