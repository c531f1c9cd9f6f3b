import SystemCalls

/// Why a run directory, or a file in it, cannot be read.
package enum RunRecordError: Error, Hashable, Sendable {
  /// There is no such file.
  case missing(path: String)
  /// The system refuses to read it.
  case unreadable(SystemError)
  /// It is there, but not what it should be; lines count from 1, the header included.
  case malformed(path: String, line: Int?, column: String?, problem: String)
}

extension RunRecordError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let path):
      return "'\(path)' does not exist"
    case .unreadable(let error):
      return "cannot read '\(error.subject)': \(error.reason)"
    case .malformed(let path, let line, let column, let problem):
      let place = [line.map { "line \($0)" }, column.map { "column '\($0)'" }].compactMap { $0 }
      return (["'\(path)'"] + place).joined(separator: ", ") + ": \(problem)"
    }
  }
}
