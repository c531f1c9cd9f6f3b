import CommandLineKit
import Experiments
import RunRecord
import SystemCalls
import TextFormats

/// The directory of a sweep under way, locked against others that do the same runs.
struct SweepFolder {
  /// Held by this process and by every run it starts.
  let lock: FileLock

  private let plan: SweepPlan

  /// Byte 0 of the lock file is locked while the common files are written, byte k while a process
  /// is to do run k.
  private static let commonFilesByte = 0..<1
  /// How long to wait for a sweep that is just ending: a killed one's runs end with it.
  private static let waitNanoseconds: Int64 = 2_000_000_000

  /// Makes the directory, or resumes the sweep in it.
  ///
  /// - Parameters:
  ///   - plan: The sweep.
  ///   - part: The runs to do here.
  ///   - isResumed: Whether an existing sweep is resumed.
  /// - Throws: `ToolFailure` when it holds something else, or another sweep does these runs.
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

  // MARK: Existing files

  /// Refuses a directory with anything but a sweep.
  private static func checkForeign(_ directory: SweepDirectory) throws(SystemError) {
    let names = try FileSystem.entries(directory.path)
    let paths = [directory.experimentPath, directory.statePath, directory.lockPath]
    let own = paths.map { FileSystem.lastPart(of: $0) }.flatMap { [$0, $0 + ".partial"] }
    let isSweep = FileSystem.exists(directory.statePath)
    // A sweep that was killed before it wrote its state has left only its own files.
    guard isSweep || names.allSatisfy(own.contains) else {
      throw SystemError(call: "mkdir", subject: directory.path, number: ENOTEMPTY)
    }
  }

  /// Resumes the existing sweep, unless it changed since the plan was made.
  private func goOn(isResumed: Bool) throws(ToolFailure) {
    let path = plan.directory.path
    guard isResumed else {
      throw ToolFailure(
        .cannotCreate,
        "a sweep is in '\(path)' already; go on with it with --resume, or choose another --output")
    }
    let now = try StoredSweep.begun(in: plan.directory)
    // Another part of the same sweep may have written the common files since the plan was made: the
    // parts of an array begin together.
    if now?.state == state && now?.bytes == plan.bytes { return }
    guard let begun = plan.begun, now?.state == begun.state, now?.bytes == begun.bytes else {
      throw ToolFailure(
        .cannotCreate,
        "another call has just begun a sweep in '\(path)' or added runs to it; call this again")
    }
    if plan.changesFile { try writeAddition() }
  }

  /// The sweep's state once the common files are written.
  private var state: SweepState {
    guard let begun = plan.begun else {
      return SweepState(experiment: plan.experiment.name, runtime: plan.runtime)
    }
    let old = String(decoding: begun.bytes, as: UTF8.self)
    return plan.changesFile ? begun.state.adding(toRunsOf: old) : begun.state
  }

  // MARK: New files

  /// Writes the common files; the state, which marks the directory as a sweep, comes last.
  private func writeCommonFiles() throws(ToolFailure) {
    do throws(SystemError) {
      try FileSystem.replace(
        plan.directory.experimentPath, with: String(decoding: plan.bytes, as: UTF8.self))
      try FileSystem.replace(
        plan.directory.statePath, with: JSONText.encode(state) + "\n")
    } catch {
      throw Self.failure(error)
    }
  }

  /// Writes the experiment file with the added runs, after recording the earlier one, so that runs
  /// keep their numbers.
  private func writeAddition() throws(ToolFailure) {
    do throws(SystemError) {
      try FileSystem.replace(plan.directory.statePath, with: JSONText.encode(state) + "\n")
      try FileSystem.replace(
        plan.directory.experimentPath, with: String(decoding: plan.bytes, as: UTF8.self))
    } catch {
      throw Self.failure(error)
    }
  }

  private func lockRuns(of part: SweepPart) throws(ToolFailure) {
    // With more parts than runs, some have nothing to do.
    guard let first = part.runs.first?.number, let last = part.runs.last?.number else { return }
    do throws(SystemError) {
      if try lock.lock(first..<last + 1, waitingAtMost: Self.waitNanoseconds) { return }
    } catch {
      throw Self.failure(error)
    }
    throw ToolFailure(
      .cannotCreate,
      "another sweep is running in '\(plan.directory.path)'; wait for its end and --resume, or "
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
