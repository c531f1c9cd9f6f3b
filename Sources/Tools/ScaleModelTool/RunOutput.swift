import CommandLineKit
import FoundationEssentials
import RunRecord
import ScaleModel
import SystemCalls

/// Hears that a run's machines begin, with the system time of its start, or that they have gone
/// back, with each time that they did; throws when the manifest cannot be written.
typealias RunBeginning =
  (_ start: Int64, _ restarts: [Manifest.Restart]) throws(SystemError) -> Void

/// A run's output: makes its directory, writes its manifest, and reports obstacles in one line.
struct RunOutput {
  let console: Console
  /// Locks the directory.
  let hold: RunHold
  /// The run's directory.
  var directory: RunDirectory { hold.directory }

  /// Makes the directory of a run.
  ///
  /// - Parameters:
  ///   - console: Where warnings go.
  ///   - path: The directory; nil for a new one in `runs`.
  ///   - replaces: Whether an existing run may be overwritten.
  ///   - suffix: The end of a new one's name: its seed.
  /// - Throws: `ToolFailure` when it cannot be made, or holds another run.
  init(console: Console, path: String?, replaces: Bool, suffix: String) throws {
    self.console = console
    do throws(RunDirectoryError) {
      guard let path else {
        hold = try RunDirectory.create(besideOthersAt: Self.defaultPath(suffix))
        return
      }
      hold = try RunDirectory(path: path).create(replaces: replaces)
    } catch {
      let exitCode =
        switch error {
        case .notEmpty, .atWork, .link: ExitCode.cannotCreate
        case .cannotCreate(let cause): ExitCode(ofRefusedOutput: cause)
        }
      throw ToolFailure(exitCode, "\(error)")
    }
  }

  /// Goes on in the directory of a run that this program has come back to.
  init(console: Console, hold: RunHold) { (self.console, self.hold) = (console, hold) }

  /// `runs/<UTC start>-<suffix>`.
  private static func defaultPath(_ suffix: String) -> String {
    let start = Date.now.formatted(.iso8601).split(separator: ":").joined(separator: "-")
    return "runs/\(start)-\(suffix)"
  }

  /// Refuses a system clock whose times do not fit a journal.
  ///
  /// - Parameters:
  ///   - now: The clock's reading, in nanoseconds since the Unix epoch.
  ///   - advice: The remedy besides setting the clock.
  /// - Throws: `ToolFailure` with the clock's fault.
  static func checkClock(
    _ now: Int64 = SystemClock.epochNanoseconds, advice: String
  ) throws(ToolFailure) {
    guard !SystemClock.startTimes.contains(now) else { return }
    throw ToolFailure(
      .failed,
      "the system clock says \(now / 1_000_000_000) seconds since 1970, and a run begins between "
        + "1970 and 2116; set the clock\(advice)")
  }

  /// Yields a byte for each Ctrl-C.
  static func interruptDescriptor() throws -> Descriptor {
    do throws(SystemError) {
      return try ThisProcess.interruptDescriptor()
    } catch {
      throw ToolFailure(.failed, "Ctrl-C cannot be handled: \(error)")
    }
  }

  /// Carries out a run, from its first manifest to its summary; writes all of its manifests.
  ///
  /// - Parameters:
  ///   - manifest: The manifest before the start.
  ///   - plan: The run's plan.
  ///   - isQuiet: Whether only the directory is printed.
  ///   - isJSON: Whether the summary is printed as JSON.
  ///   - execute: Carries out the plan. It calls its argument when the machines begin or have gone
  ///     back; a run that dies afterwards leaves a manifest with what it was told.
  /// - Returns: The exit code of a run that did not fail.
  /// - Throws: The cause of a failed run.
  func carryOut(
    _ manifest: Manifest, plan: RunPlan, isQuiet: Bool, isJSON: Bool,
    _ execute: (_ onStart: @escaping RunBeginning) throws -> RunOutcome
  ) throws -> ExitCode {
    var manifest = manifest
    let outcome = try carryOut(&manifest, execute)
    try RunSummary(
      manifest: manifest, outcome: outcome, directory: directory, plan: plan, isQuiet: isQuiet,
      isJSON: isJSON
    ).print(on: console)
    if let failure = outcome.failure { throw failure }
    return outcome.status == .interrupted && !outcome.hasHeld ? .interrupted : .done
  }

