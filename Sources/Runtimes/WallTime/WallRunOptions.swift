import RunRecord
import Transport

/// How a run in wall time is to be carried out, besides its plan.
package struct WallRunOptions: Sendable {
  package var runtime: WallRuntime
  /// Where the journals go.
  package var directory: RunDirectory
  /// Keeps other runs out of the directory; nil when nothing does.
  ///
  /// The run ends when the directory is not in its place any more.
  package var hold: RunHold?
  /// Whether journals are written.
  package var hasJournals: Bool
  /// Whether the others go on when a machine dies.
  package var continuesOnFailure: Bool
  /// Machine i listens on this port + i; 0 lets each take a free one.
  package var firstPort: UInt16
  /// The program that becomes a machine in `processes`.
  package var executablePath: String
  /// Whether other programs may ask for snapshots over the run directory's control socket.
  package var opensControlSocket = true
  /// Whether the observer hears of events, of a bank's transfers only, each time it hears of the
  /// progress.
  package var tellsEvents = false
  /// The place of the only machine that runs here, when the others are on other hosts; then all
  /// ports, the first one included, are the cluster file's.
  package var cluster: ClusterMember?
  /// Whether commands are read from standard input.
  package var readsCommands = false

  /// Makes the guest of each machine; nil when none has one.
  package var makeGuest: LoopServiceMaker?
  /// Where the guest of machine 0 listens, and that of machine i on a port so much higher; in a run
  /// on several hosts the cluster file says where.
  package var firstGuestEndpoint: Endpoint?

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
