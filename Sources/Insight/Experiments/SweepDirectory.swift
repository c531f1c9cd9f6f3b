import RunRecord

/// The directory of a sweep: a run directory per run, and the files they have in common.
///
/// Every file here depends on the experiment alone, so the directories of two hosts that carried
/// out different runs of one experiment can be merged by copying.
package struct SweepDirectory: Hashable, Sendable {
  /// The directory's path, as it was given.
  package let path: String

  /// Names a sweep directory, whether it exists or not.
  package init(path: String) {
    self.path = path
  }

  /// The experiment file, byte for byte, as it was when the sweep began or runs were last added.
  package var experimentPath: String { path + "/experiment.json" }
  /// How the sweep was begun: ``SweepState``.
  package var statePath: String { path + "/sweep.json" }
  /// Locked while a sweep runs; the file's mere presence means nothing.
  package var lockPath: String { path + "/sweep.lock" }

  /// The run directory of a run.
  package func directory(of run: PlannedRun) -> RunDirectory {
    RunDirectory(path: "\(path)/\(run.directoryName)")
  }
}
