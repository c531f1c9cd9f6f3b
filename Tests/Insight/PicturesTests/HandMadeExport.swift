import Analysis
import LogicalTime
import Pictures
import RunRecord
import ScaleModel
import SystemCalls

/// A run of two machines with journals written by the test, exported.
enum HandMadeExport {
  private static let header = "tick,system_time_ns,event,clock,queue_length,peer,message\n"

  /// Exports a run.
  ///
  /// - Parameters:
  ///   - format: The format.
  ///   - journals: One per machine, without the header.
  ///   - name: The run's name.
  ///   - imported: What its logs lack; nil for a run of ours.
  /// - Returns: The file, and the warnings.
  /// - Throws: Errors of the system, and of malformed journals.
  static func text(
    _ format: ExportFormat, _ journals: [String], name: String = "run",
    imported: Manifest.Imported? = nil
  ) throws -> (text: String, warnings: [String]) {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(path) }
    let directory = RunDirectory(path: path + "/run")
    try directory.create(replaces: false)
    let plan = RunPlan(
      rates: journals.map { _ in 1 }, duration: .seconds(1), dieSides: 10, seed: 1,
      topologyChoice: .complete, topology: Topology(completeWith: journals.count), delay: .none,
      workload: .chatter)
    var manifest = Manifest(plan: plan, runtime: "threads", version: "1", journal: true, host: nil)
    manifest.startTimeNs = 0
    manifest.status = .finished
    manifest.imported = imported
    try manifest.write(to: directory)
    for (machine, journal) in journals.enumerated() {
      try FileSystem.replace(
        directory.journalPath(of: MachineID(machine)), with: header + journal)
    }
    let exports = try Exports([format], window: TimeWindow()) {
      name throws(SystemError) in
      try AtomicFile(path + "/" + name)
    }
    try exports.add(StoredRun(directory, name: name))
    for file in exports.end() { try file.finish() }
    let bytes = try FileSystem.contents(path + "/" + format.fileName)
    return (String(decoding: bytes, as: UTF8.self), exports.warnings)
  }
}
