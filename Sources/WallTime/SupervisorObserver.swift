import RunRecord

/// Hears of a run while it goes on.
package protocol SupervisorObserver: AnyObject {
  /// How often to hear of the machines' progress, in nanoseconds; nil for never.
  var progressNanoseconds: Int64? { get }
  /// The machines are linked and begin now; all of them run in the processes named here, if any.
  func started(processIDs: [Int32])
  /// A snapshot is over, complete or partial, and its file is written.
  func tookSnapshot(_ snapshot: SnapshotFile)
  /// How far each machine was lately, in id order.
  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress])
  /// Something the user should know happened, and the run goes on.
  func warned(_ message: String)
}
