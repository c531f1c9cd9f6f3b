import Analysis
import CommandLineKit
import Experiments
import Pictures
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// `analyze SWEEP --notebook PAGE`: the results of a sweep, written into a page of the notebook.
extension AnalyzeTool {
  static let notebook = Option.text(
    "--notebook", "PAGE",
    help: "write a sweep into a Markdown page's marked sections, figures and tables beside it")

  /// Analyses all runs of a sweep and writes the page.
  ///
  /// A page with damaged markers is refused before anything is read or written. Each file is
  /// complete or unchanged, and the page is written last.
  ///
  /// - Parameters:
  ///   - request: The call, with the sweep.
  ///   - pagePath: The page; created when missing.
  /// - Returns: The exit code: 1 when a check failed.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func writeNotebook(_ request: AnalyzeRequest, page pagePath: String) throws -> ExitCode {
    guard request.paths.count == 1, request.mapPath == nil, request.onlyPrints,
      !request.checks, !request.printsJSON
    else {
      throw UsageError.contradiction(
        "--notebook takes one sweep and writes one page, checks included; leave the rest out")
    }
    let page = try page(at: pagePath)
    let folder =
      FileSystem.parentPath(of: pagePath) + "/" + NotebookSections.folderName(ofPage: pagePath)
    try OutputFiles.refuseLink(at: folder, advice: "choose another page")
    let sweep = try sweep(at: request.paths[0])
    var leftOut: [LeftOutRun] = []
    let findings = try findings(of: sweep, request.window, leavingOut: &leftOut)
    let sections = NotebookSections(findings, pagePath: Self.pathInProject(pagePath))
    var files = sections.figures.map { ("\(folder)/\($0.name)", Array($0.svg.utf8)) }
    files += findings.tables.map { ("\(folder)/\($0.name)", Array($0.text.utf8)) }
    files.append((pagePath, page.bytes(sections.text)))
    let paths = try OutputFiles.write(files, in: folder, advice: "choose another page")
    try console.print(lines: paths)
    for warning in findings.warnings { console.warn(warning) }
    let failure =
      findings.failedCount == 0
      ? nil : "\(counted(findings.failedCount, "check")) failed; the page names the runs"
    return exitCode(ofProblems: [failure, leftOut.problem])
  }

  /// The page as it is, or a new one.
  private func page(at path: String) throws(ToolFailure) -> NotebookPage {
    let file: TextFile
    do throws(TextFile.Failure) {
      file = try TextFile(path: path)
    } catch .unreadable(let error) {
      if error.isNotFound { return NotebookPage() }
      throw ToolFailure(
        .inputOutput, "cannot read '\(path)': \(error.reason); correct that or choose another page")
    } catch {
      let exitCode: ExitCode = if case .tooLarge = error { .inputOutput } else { .malformedInput }
      throw ToolFailure(exitCode, "\(RunRecordError(error, path: path)); nothing was written")
    }
    do throws(NotebookPage.Damage) {
      return try NotebookPage(parsing: file.bytes, byteOrderMark: file.byteOrderMark)
    } catch {
      throw ToolFailure(
        .malformedInput,
        "'\(path)', line \(error.line): \(error.problem); nothing was written: correct it, or "
          + "choose another")
    }
  }

  private func sweep(at path: String) throws(ToolFailure) -> StoredSweep {
    do throws(StoredSweep.Failure) {
      return try StoredSweep(SweepDirectory(path: path))
    } catch {
      switch error {
      case .notASweep(let path):
        throw ToolFailure(
          .noInput, "'\(path)' is not a sweep; give the directory of a sweep, such as sweeps/01-…")
      case .malformed(let error):
        throw ToolFailure(.malformedInput, "\(error); bring back the file as the sweep left it")
      case .unreadable(let error):
        throw Self.failure(of: error, given: [path])
      }
    }
  }

  private func findings(
    of sweep: StoredSweep, _ window: TimeWindow, leavingOut leftOut: inout [LeftOutRun]
  ) throws(ToolFailure) -> SweepFindings {
    let runs = sweep.recordedRuns
    guard !runs.isEmpty else {
      throw ToolFailure(
        .noInput,
        "no run of '\(sweep.directory.path)' has begun; go on with scalemodel sweep … --resume")
    }
    var findings = SweepFindings(of: sweep, window)
    for (planned, directory) in runs {
      do throws(RunRecordError) {
        let run = try StoredRun(directory, name: planned.directoryName)
        var options = RunFindings.Options(
          checks: true, snapshots: true,
          series: run.manifest.measures == nil && findings.wantsSeries(of: planned),
          comparesEnds: true, window: window)
        options.judgesAll = findings.areJudged
        findings.add(try self.findings(of: run, options), of: planned, run.manifest)
      } catch {
        leftOut.add(planned.directoryName, because: error, warningOn: console)
        findings.leaveOut(planned)
      }
    }
    if leftOut.count == runs.count, let first = leftOut.first {
      throw Self.failure(of: first.error, given: [sweep.directory.path])
    }
    return findings
  }

  /// The page's path as typed in a fresh clone.
  private static func pathInProject(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    let isInside = !path.hasPrefix("/") && !parts.contains("..")
    return isInside
      ? parts.joined(separator: "/") : "notebook/" + (parts.last.map(String.init) ?? "")
  }
}