  /// Carries out a run, and writes all of its manifests.
  ///
  /// - Throws: The cause of a run without an outcome.
  func carryOut(
    _ manifest: inout Manifest,
    _ execute: (_ onStart: @escaping RunBeginning) throws -> RunOutcome
  ) throws -> RunOutcome {
    try begin(manifest)
    let (directory, first) = (directory, manifest)
    var written = manifest
    var outcome: RunOutcome
    do {
      outcome = try execute { start, restarts throws(SystemError) in
        var started = first
        started.startTimeNs = start
        started.restarts = restarts.isEmpty ? nil : restarts
        try started.write(to: directory)
        written = started
      }
    } catch {
      throw fail(written, because: error)
    }
    try end(&manifest, &outcome)
    return outcome
  }

  /// Writes the first manifest, and points `runs/latest` at the run.
  private func begin(_ manifest: Manifest) throws(ToolFailure) {
    try write(manifest)
    do throws(SystemError) {
      try directory.pointLatest()
    } catch {
      console.warn("no link 'latest' beside the run: \(error)")
    }
  }

  /// Writes the manifest with the run's end.
  ///
  /// A run that lost a file meanwhile has failed. If its directory was moved, the
  /// manifest goes to the new path, and nothing to the old one.
  ///
  /// - Parameters:
  ///   - manifest: The run's manifest; on return with its end.
  ///   - outcome: The run's outcome; on return with the losses found.
  /// - Throws: `ToolFailure` with the cause of a failed run: it says more than what followed
  ///   of it.
  private func end(_ manifest: inout Manifest, _ outcome: inout RunOutcome) throws(ToolFailure) {
    outcome.describe(in: &manifest)
    // A snapshot for whose file there was no room is missing, and nobody has removed it.
    let isExplained = hold.isInPlace && outcome.failure?.exitCode == .inputOutput
    if !isExplained, let path = hold.firstLoss(of: manifest) {
      outcome.status = .failed
      outcome.reason = Self.reason(ofLoss: path)
      outcome.failure = Self.failure(ofLoss: path)
      outcome.describe(in: &manifest)
    }
    guard hold.isInPlace else {
      try? manifest.write(to: hold.renamedDirectory)
      return
    }
    do throws(ToolFailure) {
      try write(manifest)
    } catch {
      throw outcome.failure ?? error
    }
  }

  /// Writes the manifest of a run that ended without an outcome.
  ///
  /// - Returns: The cause; the lost directory explains more than the failed write into it.
  private func fail(_ manifest: Manifest, because error: any Error) -> any Error {
    let isInPlace = hold.isInPlace
    let cause: any Error = isInPlace ? error : Self.failure(ofLoss: directory.path)
    var manifest = manifest
    manifest.status = .failed
    manifest.reason = (cause as? ToolFailure)?.message ?? "\(cause)"
    try? manifest.write(to: isInPlace ? directory : hold.renamedDirectory)
    return cause
  }

  /// The manifest's reason for a run that lost a file or its directory.
  private static func reason(ofLoss path: String) -> String {
    "'\(path)' was removed or renamed while the run went on"
  }

  /// The failure of a run that lost a file or its directory.
  private static func failure(ofLoss path: String) -> ToolFailure {
    ToolFailure(
      .inputOutput,
      "\(reason(ofLoss: path)); run it again, and leave its directory alone until it ends")
  }

  private func write(_ manifest: Manifest) throws(ToolFailure) {
    do throws(SystemError) {
      try manifest.write(to: directory)
    } catch {
      throw ToolFailure(refusedOutput: error, advice: "choose another directory with --output")
    }
  }
}
