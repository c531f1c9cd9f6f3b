import LogicalTime
import ScaleModel
import Snapshots

/// Carries out what a machine does, and keeps its reports until its owner flushes.
@usableFromInline
package protocol MachineLifeSink<Work>: HandSink {
  /// The time of the machine's next event.
  var systemTime: SystemInstant { get set }
  /// The machine's progress, as of its last event.
  var progress: MachineProgress { get }
  /// When something that waits is to be reported or sent.
  var nextFlushTime: SystemInstant { get }

  /// The run begins.
  mutating func begin(at systemTime: SystemInstant)

  /// A snapshot is over everywhere.
  mutating func ended(_ id: SnapshotID, isComplete: Bool)

  /// The machine ends: no later snapshot will cover its answers.
  mutating func endAnswers()

  /// The machine has gone back to a recorded state; its inbox is admitted already.
  mutating func restored(_ machine: Machine<Work>)

  /// Checks and counts a message that is about to enter the inbox.
  ///
  /// - Returns: Whether to accept it: an honest machine of this run can have sent it.
  mutating func admit(_ message: Message<Payload>, besides workload: Work) -> Bool
}
