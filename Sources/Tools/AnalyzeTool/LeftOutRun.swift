import CommandLineKit
import RunRecord

/// A damaged run, left out of the analysis of several.
struct LeftOutRun: Encodable {
  /// Its name in tables.
  let run: String
  /// Why it cannot be analysed.
  let error: RunRecordError

  enum CodingKeys: CodingKey { case run, problem }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run, forKey: .run)
    try container.encode("\(error)", forKey: .problem)
  }
}

extension [LeftOutRun] {
  /// Adds a damaged run, and prints a warning.
  mutating func add(_ run: String, because error: RunRecordError, warningOn console: Console) {
    append(LeftOutRun(run: run, error: error))
    console.warn("\(run) is left out: \(error)")
  }

  /// The error line about them; nil without any.
  var problem: String? {
    guard let first else { return nil }
    return count == 1
      ? "1 run is left out (\(first.run)); correct it or do it again"
      : "\(count) runs are left out (the first: \(first.run)); correct them or do them again"
  }
}
