import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import Testing

@testable import RunRecord

/// A value in a file that no run can have, and the key it is refused by.
struct Mutation: Sendable, CustomTestStringConvertible {
  let text: String
  let replacement: String
  let key: String
  var testDescription: String { "\(key): \(replacement)" }

  init(_ text: String, _ replacement: String, _ key: String) {
    (self.text, self.replacement, self.key) = (text, replacement, key)
  }

  /// Changes a file, reads it, and expects to be told of the key.
  func expectRefusal<Value>(
    in path: String, _ read: () throws(RunRecordError) -> Value,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let whole = String(decoding: try FileSystem.contents(path), as: UTF8.self)
    let range = try #require(whole.firstRange(of: text), "\(text)", sourceLocation: sourceLocation)
    try FileSystem.replace(path, with: whole.replacingCharacters(in: range, with: replacement))
    do throws(RunRecordError) {
      _ = try read()
      Issue.record("\(replacement) was accepted", sourceLocation: sourceLocation)
    } catch {
      guard case .malformed(path, _, let column, let problem) = error else {
        Issue.record("\(error)", sourceLocation: sourceLocation)
        return
      }
      #expect(column == key, "\(problem)", sourceLocation: sourceLocation)
      #expect(!problem.isEmpty && !problem.contains("\n"), sourceLocation: sourceLocation)
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}

/// Manifests and snapshot files are read as strictly as the command line.
@Suite("Manifests of impossible runs")
struct ManifestValidationTests {
  private static let huge = "9223372036854775807"

  private func manifest() throws -> Manifest {
    let plan = RunPlan(
      rates: [1, 3, 6], duration: .seconds(60), dieSides: 10, seed: 7, topologyChoice: .complete,
      topology: Topology(completeWith: 3), delay: .none,
      workload: .bank(Bank(balance: 1000, transferProbability: 0.5)),
      snapshots: SnapshotSchedule(
        entries: [.init(time: .seconds(20), initiator: 1)], interval: .seconds(10)),
      rateRange: 1...6)
    var manifest = Manifest(
      plan: plan, runtime: "virtual", version: "1", journal: true, continuesOnFailure: false,
      host: .current)
    manifest.startTimeNs = 5
    manifest.status = .finished
    manifest.plan.faults = ["--kill 30s@1", "--partition 1s...2s@0"]
    manifest.machines = (0..<3).map { index in
      Manifest.MachineEnd(
        id: MachineID(index), rateHz: 6, ticks: 60, finalClock: 99, finalQueueLength: 17,
        fields: NamedValues(finals: [.integer(1000)], of: plan.workload.fields))
    }
    manifest.snapshots = ["0-1", "1-1"]
    return manifest
  }

  private func withManifest(_ body: (RunDirectory) throws -> Void) throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
    defer { try? FileSystem.removeTree(path) }
    let directory = RunDirectory(path: path)
    try manifest().write(to: directory)
    try body(directory)
  }

  @Test("As it was written it is accepted, and says when snapshots were to be taken")
  func accepted() throws {
    try withManifest { directory in
      let (read, written) = (try Manifest.read(from: directory), try manifest())
      #expect(read == written)
      #expect(read.plan.snapshotEvery == "10s")
      #expect(read.plan.snapshotAt == ["20s@1"])
      #expect(read.plan.onFailure == "stop")
    }
  }

  @Test("An origin is accepted as it was written, and refused where no run has it")
  func origin() throws {
    let changes: [(key: String?, change: (inout Manifest) -> Void)] = [
      (nil, { _ in }),
      ("from", { $0.runtime = "hosts" }),
      ("from", { ($0.plan.faults, $0.faultEffects) = (["--kill 30s@1"], nil) }),
      ("from.path", { $0.from?.path = "" }),
      ("from.snapshot", { $0.from?.snapshot = "3-1" }),
      ("from.snapshot", { $0.from?.snapshot = "2-1" }),
      ("from.digest", { $0.from?.digest = "x" }),
    ]
    for (key, change) in changes {
      try withManifest { directory in
        var changed = try manifest()
        changed.plan.faults = nil
        changed.from = Manifest.Origin(
          path: "s/1-1.json", snapshot: try #require(SnapshotID("1-1")), text: "{}")
        change(&changed)
        try changed.write(to: directory)
        var refused: String?
        do throws(RunRecordError) {
          #expect(try Manifest.read(from: directory) == changed)
        } catch {
          if case .malformed(_, _, let column, _) = error { refused = column }
        }
        #expect(refused == key)
      }
    }
  }

  @Test("A manifest that recorded less is accepted, and equals the plan that it is a part of")
  func old() throws {
    try withManifest { directory in
      let plan = try manifest().plan
      var old = try manifest()
      (old.plan.snapshotEvery, old.plan.snapshotAt, old.plan.onFailure) = (nil, nil, nil)
      try old.write(to: directory)
      let read = try Manifest.read(from: directory)
      #expect(read.plan != plan)
      #expect(read.plan.filledIn(from: plan) == plan)
      var other = plan
      other.snapshotEvery = "20s"
      #expect(plan.filledIn(from: other) == plan)
    }
  }

  @Test(
    "A manifest is refused by its key",
    arguments: [
      Mutation(#""schema" : 1"#, #""schema" : 2"#, "schema"),
      Mutation(#""runtime" : "virtual""#, #""runtime" : "soon""#, "runtime"),
      Mutation(#""runtime" : "virtual""#, #""runtime" : "threads""#, "plan.faults"),
      Mutation(#""duration_ns" : 60000000000"#, #""duration_ns" : 0"#, "duration_ns"),
      Mutation(#""duration_ns" : 60000000000"#, #""duration_ns" : -1"#, "duration_ns"),
      Mutation(#""duration_ns" : 60000000000"#, #""duration_ns" : \#(huge)"#, "duration_ns"),
      Mutation(#""start_time_ns" : 5"#, #""start_time_ns" : -5"#, "start_time_ns"),
      Mutation(#""start_time_ns" : 5"#, #""start_time_ns" : \#(huge)"#, "start_time_ns"),
      Mutation(#""machines" : 3"#, #""machines" : 0"#, "plan.machines"),
      Mutation(#""machines" : 3"#, #""machines" : -3"#, "plan.machines"),
      Mutation(#""machines" : 3"#, #""machines" : 1000000000000000"#, "plan.machines"),
      Mutation(#""machines" : 3"#, #""machines" : 4"#, "plan.rates"),
      Mutation("3,\n      6", "3,\n      0", "plan.rates[2]"),
      Mutation("3,\n      6", "3,\n      1000001", "plan.rates[2]"),
      Mutation(#""1...6""#, #""6...1""#, "plan.ticks"),
      Mutation(#""die" : 10"#, #""die" : 0"#, "plan.die"),
      Mutation(#""topology" : "complete""#, #""topology" : "donut""#, "plan.topology"),
      Mutation(#""delay" : "0""#, #""delay" : "-""#, "plan.delay"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "phases" : "odd""#, "plan.phases"),
      Mutation(
        #""delay" : "0""#, #""delay" : "0", "marker_handling" : "late""#, "plan.marker_handling"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "skew" : "5""#, "plan.skew"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "clock_drift" : "2""#, "plan.clock_drift"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "sync" : "1s,1""#, "plan.sync"),
      Mutation(#""delay" : "0""#, #""delay" : "2s...1s""#, "plan.delay"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "order" : "lifo""#, "plan.order"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "loss" : 1.5"#, "plan.loss"),
      Mutation(#""delay" : "0""#, #""delay" : "0", "transport" : "ipx""#, "plan.transport"),
      Mutation(#""workload" : "bank""#, #""workload" : "casino""#, "plan.workload"),
      Mutation(#""balance" : 1000"#, #""balance" : -1"#, "plan.balance"),
      Mutation(#""balance" : 1000"#, #""balance" : \#(huge)"#, "plan.balance"),
      Mutation(#""transfer" : 0.5"#, #""transfer" : 58"#, "plan.transfer"),
      Mutation(#""transfer" : 0.5"#, #""transfer" : -0.5"#, "plan.transfer"),
      Mutation(#""snapshot_every" : "10s""#, #""snapshot_every" : "0s""#, "plan.snapshot_every"),
      Mutation(#""snapshot_every" : "10s""#, #""snapshot_every" : "1ns""#, "plan.snapshot_every"),
      Mutation(#""20s@1""#, #""20s@3""#, "plan.snapshot_at[0]"),
      Mutation(#""20s@1""#, #""60s@1""#, "plan.snapshot_at[0]"),
      Mutation(#""on_failure" : "stop""#, #""on_failure" : "maybe""#, "plan.on_failure"),
      Mutation(#""--kill 30s@1""#, #""--kill 30s@3""#, "plan.faults[0]"),
      Mutation(#""--kill 30s@1""#, #""--kill 61s@1""#, "plan.faults[0]"),
      Mutation(#""--kill 30s@1""#, #""--burn 30s@1""#, "plan.faults[0]"),
      Mutation(#"1s...2s@0"#, #"2s...1s@0"#, "plan.faults[1]"),
      Mutation(#""id" : 2"#, #""id" : 3"#, "machines[2].id"),
      Mutation(#""id" : 2"#, #""id" : 1"#, "machines[2].id"),
      Mutation(#""id" : 2"#, #""id" : -1"#, "machines[2].id"),
      Mutation(#""id" : 2"#, #""id" : 4294967296"#, "machines[2].id"),
      Mutation(#""rate_hz" : 6"#, #""rate_hz" : 0"#, "machines[0].rate_hz"),
      Mutation(#""ticks" : 60"#, #""ticks" : 18446744073709551615"#, "machines[0].ticks"),
      Mutation(
        #""final_clock" : 99"#, #""final_clock" : 18446744073709551615"#, "machines[0].final_clock"),
      Mutation(
        #""final_queue_length" : 17"#, #""final_queue_length" : -1"#,
        "machines[0].final_queue_length"),
      Mutation(
        #""final_balance" : 1000"#, #""final_balance" : -1"#, "machines[0].final_balance"),
      Mutation(#""1-1""#, #""0-1""#, "snapshots[1]"),
      Mutation(#""1-1""#, #""7-1""#, "snapshots[1]"),
      Mutation(#""1-1""#, #""1-01""#, "snapshots[1]"),
    ])
  func refused(mutation: Mutation) throws {
    try withManifest { directory in
      try mutation.expectRefusal(in: directory.manifestPath) { () throws(RunRecordError) in
        try Manifest.read(from: directory)
      }
    }
  }

  /// A change to what a manifest says of imported logs, and the key it is refused by.
  struct ImportChange: Sendable, CustomTestStringConvertible {
    let key: String
    let change: @Sendable (inout Manifest.Imported) -> Void
    var testDescription: String { key }

    init(_ key: String, _ change: @escaping @Sendable (inout Manifest.Imported) -> Void) {
      (self.key, self.change) = (key, change)
    }
  }

  @Test(
    "What is said of imported logs is refused by its key",
    arguments: [
      ImportChange("imported.machines") { $0.machines.removeLast() },
      ImportChange("imported.machines_without_queue") { $0.machinesWithoutQueue = [3] },
      ImportChange("imported.groups[1]") { $0.groups[1] = [0, 3] },
      ImportChange("imported.groups[1]") { $0.groups[1] = [-1, 0] },
      ImportChange("imported.groups[0]") { $0.groups[0] = [1, 1] },
      ImportChange("imported.rate_seconds") { $0.rateSeconds = [1, 2] },
      ImportChange("imported.rate_seconds") { $0.rateSeconds = [1, 2, 3, 4] },
      ImportChange("imported.rate_seconds") { $0.rateSeconds = [1, 0, 3] },
      ImportChange("imported.rate_seconds") { $0.rateSeconds = [1, .max, 3] },
      ImportChange("imported.tick_zero_ns") { $0.tickZeroNs = [1] },
      ImportChange("imported.tick_zero_ns") { $0.tickZeroNs = [1, nil, .max] },
      ImportChange("imported.tick_zero_ns") { $0.tickZeroNs = [.min, nil, 3] },
    ])
  func refusedImport(item: ImportChange) throws {
    try withManifest { directory in
      var manifest = try Manifest.read(from: directory)
      var imported = Manifest.Imported(
        machines: ["a", "b", "c"], lacks: [], machinesWithoutQueue: [1],
        groups: [[0, 1], [1, 2]], rateSeconds: [1, 2, 3], tickZeroNs: [-5, nil, 7])
      manifest.imported = imported
      try manifest.write(to: directory)
      #expect(try Manifest.read(from: directory).imported == imported)
      item.change(&imported)
      manifest.imported = imported
      try manifest.write(to: directory)
      do throws(RunRecordError) {
        _ = try Manifest.read(from: directory)
        Issue.record("the change was accepted")
      } catch {
        guard case .malformed(_, nil, let column, _) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(column == item.key)
      }
    }
  }

  @Test("A path that is not a plain file is refused without waiting")
  func noPlainFile() throws {
    try withManifest { directory in
      try FileSystem.remove(directory.manifestPath)
      #expect(mkfifo(directory.manifestPath, 0o600) == 0)
      #expect(throws: RunRecordError.self) { try Manifest.read(from: directory) }
    }
  }

  @Test(
    "A snapshot's file is refused by its key",
    arguments: [
      Mutation(
        #""requested_time_ns" : 10"#, #""requested_time_ns" : -\#(huge)"#, "requested_time_ns"),
      Mutation(
        #""completed_time_ns" : 20"#, #""completed_time_ns" : \#(huge)"#, "completed_time_ns"),
      Mutation(#""completed_time_ns" : 20"#, #""completed_time_ns" : 9"#, "completed_time_ns"),
      Mutation(#""clock" : 4"#, #""clock" : 18446744073709551615"#, "machines[0].clock"),
      Mutation(#""tick" : 3"#, #""tick" : 18446744073709551615"#, "machines[0].tick"),
      Mutation(#""tick" : 3"#, #""tick" : -3"#, "machines[0].tick"),
      Mutation(#""message" : 2"#, #""message" : -2"#, "machines[0].inbox[0].message"),
      Mutation(#""events" : 5"#, #""events" : 18446744073709551615"#, "machines[0].events"),
      Mutation(#""balance" : 700"#, #""balance" : -700"#, "machines[0].balance"),
      Mutation(#""amount" : 300"#, #""amount" : -300"#, "machines[0].inbox[0].amount"),
      Mutation(#""random" : "17""#, #""random" : "-1""#, "machines[0].random"),
      Mutation(#""random" : "17""#, #""random" : "18446744073709551616""#, "machines[0].random"),
      Mutation(#""random" : "17""#, #""random" : "017""#, "machines[0].random"),
      Mutation(#""random" : "17""#, #""random" : """#, "machines[0].random"),
      Mutation(#""schema" : 1"#, #""schema" : 7"#, "schema"),
      Mutation(#""id" : "0-1""#, #""id" : "0-2""#, "id"),
    ])
  func refusedSnapshot(mutation: Mutation) throws {
    try withManifest { directory in
      let text = #"""
        {"schema" : 1, "id" : "0-1", "initiator" : 0, "status" : "partial",
         "requested_time_ns" : 10, "completed_time_ns" : 20, "channels" : [],
         "machines" : [{"id" : 0, "clock" : 4, "tick" : 3, "events" : 5, "balance" : 700,
           "random" : "17",
           "inbox" : [{"source" : 1, "message" : 2, "amount" : 300}]}]}
        """#
      let id = SnapshotID(initiator: 0, number: 1)
      let path = directory.snapshotPath(of: id)
      try FileSystem.makeSubdirectory(directory.snapshotsPath)
      try FileSystem.replace(path, with: text)
      #expect(try SnapshotFile.read(id, from: directory, conserved: .shipped).machines.count == 1)
      try mutation.expectRefusal(in: path) { () throws(RunRecordError) in
        try SnapshotFile.read(id, from: directory, conserved: .shipped)
      }
    }
  }
}
