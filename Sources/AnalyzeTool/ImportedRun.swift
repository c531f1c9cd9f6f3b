import Analysis
import CommandLineKit
import LogicalTime
import RunRecord
import SystemCalls

/// Logs of another implementation as a run that can be analysed.
///
/// The run is written to a directory of its own, which ``discard()`` removes.
struct ImportedRun {
  static let map = Option.text(
    "--import", "MAP", help: "the arguments are logs of another implementation, read by this map")

  static let details = """
    Imports: with --import MAP, the arguments are logs of another implementation, one run. MAP is a
    JSON file that says what its lines look like; experiments/imports has two to start from. Keys:
      separator, header   fields between this text, named in a header line (true) or numbered from 1
      pattern             or: an expression with named groups, or several, tried in order
      skip                how many lines come before the header or the first event
      otherwise           what to do with lines that are no events: "error" (default) or "skip"
      machine             {"file": EXPRESSION for the file's name} or {"column": …}
      event               {"column": …, "internal": WORDS, "send": WORDS, "sendToAll": WORDS,
                          "receive": WORDS}: a word or a list, in small or capital letters
      time                {"column": …, "unit": s | ms | us | ns | date | time of day}
      clock, queue, message, tick   a column: its name or number, or {"column": …, "after": LABEL}
      peer                the same, also with "names": one per machine, and "all": WORDS
      rates, die          instructions a second, one per machine; sides of the die
      about               what you like
    Only machine and event must be there. Figures that need what the logs lack stay empty, and say
    so; without tick, ticks are counted; a line that does not tell the queue has it as the machine
    told it last, and empty before that; with rates, lateness counts from the latest start that
    makes no first event early. A check that the logs say too little for is vacuous, and says what
    is missing.
    """

  let run: RecordedRun
  let warnings: [String]
  private let logs: LogImport

  /// Reads logs.
  ///
  /// - Throws: ``ToolFailure`` with what is wrong, where, and what to do.
  init(mapPath: String, paths: [String]) throws(ToolFailure) {
    do throws(LogImportError) {
      logs = try Self.reading { () throws(RunRecordError) in
        try LogImport(mapPath: mapPath, paths: paths)
      }
      let directory = try Self.writing { () throws(SystemError) in
        RunDirectory(path: try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-import-"))
      }
      do throws(LogImportError) {
        try logs.write(to: directory)
        run = try Self.reading { () throws(RunRecordError) in
          try RecordedRun(directory, name: Self.name(of: paths))
        }
      } catch {
        try? FileSystem.removeTree(directory.path)
        throw error
      }
    } catch {
      throw Self.failure(error, paths: [mapPath] + paths)
    }
    warnings = logs.warnings
  }

  /// Removes the directory of the run; its journals cannot be read any more.
  func discard() {
    try? FileSystem.removeTree(run.directory.path)
  }

  /// What tables call the run: its file, or the folder its files are in.
  private static func name(of paths: [String]) -> String {
    let first = FileSystem.resolved(paths[0]) ?? paths[0]
    let part = FileSystem.lastPart(of: paths.count == 1 ? first : FileSystem.parentPath(of: first))
    guard paths.count == 1, let dot = part.lastIndex(of: "."), dot > part.startIndex else {
      return part
    }
    return String(part[..<dot])
  }

  /// Which log each machine's id stands for; nil when logs call the machines by their ids.
  var machineNote: String? {
    let names = logs.machineNames
    guard names != names.indices.map({ "\($0)" }) else { return nil }
    let shown = names.prefix(20).enumerated().map { "\($0) is '\($1)'" }.joined(separator: ", ")
    return "machines: \(shown)" + (names.count > 20 ? " and so on" : "")
  }

  /// What the logs do not tell; nil when they tell all.
  var lackNote: String? {
    let lacks = run.manifest.imported?.lacks ?? []
    if lacks.isEmpty { return nil }
    return "not told: " + lacks.map(\.words).joined(separator: ", ")
      + "; what needs " + (lacks.count == 1 ? "it" : "them") + " stays empty"
  }

  /// The findings, with places in the logs instead of places in journals that are gone.
  func placed(_ findings: RunFindings) -> RunFindings {
    findings.withVerdicts { verdict in
      guard case .failed(let violation) = verdict, let line = violation.line,
        let machine = run.journals.firstIndex(where: { $0.path == violation.path }),
        let place = logs.place(ofJournalLine: line, of: MachineID(machine))
      else { return verdict }
      return .failed(
        Verdict.Violation(path: place.path, line: place.line, problem: violation.problem))
    }
  }

  private static func reading<Result>(
    _ body: () throws(RunRecordError) -> Result
  ) throws(LogImportError) -> Result {
    do throws(RunRecordError) { return try body() } catch { throw .log(error) }
  }

  private static func writing<Result>(
    _ body: () throws(SystemError) -> Result
  ) throws(LogImportError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .output(error) }
  }

  private static func failure(_ error: LogImportError, paths: [String]) -> ToolFailure {
    switch error {
    case .output(let error):
      return ToolFailure(
        .inputOutput,
        "cannot write '\(error.subject)': \(error.reason); make room, or set TMPDIR elsewhere")
    case .log(let error):
      switch error {
      case .malformed(let path, _, _, _) where path == paths[0]:
        return ToolFailure(
          .malformedInput, "\(error); mend the map, 'analyze --help' explains its keys")
      case .malformed(_, nil, nil, _): return ToolFailure(.malformedInput, "\(error)")
      case .malformed(_, _, nil, _):
        return ToolFailure(
          .malformedInput,
          "\(error); mend the log or the map, or set \"otherwise\" to \"skip\" in the map")
      case .malformed:
        return ToolFailure(.malformedInput, "\(error); mend the log or the map")
      case .missing:
        return ToolFailure(
          .noInput, "\(error); --import MAP takes the map, and then the paths of the logs")
      case .unreadable, .notARun, .noJournals, .missingParts, .doubledPart:
        return ToolFailure(.inputOutput, "\(error); mend that or leave the log out")
      }
    }
  }
}
