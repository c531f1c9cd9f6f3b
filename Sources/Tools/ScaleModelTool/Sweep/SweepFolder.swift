import CommandLineKit
import Experiments
import RunRecord
import SystemCalls
import TextFormats

/// The directory of a sweep that is under way: nobody else does the same runs in it.
struct SweepFolder {
  /// Held by this process and by every run it starts.
  let lock: FileLock

  private let plan: SweepPlan

  /// Byte 0 of the lock file is held while the common files are written, byte k while somebody is
  /// to do run k.
  private static let commonFilesByte = 0..<1
  /// How long to wait for a sweep that is just ending: a killed one's runs end with it.
  private static let waitNanoseconds: Int64 = 2_000_000_000

  /// Makes the directory, or goes on with the sweep that is in it.
  ///
  /// - Parameters:
  ///   - plan: What is to be carried out.
  ///   - part: The runs that are to be done here.
  ///   - isResumed: Whether a sweep that is there is to be gone on with.
  /// - Throws: `ToolFailure` when something else is there, or somebody is at work on these runs.
  init(_ plan: SweepPlan, part: SweepPart, isResumed: Bool) throws(ToolFailure) {
    self.plan = plan
    do throws(SystemError) {
      try FileSystem.makeDirectory(plan.directory.path)
      try Self.checkForeign(plan.directory)
      lock = try FileLock(plan.directory.lockPath)
      guard try lock.lock(Self.commonFilesByte, waitingAtMost: Self.waitNanoseconds * 5) else {
        throw SystemError(call: "fcntl", subject: plan.directory.lockPath, number: EDEADLK)
      }
    } catch {
      throw Self.failure(error)
    }
    defer { lock.unlock(Self.commonFilesByte) }
    if FileSystem.exists(plan.directory.statePath) {
      try goOn(isResumed: isResumed)
    } else {
      try writeCommonFiles()
    }
    try lockRuns(of: part)
  }

  // MARK: What is there

  /// Refuses a directory in which something else is.
  private static func checkForeign(_ directory: SweepDirectory) throws(SystemError) {
    let names = try FileSystem.entries(directory.path)
    let paths = [directory.experimentPath, directory.statePath, directory.lockPath]
    let own = paths.map { FileSystem.lastPart(of: $0) }.flatMap { [$0, $0 + ".partial"] }
    let isSweep = FileSystem.exists(directory.statePath)
    // A sweep that was killed before it could say that it is one has left no more than its own.
    guard isSweep || names.allSatisfy(own.contains) else {
      throw SystemError(call: "mkdir", subject: directory.path, number: ENOTEMPTY)
    }
  }

  /// Goes on with the sweep that is there, unless it changed since the plan was made.
  private func goOn(isResumed: Bool) throws(ToolFailure) {
    let path = plan.directory.path
    guard isResumed else {
      throw ToolFailure(
        .cannotCreate,
        "a sweep is in '\(path)' already; go on with it with --resume, or choose another --output")
    }
    let now = try RecordedSweep.begun(in: plan.directory)
    guard let begun = plan.begun, now?.state == begun.state, now?.bytes == begun.bytes else {
      throw ToolFailure(
        .cannotCreate,
        "another call has just begun the sweep in '\(path)' or added runs to it; call this again")
    }
    if plan.changesFile { try writeAddition(to: begun) }
  }

  // MARK: What is made

  /// Writes what the runs have in common; that it is a sweep is said last.
  private func writeCommonFiles() throws(ToolFailure) {
    do throws(SystemError) {
      try FileSystem.replace(
        plan.directory.experimentPath, with: String(decoding: plan.bytes, as: UTF8.self))
      try FileSystem.replace(
        plan.directory.statePath,
        with: JSONText.encode(SweepState(experiment: plan.experiment.name, runtime: plan.runtime))
          + "\n")
    } catch {
      throw Self.failure(error)
    }
  }

  /// Keeps the experiment file with the runs that are added, after noting what it was before: runs
  /// keep the numbers they had there.
  private func writeAddition(to begun: RecordedSweep) throws(ToolFailure) {
    let old = String(decoding: begun.bytes, as: UTF8.self)
    do throws(SystemError) {
      try FileSystem.replace(
        plan.directory.statePath, with: JSONText.encode(begun.state.adding(toRunsOf: old)) + "\n")
      try FileSystem.replace(
        plan.directory.experimentPath, with: String(decoding: plan.bytes, as: UTF8.self))
    } catch {
      throw Self.failure(error)
    }
  }

  private func lockRuns(of part: SweepPart) throws(ToolFailure) {
    // More parts than runs: some have nothing to do.
    guard let first = part.runs.first?.number, let last = part.runs.last?.number else { return }
    do throws(SystemError) {
      if try lock.lock(first..<last + 1, waitingAtMost: Self.waitNanoseconds) { return }
    } catch {
      throw Self.failure(error)
    }
    throw ToolFailure(
      .cannotCreate,
      "another sweep is at work in '\(plan.directory.path)'; wait for its end and --resume, or "
        + "choose another --output")
  }

  private static func failure(_ error: SystemError) -> ToolFailure {
    if error.number == ENOTEMPTY {
      return ToolFailure(
        .cannotCreate,
        "the output directory '\(error.subject)' is not empty, and no sweep is in it; "
          + "choose another --output")
    }
    return ToolFailure(
      ExitCode(ofRefusedOutput: error),
      "cannot create '\(error.subject)': \(error.reason); "
        + (error.isOutOfRoom ? "make room, or choose another --output" : "choose another --output"))
  }
}
