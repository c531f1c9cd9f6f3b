import LogicalTime
import ScaleModel
import Snapshots

/// A return of all machines to the last complete snapshot, because some have died.
package struct RunRestart: Hashable, Sendable {
  /// The machines that died, those of a recovery that failed included, in the order it was noticed.
  package var deaths: [MachineDeath]
  /// When the first death was noticed.
  package var systemTime: SystemInstant
  /// What they go back to; nil for the start.
  package var snapshot: SnapshotID?
  /// How long after the first death all have begun again.
  package var recovery = TimeSpan.seconds(0)
  /// The epoch in which they go on.
  package var epoch: UInt32 = 0
}

/// What a machine of a new epoch begins with.
package struct RestoredMachine: Hashable, Sendable {
  /// How often the machines were started before.
  package var epoch: UInt32
  /// The start of the run, which ends its duration later.
  package var start: Moment
  /// How many snapshots it has begun.
  package var begunCount: UInt32
  /// Its state, and what was in transit to it; nil for its state at the start.
  package var part: RecordedPart?

  /// Describes a machine of an epoch.
  package init(epoch: UInt32, start: Moment, begunCount: UInt32, part: RecordedPart?) {
    (self.epoch, self.start, self.begunCount, self.part) = (epoch, start, begunCount, part)
  }
}

/// What a run goes on from: a complete snapshot of an earlier run with the same plan.
///
/// The run's own clock goes on from the cut, so that its events are one history with those before.
package struct RunResumption: Sendable {
  /// The parts of the snapshot, in id order.
  package var parts: [RecordedPart]
  /// The start of the earlier run.
  package var startTime: SystemInstant
  /// How long after it the snapshot was complete.
  package var elapsed: TimeSpan
  /// The epoch in which that run took the snapshot.
  package var epoch: UInt32
  /// How many snapshots each machine had begun, in id order.
  package var begunCounts: [UInt32]

  /// Describes a snapshot of an earlier run.
  package init(
    parts: [RecordedPart], startTime: SystemInstant, elapsed: TimeSpan, epoch: UInt32,
    begunCounts: [UInt32]
  ) {
    (self.parts, self.startTime, self.epoch) = (parts, startTime, epoch)
    (self.elapsed, self.begunCounts) = (elapsed, begunCounts)
  }
}
