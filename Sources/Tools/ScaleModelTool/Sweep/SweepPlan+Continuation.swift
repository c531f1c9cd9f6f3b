import CommandLineKit
import Experiments
import RunRecord
import ScaleModel

extension StoredSweep {
  /// The sweep in a directory, to be resumed.
  ///
  /// - Returns: Nil when there is none yet.
  /// - Throws: `ToolFailure` when the directory cannot be read as a sweep.
  static func begun(in directory: SweepDirectory) throws(ToolFailure) -> StoredSweep? {
    do throws(StoredSweep.Failure) {
      return try StoredSweep(directory)
    } catch {
      switch error {
      case .notASweep: return nil
      case .malformed(let error):
        throw ToolFailure(.malformedInput, "\(error); choose another --output")
      case .unreadable(let error):
        let failure = ToolFailure(unreadableRun: error)
        throw ToolFailure(failure.exitCode, "\(failure.message); choose another --output")
      }
    }
  }
}

extension SweepPlan {
  /// Whether the experiment file has changed.
  var changesFile: Bool { (try? fileDifferences)?.isEmpty == false }

  /// Why the existing sweep cannot be resumed: some of its runs would change or disappear.
  var refusal: ToolFailure? {
    get throws(ToolFailure) {
      guard let begun else { return nil }
      let start = "'\(file)' is not what the sweep in '\(directory.path)' began with: "
      let remedy = "; put that back, or choose another --output"
      var lines: [String] = []
      if begun.state.experiment != experiment.name {
        lines.append("the name was \(begun.state.experiment), is \(experiment.name)")
      }
      if begun.state.runtime != runtime {
        let words = [begun.state.runtime, runtime].map { $0.map { "'\($0)'" } ?? "not given" }
        lines.append("--runtime was \(words[0]), is \(words[1])")
      }
      let missing = experiment.missingRuns(of: begun.experiment)
      if let first = missing.first {
        lines += try fileDifferences
        lines.append(
          "that changes or leaves out \(counted(missing.count, "run")) (\(first.directoryName)"
            + (missing.count > 1 ? ", …)" : ")"))
      }
      return lines.isEmpty
        ? nil : ToolFailure(.cannotCreate, start + lines.joined(separator: "; ") + remedy)
    }
  }

  /// The changes of the experiment file, key by key.
  private var fileDifferences: [String] {
    get throws(ToolFailure) {
      guard let begun else { return [] }
      do throws(ExperimentError) {
        return try ExperimentDifference.lines(
          old: begun.bytes, oldPath: directory.experimentPath, new: bytes, newPath: file)
      } catch {
        throw ToolFailure(.malformedInput, "\(error); choose another --output")
      }
    }
  }
}
