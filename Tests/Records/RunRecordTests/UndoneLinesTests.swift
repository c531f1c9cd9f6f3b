import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import TestSupport
import Testing

@testable import RunRecord

/// Journals of runs whose machines went back.
@Suite("Undone lines")
struct UndoneLinesTests {
  /// What happens to a journal in one epoch: its lines at the end, and where its machine goes back.
  private typealias Epoch = (lineCount: Int, kept: UInt64, undone: [Int])

  @Test(
    "Snapshots number lines as if none had been undone",
    arguments: [
      // To the start, twice; in the second epoch nothing was written.
      [(7, 0, [2, 8]), (7, 0, [])],
      // To line 4, then to that line again, then to the second line behind it, which is the 13th.
      [(10, 4, [6, 11]), (11, 4, [12, 12]), (20, 6, [15, 21])],
      // To its last line.
      [(3, 3, []), (9, 5, [7, 10])],
    ] as [[Epoch]])
  private func numbers(epochs: [Epoch]) {
    var lines = UndoneLines(machineCount: 1)
    for epoch in epochs {
      #expect(lines.undo(after: [epoch.kept], of: [epoch.lineCount]) == [epoch.undone])
    }
  }

  @Test("A program that comes back to a run numbers lines as the one before did")
  func comesBack() {
    let undone = [[6, 11], [12, 12]]
    let restarts = undone.enumerated().map { index, lines in
      Manifest.Restart(
        timeNs: 1, machines: [], cause: "", snapshot: nil, recoveryNs: 0, undone: [lines],
        epoch: index + 1)
    }
    var lines = UndoneLines(machineCount: 1, after: restarts)
    #expect(lines.undo(after: [6], of: [20]) == [[15, 21]] && !lines.lacksHistory)
    #expect(lines.undo(after: [20], of: [22]) == [[]] && lines.lacksHistory)
  }

  @Test("A line that is not whole is cut off, and lines are counted once all machines have ended")
  func files() throws {
    try withTemporaryDirectory { path in
      let directory = RunDirectory(path: path)
      let journal = directory.journalPath(of: 0)
      var lines = UndoneLines(machineCount: 2)
      try FileSystem.replace(journal, with: "head\na\nb\nc\nd")
      #expect(try lines.undo(after: [1, 0], in: directory) == [[3, 4], []])
      #expect(try FileSystem.contents(journal) == Array("head\na\nb\nc\n".utf8))
      try FileSystem.replace(journal, with: "head\na\nb\nc\nB\nC\nD\n")
      #expect(try lines.undo(after: [3, 0], in: directory) == [[7, 7], []])
      // Killed before its header was written.
      try FileSystem.replace(directory.journalPath(of: 1), with: "hea")
      #expect(try lines.undo(after: [3, 0], in: directory) == [[], []])
      #expect(try FileSystem.contents(directory.journalPath(of: 1)) == [])
    }
  }

  @Test("A reader leaves them out, however it reads, and knows the lines' numbers in the file")
  func reading() throws {
    let columns = "tick,system_time_ns,event,clock,queue_length,peer,message\n"
    let text = columns + (1...60).map { "\($0),\($0)000,internal,\($0),0,,\n" }.joined()
    let undone = [2...3, 4...4, 10...30, 61...61]
    let kept = (2...61).filter { line in !undone.contains { $0.contains(line) } }
    try withTemporaryDirectory { directory in
      let path = directory + "/machine-0.csv"
      try FileSystem.replace(path, with: text)
      for (lineCount, byteCount) in [(1, 64), (7, 100), (100, 1 << 18)] {
        let reader = try JournalReader(path: path, undone: undone, pieceByteCount: byteCount)
        for _ in 1...2 {
          let buffer = JournalBuffer(lineCount: lineCount, columnCount: 0)
          var seen: [Int] = []
          #expect(try reader.nextTime() == 4000)
          while case let batch = try reader.read(into: buffer), !batch.lines.isEmpty {
            #expect(batch.firstLineNumber == seen.count + 2)
            seen += batch.lines.map { Int($0.tick) + 1 }
          }
          #expect(seen == kept)
          #expect(kept.indices.map { reader.fileLine($0 + 2) } == kept)
          try reader.rewind()
        }
      }
    }
  }

  @Test("Restarts are accepted as they were written, and refused where no run has them")
  func manifests() throws {
    let changes: [(key: String?, change: (inout Manifest) -> Void)] = [
      (nil, { _ in }),
      ("plan.on_failure", { $0.plan.onFailure = "repair" }),
      ("plan.restarts", { $0.plan.restarts = -1 }),
      ("plan.restarts", { $0.plan.onFailure = "stop" }),
      ("restarts", { ($0.plan.onFailure, $0.plan.restarts) = ("stop", nil) }),
      ("restarts[1].time_ns", { $0.restarts?[1].timeNs = 9 }),
      ("restarts[0].time_ns", { $0.restarts?[0].recoveryNs = -1 }),
      ("restarts[0].machines", { $0.restarts?[0].machines = [2] }),
      ("restarts[1].snapshot", { $0.restarts?[1].snapshot = "0" }),
      ("restarts[1].undone", { $0.restarts?[1].undone = [] }),
      ("restarts[1].undone[0]", { $0.restarts?[1].undone[0] = [3, 8] }),
      ("restarts[0].undone[1]", { $0.restarts?[0].undone[1] = [1, 2] }),
      (nil, { $0.restarts?[0].epoch = nil }),
      (nil, { $0.restarts?[1].epoch = nil }),
      ("restarts[0].epoch", { $0.restarts?[0].epoch = .min }),
      ("restarts[1].epoch", { $0.restarts?[1].epoch = 1 }),
      ("restarts[1].epoch", { $0.restarts?[1].epoch = .max }),
    ]
    for (key, change) in changes {
      try withTemporaryDirectory { path in
        let directory = RunDirectory(path: path)
        var manifest = try manifest()
        change(&manifest)
        try manifest.write(to: directory)
        var refused: String?
        do throws(RunRecordError) {
          #expect(try Manifest.read(from: directory) == manifest)
        } catch {
          if case .malformed(_, _, let column, _) = error { refused = column }
        }
        #expect(refused == key)
      }
    }
  }

  private func manifest() throws -> Manifest {
    var plan = RunPlan(
      rates: [1, 3], duration: .seconds(60), dieSides: 10, seed: 7, topologyChoice: .complete,
      topology: Topology(completeWith: 2), delay: .none, workload: .chatter)
    plan.restartCountMax = 5
    var manifest = Manifest(
      plan: plan, runtime: "threads", version: "1", journal: true, continuesOnFailure: false,
      host: .current)
    manifest.restarts = [
      Manifest.Restart(
        timeNs: 10, machines: [1], cause: "vanished", snapshot: nil, recoveryNs: 5,
        undone: [[2, 4], []], epoch: 1),
      Manifest.Restart(
        timeNs: 20, machines: [0, 1], cause: "vanished", snapshot: SnapshotID("0-2"),
        recoveryNs: 5, undone: [[6, 8], [2, 9]], epoch: 3),
    ]
    #expect(manifest.undoneLines(of: 0) == [2...4, 6...8])
    #expect(manifest.undoneLines(of: 1) == [2...9])
    return manifest
  }
}
