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

  @Test("Each host's restarts tell what is undone of its machine; the first notice of one counts")
  func restarts() throws {
    let restarts = [
      [restart(5, after: 30, of: [1], [[2, 4], []], epoch: 1)],
      [
        restart(7, after: 28, of: [], [[], [3, 9]], epoch: 1),
        restart(60, after: 5, of: [0], [[], [12, 12]], epoch: 3),
      ],
    ]
    try withTemporaryDirectory { path in
      let parts = try [0, 1].map { machine in
        let part = RunDirectory(path: "\(path)/\(machine)")
        try FileSystem.makeDirectory(part.path)
        var text = Self.manifest(of: machine)
        text = text.split(separator: "\"journal\": false").joined(separator: "\"journal\": true")
        text = text.split(separator: "\"transfer\": 0").joined(
          separator: "\"transfer\": 0, \"on_failure\": \"restore\", \"restarts\": 9")
        try FileSystem.replace(part.manifestPath, with: text)
        var manifest = try Manifest.read(from: part)
        manifest.restarts = restarts[machine]
        try manifest.write(to: part)
        return part
      }
      let run = try #require(MultiHostRun.gather(parts).first).run
      let both = restart(5, after: 30, of: [1], [[2, 4], [3, 9]], epoch: 1)
      #expect(try run.manifest().restarts == [both, restarts[1][1]])
    }
  }

  private func restart(
    _ time: Int64, after recovery: Int64, of machines: [MachineID], _ undone: [[Int]], epoch: Int
  ) -> Manifest.Restart {
    Manifest.Restart(
      timeNs: time, machines: machines, cause: machines.isEmpty ? "none" : "gone", snapshot: nil,
      recoveryNs: recovery, undone: undone, epoch: epoch)
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
