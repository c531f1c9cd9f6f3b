import RunControl
import RunRecord
import ScaleModel
import Transport

/// How to carry out a run in wall time, besides its plan.
package struct WallRunOptions: Sendable {
  /// Whether each machine is a thread or a process.
  package var runtime: WallRuntime
  /// The run directory, for journals and snapshots.
  package var directory: RunDirectory
  /// The lock that keeps other runs out of the directory; nil without one.
  ///
  /// With it the run ends when the directory is not at its path any more.
  package var hold: RunHold?
  /// Whether journals are written.
  package var hasJournals: Bool
  /// Whether the others go on when a machine dies.
  package var continuesOnFailure: Bool
  /// Machine i listens on this port + i; with 0 each takes a free one.
  package var firstPort: UInt16
  /// The program of each machine's process in `processes`.
  package var executablePath: String
  /// Whether the run opens a control socket in its directory.
  package var opensControlSocket = true
  /// Whether the observer hears of events with each progress report.
  package var tellsEvents = false
  /// The only machine that runs here, when the others are on other hosts; then all ports are the
  /// cluster file's, and ``firstPort`` is ignored.
  package var cluster: ClusterMember?
  /// Whether commands are read from standard input.
  package var readsCommands = false

  /// What the run goes on from, in journals that have the history already; nil for the start.
  package var resumption: RunResumption?
  /// Each time that the machine of this host has gone back already, in a run on several hosts that
  /// it has left and comes back to.
  package var earlierRestarts: [Manifest.Restart] = []
  /// What ends the run when a snapshot finds it; nil for nothing.
  package var condition: StableCondition?
  /// The workloads of this program.
  package var catalog = WorkloadCatalog.empty
  /// Makes each machine's service; nil when none has one.
  package var makeService: LoopServiceMaker?
  /// Endpoint of machine 0's service; that of machine i listens on port + i.
  ///
  /// In a run on several hosts the cluster file has the endpoints instead.
  package var firstServiceEndpoint: Endpoint?

  /// Makes the options of a run on one host without services or typed commands.
  package init(
    runtime: WallRuntime, directory: RunDirectory, hasJournals: Bool, continuesOnFailure: Bool,
    firstPort: UInt16, executablePath: String
  ) {
    self.runtime = runtime
    self.directory = directory
    self.hasJournals = hasJournals
    self.continuesOnFailure = continuesOnFailure
    self.firstPort = firstPort
    self.executablePath = executablePath
  }
}
