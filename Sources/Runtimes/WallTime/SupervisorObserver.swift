import LogicalTime
import RunControl
import RunRecord

/// Hears of a run while it goes on.
package protocol SupervisorObserver: AnyObject {
  /// How often to hear of the machines' progress, in nanoseconds; nil for never.
  var progressNanoseconds: Int64? { get }
  /// The machines are linked and begin at this system time, in nanoseconds since the Unix epoch.
  func started(at systemTime: Int64)
  /// What was typed is being carried out.
  func acknowledged(_ words: String)
  /// A snapshot is over, complete or partial, and its file is written.
  func tookSnapshot(_ snapshot: SnapshotFile, isTyped: Bool)
  /// How far each machine that runs here was lately, in id order.
  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress])
  /// What happened on a machine lately; that many more events were left out.
  func told(_ events: [ToldEvent], by machine: MachineID, leftOutCount: UInt64)
  /// So many lines were typed on standard input, whatever they say.
  func typed(lineCount: Int)
  /// The run is to end early.
  func interrupted()
  /// Something the user should know happened, and the run goes on.
  func warned(_ message: String)
}

extension SupervisorObserver {
  /// Nothing is shown where lines are typed.
  package func typed(lineCount: Int) {}
  /// Nothing is shown beside what the terminal shows.
  package func interrupted() {}
}
