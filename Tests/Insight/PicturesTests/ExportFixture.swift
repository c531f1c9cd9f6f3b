import Analysis
import LogicalTime
import Pictures
import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

/// Runs in virtual time, exported; their journals are read without the readers that exports use.
struct ExportFixture {
  /// A line of a journal, by the columns that exports show.
  struct Line: Hashable {
    let machine: Int
    let time: Int64
    let event: String
    let peer: String
    let message: String
  }

  /// The runs' seeds.
  var seeds: [UInt64] = [1]
  var rates = [1, 3, 6]
  var seconds: Int64 = 60
  var delay = "100ms...2s"
  /// The interval between snapshots.
  var interval: TimeSpan?
  /// The name of all runs.
  var name = "run"

  /// Carries out the runs, exports them and returns the files and warnings.
  func export(
    _ format: ExportFormat, window: TimeWindow = TimeWindow()
  ) throws -> (text: String, lines: [[Line]], warnings: [String], refusal: String?) {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(path) }
    let exports = try Exports([format, format], window: window) {
      name throws(SystemError) in
      try AtomicFile(path + "/" + name)
    }
    var lines: [[Line]] = []
    for seed in seeds {
      let directory = RunDirectory(path: "\(path)/run-\(seed)")
      try carryOut(seed: seed, in: directory)
      try exports.add(StoredRun(directory, name: name))
      lines.append(try rates.indices.flatMap { try Self.lines(of: $0, in: directory) })
    }
    let files = exports.end()
    for file in files { try file.finish() }
    let bytes = try FileSystem.contents(path + "/" + format.fileName)
    return (
      String(decoding: bytes, as: UTF8.self), lines, exports.warnings, exports.refusal
    )
  }

  private func carryOut(seed: UInt64, in directory: RunDirectory) throws {
    try directory.create(replaces: false)
    let topology = Topology(completeWith: rates.count)
    let plan = RunPlan(
      rates: rates, duration: .seconds(seconds), dieSides: 10, seed: seed,
      topologyChoice: .complete, topology: topology,
      delay: Delay(delay) ?? .none, workload: .chatter)
    let run = VirtualRun(plan: plan, snapshots: SnapshotSchedule(interval: interval))
    let outcome = try run.carryOut(
      journalsIn: directory, takeSnapshot: { try? $0.write(to: directory) })
    var manifest = Manifest(
      plan: plan, runtime: "virtual", version: "1", journal: true, host: nil)
    manifest.startTimeNs = 0
    manifest.status = .finished
    manifest.snapshots = outcome.snapshotIDs.map { "\($0)" }
    try manifest.write(to: directory)
  }

  private static func lines(of machine: Int, in directory: RunDirectory) throws -> [Line] {
    let bytes = try FileSystem.contents(directory.journalPath(of: MachineID(machine)))
    return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map {
      let fields = $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
      guard fields.count == 7, let time = Int64(fields[1]) else {
        throw Malformed(text: String($0))
      }
      return Line(
        machine: machine, time: time, event: fields[2], peer: fields[5], message: fields[6])
    }
  }
}

/// Output that a test cannot parse.
struct Malformed: Error {
  let text: String
}

extension ExportFixture.Line {
  /// Whether this is the send of a receipt.
  func isSend(of receipt: ExportFixture.Line) -> Bool {
    event == "send" && "\(machine)" == receipt.peer && message == receipt.message
      && (peer == "*" || peer == "\(receipt.machine)")
  }
}

let second: Int64 = 1_000_000_000
