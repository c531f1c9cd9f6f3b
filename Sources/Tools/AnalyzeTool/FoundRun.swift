import Analysis
import RunRecord

/// A run at one of a call's paths.
struct FoundRun {
  let run: MultiHostRun
  /// The run's name in tables.
  let name: String
  /// Why its directories are not a whole run; nil when they are.
  let problem: RunRecordError?

  /// Opens its files.
  ///
  /// - Throws: ``RunRecordError`` when it is not whole, or a file is missing or malformed.
  func open() throws(RunRecordError) -> StoredRun {
    if let problem { throw problem }
    return try StoredRun(run, name: name)
  }
}
