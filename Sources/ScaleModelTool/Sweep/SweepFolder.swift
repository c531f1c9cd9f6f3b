import CommandLineKit
import Experiments
import RunRecord
import SystemCalls

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
      try checkSame(isResumed: isResumed)
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

  /// Refuses to go on with a sweep of other runs.
  private func checkSame(isResumed: Bool) throws(ToolFailure) {
    let path = plan.directory.path
    guard isResumed else {
      throw ToolFailure(
        .cannotCreate,
        "a sweep is in '\(path)' already; go on with it with --resume, or choose another --output")
    }
    let state: SweepState
    let before: [UInt8]
    do throws(RunRecordError) {
      state = try JSONText.decode(fileAt: plan.directory.statePath)
      before = try TextFile.bytes(of: plan.directory.experimentPath)
    } catch {
      throw ToolFailure(.malformedInput, "\(error); choose another --output")
    }
    guard state.schema == SweepState.currentSchema else {
      throw ToolFailure(
        .malformedInput,
        "the sweep in '\(path)' is of schema \(state.schema), which this version does not know; "
          + "choose another --output")
    }
    let differences = try differences(state: state, before: before)
    guard differences.isEmpty else {
      throw ToolFailure(
        .cannotCreate,
        "'\(plan.file)' is not what the sweep in '\(path)' began with: "
          + differences.joined(separator: "; ")
          + "; put that back, or choose another --output")
    }
  }

  private func differences(
    state: SweepState, before: [UInt8]
  ) throws(ToolFailure) -> [String] {
    var lines: [String] = []
    if state.experiment != plan.experiment.name {
      lines.append("the name was \(state.experiment), is \(plan.experiment.name)")
    }
    if state.runtime != plan.runtime {
      let words = [state.runtime, plan.runtime].map { $0.map { "'\($0)'" } ?? "not given" }
      lines.append("--runtime was \(words[0]), is \(words[1])")
    }
    do throws(ExperimentError) {
      return lines
        + (try ExperimentDifference.lines(
          old: before, oldPath: plan.directory.experimentPath, new: plan.bytes,
          newPath: plan.file))
    } catch {
      throw ToolFailure(.malformedInput, "\(error); choose another --output")
    }
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
