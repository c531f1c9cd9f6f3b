import CommandLineKit
import FoundationEssentials
import RunRecord
import SystemCalls

/// Where a run is written down: makes its directory, keeps its manifest, and says in one line what
/// is in the way.
struct RunOutput {
  let console: Console
  /// Keeps everybody else out of the directory.
  let hold: RunHold
  /// Where the run goes.
  var directory: RunDirectory { hold.directory }

  /// Makes the directory of a run.
  ///
  /// - Parameters:
  ///   - console: Where warnings go.
  ///   - path: Where it is to be; nil for a new one in `runs`.
  ///   - replaces: Whether a run that is already there may be overwritten.
  ///   - suffix: What ends the name of a new one: its seed.
  /// - Throws: `ToolFailure` when it cannot be made, or another run is there.
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

  /// `runs/<UTC start>-<suffix>`.
  private static func defaultPath(_ suffix: String) -> String {
    let start = Date.now.formatted(.iso8601).split(separator: ":").joined(separator: "-")
    return "runs/\(start)-\(suffix)"
  }

  /// Refuses to run by a system clock whose times no journal can hold.
  ///
  /// - Parameters:
  ///   - now: What the clock says, in nanoseconds since the Unix epoch.
  ///   - advice: What else the user may do than to set it.
  /// - Throws: `ToolFailure` with what is wrong with the clock.
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
      throw ToolFailure(.failed, "Ctrl-C cannot be heeded: \(error)")
    }
  }

  /// Writes the manifest for the first time, and points `runs/latest` at the run.
  func begin(_ manifest: Manifest) throws(ToolFailure) {
    try write(manifest)
    do throws(SystemError) {
      try directory.pointLatest()
    } catch {
      console.warn("no link 'latest' beside the run: \(error)")
    }
  }

  /// Writes the manifest with the run's end.
  ///
  /// A run of which something was taken away meanwhile has failed. When that is the directory, the
  /// manifest goes to wherever it is now, and nothing to what is in its place.
  ///
  /// - Parameters:
  ///   - manifest: What the run was; afterwards with its end.
  ///   - outcome: What it came to; afterwards with what was found missing.
  /// - Throws: `ToolFailure` with what ended the run, if that failed: it says more than what came
  ///   of it.
  func end(_ manifest: inout Manifest, _ outcome: inout RunOutcome) throws(ToolFailure) {
    outcome.describe(in: &manifest)
    if let path = hold.firstLoss(of: manifest) {
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

  /// What a manifest says of a run of which something was taken away meanwhile.
  private static func reason(ofLoss path: String) -> String {
    "'\(path)' was removed or renamed while the run went on"
  }

  /// Why a run ends of which something was taken away meanwhile.
  static func failure(ofLoss path: String) -> ToolFailure {
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
