import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import TestSupport
import Testing

@testable import RunRecord

@Suite("A run whose machines have a directory each")
struct MultiHostRunTests {
  private static func manifest(of machine: Int) -> String {
    """
    {"schema": 1, "version": "test", "seed": 0, "runtime": "hosts", "duration_ns": 1,
     "start_time_ns": 1, "status": "finished", "journal": false,
     "plan": {"machines": 2, "rates": [1, 1], "die": 10, "topology": "complete", "delay": "0",
              "workload": "bank", "balance": 1, "transfer": 0},
     "machines": [{"id": \(machine), "rate_hz": 1, "ticks": 0, "final_clock": 0,
                   "final_queue_length": 0, "final_balance": 1}],
     "snapshots": [], "cluster": {"machine": \(machine), "digest": "d"}}
    """
  }

  @Test("A snapshot is found in its gatherer's directory, though another machine began it")
  func keptElsewhere() throws {
    try withTemporaryDirectory { path in
      let parts = try [0, 1].map { machine in
        let part = RunDirectory(path: "\(path)/\(machine)")
        try FileSystem.makeDirectory(part.path)
        try FileSystem.replace(part.manifestPath, with: Self.manifest(of: machine))
        return part
      }
      let id = SnapshotID(initiator: 1, number: 1)
      let gathering = SnapshotGathering(
        id: id, channels: TopologyChannels(Topology(completeWith: 2)), requestedTime: 1)
      try gathering.file(completedTime: 2, cause: .timedOut, names: .none).write(to: parts[0])

      let (run, problem) = try #require(MultiHostRun.gather(parts.reversed()).first)
      #expect(problem == nil)
      #expect(try run.snapshotIDs() == [id])
      #expect(run.snapshotPath(of: id) == parts[0].snapshotPath(of: id))
      #expect(try run.snapshot(id, conserved: nil).id == id)
      // One that is nowhere is missed with the machine that began it.
      let missing = SnapshotID(initiator: 1, number: 2)
      #expect(run.snapshotPath(of: missing) == parts[1].snapshotPath(of: missing))
    }
  }
}
