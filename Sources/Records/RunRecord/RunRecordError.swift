import SystemCalls

/// Why a run directory, or a file in it, cannot be read.
package enum RunRecordError: Error, Hashable, Sendable {
  /// The file does not exist.
  case missing(path: String)
  /// It exists, but is neither a run nor a directory of runs.
  case notARun(path: String)
  /// The run kept no journals.
  case noJournals(path: String)
  /// The run ended for this reason before its machines began.
  case neverBegan(path: String, reason: String)
  /// A run on several hosts is incomplete: these machines' directories are missing.
  case missingParts(paths: [String], machineCount: Int, missing: [Int])
  /// Two directories hold the same machine of the same run.
  case doubledPart(path: String, machine: Int, otherPath: String)
  /// Reading it takes more memory than is left.
  case tooLarge(path: String, MemoryShortage)
  /// The system refuses to read it.
  case unreadable(SystemError)
  /// It exists, but is malformed; lines count from 1, the header included.
  case malformed(path: String, line: Int?, column: String?, problem: String)
}

extension RunRecordError: CustomStringConvertible {
  /// The error and its location, in one line.
  package var description: String {
    switch self {
    case .missing(let path):
      return "'\(path)' does not exist"
    case .notARun(let path):
      return "'\(path)' is not a run and has none in it; a run has a file run.json"
    case .noJournals(let path):
      return "the run '\(path)' kept no journals; run it with --journal on"
    case .neverBegan(let path, let reason):
      return "the run '\(path)' never began (\(reason)), so it has no journals; run it again"
    case .missingParts(let paths, let machineCount, let missing):
      let named = missing.map { "\($0)" }.joined(separator: ", ")
      return "\(paths.map { "'\($0)'" }.joined(separator: ", ")) "
        + (paths.count == 1 ? "is one part" : "are \(paths.count) parts")
        + " of a run of \(machineCount) machines on several hosts; "
        + "give the directories of machine \(named) too"
    case .doubledPart(let path, let machine, let otherPath):
      return "'\(path)' and '\(otherPath)' both hold machine \(machine) of the same run; "
        + "leave one of them out"
    case .tooLarge(let path, let shortage):
      return "'\(path)' takes \(shortage)"
    case .unreadable(let error):
      return "cannot read '\(error.subject)': \(error.reason)"
    case .malformed(let path, let line, let column, let problem):
      let location = [line.map { "line \($0)" }, column.map { "column '\($0)'" }].compactMap { $0 }
      return (["'\(path)'"] + location).joined(separator: ", ") + ": \(problem)"
    }
  }
}
