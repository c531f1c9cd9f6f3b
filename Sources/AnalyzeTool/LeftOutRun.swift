import RunRecord

/// A damaged run that is left out of the analysis of several.
struct LeftOutRun: Encodable {
  /// What the tables would call it.
  let run: String
  /// Why it cannot be analysed.
  let error: RunRecordError

  init(_ run: String, _ error: RunRecordError) {
    (self.run, self.error) = (run, error)
  }

  /// What the user is told.
  var warning: String { "\(run) is left out: \(error)" }

  enum CodingKeys: CodingKey { case run, problem }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run, forKey: .run)
    try container.encode("\(error)", forKey: .problem)
  }

  /// What the error line says of the runs that were left out; nil without any.
  static func problem(_ runs: [LeftOutRun]) -> String? {
    guard let first = runs.first else { return nil }
    return runs.count == 1
      ? "1 run is left out (\(first.run)); mend it or do it again"
      : "\(runs.count) runs are left out (the first: \(first.run)); mend them or do them again"
  }
}
