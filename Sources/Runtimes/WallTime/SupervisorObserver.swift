import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// Hears of a run while it goes on, such as a display.
package protocol SupervisorObserver: AnyObject {
  /// The interval of progress reports; nil for none.
  var progressInterval: TimeSpan? { get }
  /// The machines are linked and begin then.
  func started(at systemTime: SystemInstant)
  /// The run carries out a typed command.
  func acknowledged(_ words: String)
  /// A snapshot is over, complete or partial, and its file is written.
  func tookSnapshot(_ snapshot: SnapshotFile, isTyped: Bool)
  /// The latest progress of each machine that runs here, in id order; whole when all of them have
  /// answered the last question for it, or have had a second to do so.
  func progressed(elapsed: TimeSpan, _ progress: [MachineProgress], isWhole: Bool)
  /// The latest events of a machine; `leftOutCount` more were left out.
  func told(_ events: [ToldEvent], by machine: MachineID, leftOutCount: UInt64)
  /// That many lines were typed on standard input, commands or not.
  func typed(lineCount: Int)
  /// A signal ends the run early.
  func interrupted()
  /// All machines have gone back, and go on.
  ///
  /// - Throws: Why that cannot be recorded; then the run ends.
  func restarted(_ restart: Manifest.Restart) throws(SystemError)
  /// A warning for the user; the run goes on.
  func warned(_ message: String)
}

extension SupervisorObserver {
  /// Does nothing: the observer's runs have no restarts.
  package func restarted(_ restart: Manifest.Restart) {}
  /// Does nothing: the observer shows nothing that typed lines would disturb.
  package func typed(lineCount: Int) {}
  /// Does nothing: the observer shows nothing that an interrupt would disturb.
  package func interrupted() {}
}
