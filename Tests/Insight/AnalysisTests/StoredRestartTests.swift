import RunRecord
import ScaleModel
import Snapshots
import Testing

@testable import Analysis

/// Which snapshots a run can have gone back to, by one clock and by those of several hosts.
@Suite("Returns to a snapshot")
struct StoredRestartTests {
  /// A restart that began so long after the snapshot was complete, and took 50 ns.
  private static func restart(
    _ nanoseconds: Int64, after snapshot: SnapshotFile, hasOneClock: Bool, machineCount: Int = 3
  ) -> StoredRestart? {
    StoredRestart(
      Manifest.Restart(
        timeNs: snapshot.completedTimeNs + nanoseconds, machines: [1], cause: "it was killed",
        snapshot: snapshot.id, recoveryNs: 50, undone: [[], [], []], epoch: 1),
      to: snapshot, machineCount: machineCount, hasOneClock: hasOneClock)
  }

  private let snapshot: SnapshotFile

  init() throws {
    let run = try ModelRun(rates: [4, 5, 6], seconds: 3, seed: 2, snapshots: [(1000, 0)])
    snapshot = try #require(run.snapshots.first)
    try #require(snapshot.status == .complete)
  }

  @Test("By one clock the snapshot was complete before the death; by several it need not be")
  func clocks() throws {
    #expect(Self.restart(0, after: snapshot, hasOneClock: true) != nil)
    #expect(Self.restart(-1, after: snapshot, hasOneClock: true) == nil)
    let late = try #require(Self.restart(-1000, after: snapshot, hasOneClock: false))
    #expect(late.resumeTime == snapshot.completedTimeNs - 950)
    #expect(late.ticks == snapshot.machines.map(\.tick))
  }

  @Test("It is one of all machines, and complete")
  func whole() {
    #expect(Self.restart(9, after: snapshot, hasOneClock: true, machineCount: 4) == nil)
    var partial = snapshot
    partial.status = .partial
    #expect(Self.restart(9, after: partial, hasOneClock: true) == nil)
    #expect(Self.restart(9, after: partial, hasOneClock: false) == nil)
  }

  @Test(
    "A partial snapshot is undone that was requested before the death was noticed, by any host",
    arguments: [
      (requested: 0, byOne: true, byMany: true), (9, true, true), (10, false, true),
      (59, false, true), (60, false, false), (-1, false, false),
    ])
  func undone(row: (requested: Int64, byOne: Bool, byMany: Bool)) throws {
    var partial = snapshot
    partial.status = .partial
    partial.requestedTimeNs = snapshot.completedTimeNs + row.requested
    for (hasOneClock, isUndone) in [(true, row.byOne), (false, row.byMany)] {
      let restart = try #require(Self.restart(9, after: snapshot, hasOneClock: hasOneClock))
      #expect(restart.undoes(partial) == isUndone)
      #expect(!restart.undoes(snapshot))
    }
  }
}
