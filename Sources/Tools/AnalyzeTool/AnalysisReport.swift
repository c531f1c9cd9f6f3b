import Analysis

/// The output of `analyze --json`: the tables of machines and snapshots, and the requested verdicts
/// and files.
struct AnalysisReport: Encodable {
  let machines: [MachineRow]
  let snapshots: [SnapshotRow]
  /// Nil when no run's workload names a measure.
  let measures: [MeasureRow]?
  /// Nil when clocks were not compared.
  let clocks: [ClockRow]?
  /// Nil when no check was asked for.
  let checks: [CheckResult]?
  /// Nil when no table was written.
  let files: [String]?
  /// The damaged runs among several; nil when there are none.
  let leftOut: [LeftOutRun]?
  /// The time window of the tables, in every run; nil for whole runs.
  let window: Window?

  enum CodingKeys: String, CodingKey {
    case machines, snapshots, measures, clocks, checks, files, window
    case leftOut = "left_out"
  }

  /// One verdict; a failed check has a location and a problem, a check that logs lack data for has
  /// a problem only.
  struct CheckResult: Encodable {
    let run: String
    let check: String
    let verdict: String
    let path: String?
    let line: Int?
    let problem: String?
  }

  /// A time window, in seconds since the run's start.
  struct Window: Encodable {
    let from: Double
    /// Nil for the run's end.
    let to: Double?

    /// Nil for whole runs.
    init?(_ window: TimeWindow) {
      if window.isWhole { return nil }
      from = Double(window.from ?? 0) / 1e9
      to = window.to.map { Double($0) / 1e9 }
    }

    enum CodingKeys: String, CodingKey {
      case from = "from_s"
      case to = "to_s"
    }
  }

  init(
    _ findings: [RunFindings], checks: Bool, files: [String], leftOut: [LeftOutRun] = [],
    window: TimeWindow = TimeWindow()
  ) {
    self.window = Window(window)
    self.leftOut = leftOut.isEmpty ? nil : leftOut
    machines = findings.flatMap(\.machines)
    snapshots = findings.flatMap(\.snapshots)
    let measures = findings.flatMap(\.measures)
    self.measures = measures.isEmpty ? nil : measures
    let clocks = findings.flatMap(\.clocks)
    self.clocks = clocks.isEmpty ? nil : clocks
    self.checks = checks ? findings.flatMap(Self.results) : nil
    self.files = files.isEmpty ? nil : files
  }

  private static func results(of found: RunFindings) -> [CheckResult] {
    found.verdicts.map { check, verdict in
      var violation: Verdict.Violation?
      var problem: String?
      switch verdict {
      case .failed(let first): (violation, problem) = (first, first.problem)
      case .lacking(let what), .limited(let what), .notClaimed(let what): problem = what
      case .ok, .vacuous: break
      }
      return CheckResult(
        run: found.name, check: check, verdict: verdict.word, path: violation?.path,
        line: violation?.line, problem: problem)
    }
  }
}
