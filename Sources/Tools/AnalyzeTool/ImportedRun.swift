import Analysis
import CommandLineKit
import LogImport
import LogicalTime
import RunRecord
import SystemCalls

/// Logs of another implementation as a run to analyse.
///
/// The run is written to a temporary directory, which ``discard()`` removes.
struct ImportedRun {
  let run: StoredRun
  /// Warnings about the logs or the map.
  let warnings: [String]
  private let logs: LoggedRun

  /// An expression that takes longer on one line is assumed to run forever.
  private static let lineSecondsMax = 5

  /// Reads the logs of a run.
  ///
  /// - Throws: ``ToolFailure`` with the mistake, its location and the remedy.
  init(_ selected: LogSelection.Run, _ request: ImportRequest) throws(ToolFailure) {
    logs = try Self.read(selected, request)
    let directory: RunDirectory
    do throws(SystemError) {
      directory = RunDirectory(
        path: try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-import-"))
    } catch {
      throw Self.failure(error)
    }
    do {
      try logs.write(to: directory)
      run = try StoredRun(directory, name: selected.name)
    } catch {
      try? FileSystem.removeTree(directory.path)
      if let error = error as? RunRecordError { throw request.failure(of: error) }
      throw Self.failure(error as? SystemError ?? SystemError(call: "write"))
    }
    warnings = logs.warnings
  }

  /// Removes the directory of the run; its journals cannot be read any more.
  func discard() {
    try? FileSystem.removeTree(run.directory.path)
  }

  private static func failure(_ error: SystemError) -> ToolFailure {
    ToolFailure(
      .inputOutput,
      "cannot write '\(error.subject)': \(error.reason); make room, or set TMPDIR elsewhere")
  }

  // MARK: Reading

  /// The result of a thread that reads logs; two threads share it, because the lock guards it.
  private final class Outcome: @unchecked Sendable {
    private let lock = ThreadLock()
    private var state: Result<LoggedRun, RunRecordError>?

    var result: Result<LoggedRun, RunRecordError>? { lock.withLock { state } }

    func set(_ result: Result<LoggedRun, RunRecordError>) { lock.withLock { state = result } }
  }

  /// Reads logs on a separate thread, to detect an expression that runs forever: then the program
  /// ends, and the thread with it.
  private static func read(
    _ selected: LogSelection.Run, _ request: ImportRequest
  ) throws(ToolFailure) -> LoggedRun {
    let (progress, outcome) = (ImportProgress(), Outcome())
    let (map, mapPath) = (request.map, request.mapPath)
    do throws(SystemError) {
      let (reading, writing) = try Socket.pipe()
      defer { reading.end() }
      let poller = try Poller()
      try poller.add(reading, token: 0)
      let thread = try SystemThread {
        outcome.set(
          Result { () throws(RunRecordError) in
            try LoggedRun(
              map: map, mapPath: mapPath, paths: selected.paths, lines: selected.lines,
              progress: progress)
          })
        // Wakes the waiting thread.
        writing.end()
      }
      thread.detach()
      var (latest, secondCount) = (progress.location, 0)
      while outcome.result == nil && secondCount < lineSecondsMax {
        if try poller.wait(nanoseconds: 1_000_000_000, { _, _, _ in }) > 0 { continue }
        secondCount = progress.location == latest && progress.isMatching ? secondCount + 1 : 0
        latest = progress.location
      }
    } catch {
      throw ToolFailure(.inputOutput, "cannot start a thread that reads the logs: \(error)")
    }
    guard let result = outcome.result else {
      let location = progress.location.map { "'\($0.path)', line \($0.line)" } ?? "a line"
      throw ToolFailure(
        .malformedInput,
        "\(location): an expression of the map takes more than \(lineSecondsMax) s here; write it "
          + "without a repetition inside a repetition, such as (a+)+")
    }
    do throws(RunRecordError) {
      return try result.get()
    } catch {
      throw request.failure(of: error)
    }
  }

  // MARK: Notes

  /// Notes for the reader on how the logs were understood.
  var notes: [String] { [machineNote, lackNote].compactMap { $0 } + logs.notes }

  /// The log of each machine's id; nil when logs name the machines by their ids.
  private var machineNote: String? {
    let names = logs.machineNames
    guard names != names.indices.map({ "\($0)" }) else { return nil }
    let shown = names.prefix(20).enumerated().map { "\($0) is '\($1)'" }.joined(separator: ", ")
    return "machines: \(shown)" + (names.count > 20 ? " and so on" : "")
  }

  /// The data that the logs lack; nil when they are complete.
  private var lackNote: String? {
    let lacks = run.manifest.imported?.lacks ?? []
    if lacks.isEmpty { return nil }
    return "not told: " + lacks.map(\.words).joined(separator: ", ")
      + "; what needs " + (lacks.count == 1 ? "it" : "them") + " stays empty"
  }

  /// The checks that the logs contradict, in words, for a call without verdicts.
  var contradictions: [String] {
    logs.verdicts.compactMap { check, verdict in
      guard case .failed(let path, let line, let problem) = verdict else { return nil }
      return "\(check): '\(path)', line \(line): \(problem)"
    }
  }

  /// The findings with the results of the logs' own checks, and with locations in the logs instead
  /// of the removed journals.
  func located(_ findings: RunFindings) -> RunFindings {
    findings.withVerdicts { check, verdict in
      if let own = logs.verdicts.first(where: { $0.check == check })?.verdict {
        switch own {
        case .ok: return .ok
        case .lacking(let what): return .lacking(what)
        case .failed(let path, let line, let problem):
          return .failed(Verdict.Violation(path: path, line: line, problem: problem))
        }
      }
      guard case .failed(let violation) = verdict, let line = violation.line,
        let machine = run.journals.firstIndex(where: { $0.path == violation.path }),
        let location = logs.location(ofJournalLine: line, of: MachineID(machine))
      else { return verdict }
      return .failed(
        Verdict.Violation(path: location.path, line: location.line, problem: violation.problem))
    }
  }
}
