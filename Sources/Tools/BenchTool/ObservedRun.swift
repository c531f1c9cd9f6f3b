import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// A run in wall time in this process, with its measurements; its files are removed.
final class ObservedRun: SupervisorObserver {
  private(set) var snapshots: [SnapshotFile] = []
  /// The markers that the machines sent.
  private(set) var markerCount: UInt64 = 0
  /// The ticks that the machines carried out.
  private(set) var tickCount: UInt64 = 0
  /// From the common start to the last machine's last tick.
  private(set) var elapsedNanoseconds: Int64 = 0

  var progressInterval: TimeSpan? { nil }

  /// Carries out a plan.
  init(plan: RunPlan, runtime: WallRuntime, hasJournals: Bool) throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(path) }
    let (interrupts, interruptsEnd) = try Socket.pipe()
    defer {
      interrupts.end()
      interruptsEnd.end()
    }
    var options = WallRunOptions(
      runtime: runtime, directory: RunDirectory(path: path), hasJournals: hasJournals,
      continuesOnFailure: false, firstPort: 0,
      executablePath: FileSystem.parentPath(of: ThisProcess.executablePath) + "/scalemodel")
    options.opensControlSocket = false
    let outcome = try Supervisor(
      plan: plan, options: options, interrupts: interrupts, observer: self
    ).run()
    guard outcome.ending == .finished, let start = outcome.startTime else {
      throw ToolFailure(.failed, "a run of the benchmark failed: \(outcome.ending)")
    }
    for progress in outcome.progress.compactMap({ $0 }) {
      markerCount += progress.markers
      tickCount += progress.ticks
    }
    for machine in plan.topology.machineIDs where hasJournals {
      let last = try Self.lastTime(in: RunDirectory(path: path).journalPath(of: machine))
      elapsedNanoseconds = max(elapsedNanoseconds, last - start.nanoseconds)
    }
  }

  /// The system time of a journal's last line; zero when it has none.
  private static func lastTime(in path: String) throws -> Int64 {
    let end = String(decoding: try FileSystem.contents(path).suffix(300), as: UTF8.self)
    let words = (end.split(separator: "\n").last ?? "").split(separator: ",")
    return words.count > 1 ? Int64(words[1]) ?? 0 : 0
  }

  func started(at systemTime: SystemInstant) {}
  func progressed(elapsed: TimeSpan, _ progress: [MachineProgress], isWhole: Bool) {}
  func acknowledged(_ words: String) {}
  func tookSnapshot(_ snapshot: SnapshotFile, isTyped: Bool) { snapshots.append(snapshot) }
  func warned(_ message: String) {}
  func told(_ events: [ToldEvent], by machine: MachineID, leftOutCount: UInt64) {}
}
