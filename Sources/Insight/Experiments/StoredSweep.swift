import RunRecord
import SystemCalls
import TextFormats

/// A sweep as read from its directory: the experiment, and which of its runs are there.
package struct StoredSweep: Sendable {
  /// The sweep's directory.
  package let directory: SweepDirectory
  /// How the sweep was begun and continued.
  package let state: SweepState
  /// The experiment with the runtime that the sweep began with.
  package let experiment: Experiment
  /// The bytes of the copied experiment file.
  package let bytes: [UInt8]

  /// Why a directory cannot be read as a sweep.
  package enum Failure: Error, Sendable {
    /// The directory does not contain a sweep.
    case notASweep(path: String)
    /// A file cannot be read, or `sweep.json` is malformed or of an unknown schema.
    case unreadable(RunRecordError)
    /// The copy of the experiment file was edited and is malformed.
    case malformed(ExperimentError)
  }

  /// Reads what the runs have in common, without opening the runs.
  ///
  /// - Throws: ``Failure``.
  package init(_ directory: SweepDirectory) throws(Failure) {
    self.directory = directory
    guard FileSystem.exists(directory.statePath) else { throw .notASweep(path: directory.path) }
    let state: SweepState
    do throws(RunRecordError) {
      state = try JSONText.decode(fileAt: directory.statePath)
      bytes = try TextFile.bytes(of: directory.experimentPath)
    } catch {
      throw .unreadable(error)
    }
    let known = SweepState.knownSchemas
    guard known.contains(state.schema) else {
      throw .unreadable(
        .malformed(
          path: directory.statePath, line: nil, column: "schema",
          problem: "schema \(state.schema) is not one this version reads "
            + "(\(known.lowerBound) to \(known.upperBound))"))
    }
    do throws(ExperimentError) {
      var experiment: Experiment?
      for text in state.earlier ?? [] {
        experiment = try Experiment(
          parsing: Array(text.utf8), path: directory.statePath, name: state.experiment,
          runtime: state.runtime, continuing: experiment)
      }
      self.experiment = try Experiment(
        parsing: bytes, path: directory.experimentPath, name: state.experiment,
        runtime: state.runtime, continuing: experiment)
    } catch {
      throw .malformed(error)
    }
    self.state = state
  }

  /// The runs that have begun, by configuration and repetition, with their directories.
  package var recordedRuns: [(run: PlannedRun, directory: RunDirectory)] {
    experiment.runs.sorted { ($0.configuration, $0.repetition) < ($1.configuration, $1.repetition) }
      .map { ($0, directory.directory(of: $0)) }.filter { $0.directory.holdsRun }
  }
}
