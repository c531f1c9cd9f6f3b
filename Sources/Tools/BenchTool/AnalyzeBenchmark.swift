import CommandLineKit
import SystemCalls

/// `analyze` as a whole process, beside polars, DuckDB and `wc -l` on the same journals.
///
/// Of three machines' time, as sampled, reading lines takes 27 %, the kernel, which mostly copies
/// out of the page cache, 17 %, the figures of each machine 23 % and drift 24 %. Mapped files save
/// 11 % of reading alone, but a file that is cut short meanwhile ends the process by a signal; so
/// they are read. To look up drift without a branch takes longer: the processor predicts well how
/// many readings were reached since the event before.
struct AnalyzeBenchmark: Benchmark {
  static let name = "analyze"
  static let summary = "the machine table compared with polars, DuckDB and wc -l; see --lines"

  private let repetitions = 5
  private let lineCount: Int
  private let toolDirectory = FileSystem.parentPath(of: ThisProcess.executablePath)

  init(options: BenchmarkOptions) {
    lineCount = options.lineCount ?? 15_000_000
  }

  /// A run to analyse.
  private struct Case {
    let name: String
    /// The machines, as `scalemodel run` takes them.
    let words: [String]
    let linesPerSecond: Double
  }

  // Queues stay short at these rates, as in a run worth analysing; among a thousand machines with
  // rates from 1 to 6 some are overwhelmed.
  private static let cases = [
    Case(name: "3 machines", words: ["--rates", "4,5,6"], linesPerSecond: 15),
    Case(
      name: "1,000 machines", words: ["--machines", "1000", "--topology", "random:4"],
      linesPerSecond: 3500),
  ]

  /// The programs measured.
  private enum Contestant: CaseIterable {
    case table, checks, lineCounter, polars, polarsWithoutDrift, duckDB, duckDBWithoutDrift

    var name: String {
      switch self {
      case .table: "analyze"
      case .checks: "analyze --check"
      case .lineCounter: "wc -l"
      case .polars: "polars, same table"
      case .polarsWithoutDrift: "polars, without drift"
      case .duckDB: "DuckDB, same table"
      case .duckDBWithoutDrift: "DuckDB, without drift"
      }
    }

    /// The script in `experiments/benchmarks`, and its arguments besides the run.
    var script: (file: String, words: [String])? {
      switch self {
      case .table, .checks, .lineCounter: nil
      case .polars: ("machine_table_polars.py", [])
      case .polarsWithoutDrift: ("machine_table_polars.py", ["--without-drift"])
      case .duckDB: ("machine_table_duckdb.py", [])
      case .duckDBWithoutDrift: ("machine_table_duckdb.py", ["--without-drift"])
      }
    }
  }

  /// One measurement.
  private struct Sample {
    let seconds: Double
    let peakByteCount: Int
  }

  func measure() throws -> [BenchmarkTable] {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(directory) }
    for tool in ["analyze", "scalemodel"] where !FileSystem.exists("\(toolDirectory)/\(tool)") {
      throw ToolFailure(
        .failed, "\(toolDirectory)/\(tool) is not built: swift build -c release")
    }
    return try Self.cases.map { item in
      let run = directory + "/run"
      try FileSystem.removeTree(run)
      try makeJournals(item, at: run)
      return try compare(item, run, directory: directory)
    }
  }

  private func makeJournals(_ item: Case, at run: String) throws {
    let seconds = max(100, Int(Double(lineCount) / item.linesPerSecond))
    let outcome = try ToolProcess(
      toolDirectory + "/scalemodel",
      ["run", "--runtime", "virtual", "--quiet", "--seed", "7", "--duration", "\(seconds)s"]
        + ["--snapshot-at", "10s", "--snapshot-at", "60s", "--output", run] + item.words
    ).finish(seconds: 600)
    guard outcome.exitCode == 0 else {
      throw ToolFailure(.failed, "scalemodel run failed: \(outcome.error)")
    }
  }

  private func compare(
    _ item: Case, _ run: String, directory: String
  ) throws -> BenchmarkTable {
    var samples = Contestant.allCases.map { _ in [Sample]() }
    var left = Set<String>()
    for _ in 0..<repetitions {
      for (index, contestant) in Contestant.allCases.enumerated() {
        if let script = contestant.script, left.contains(script.file) { continue }
        if let sample = try measure(contestant, run, directory: directory) {
          samples[index].append(sample)
        } else if let script = contestant.script {
          left.insert(script.file)
        }
      }
    }
    var table = BenchmarkTable(
      title: "analyze: \(item.name), about \(lineCount) lines, medians of \(repetitions)",
      columns: ["", "seconds", "lowest", "highest", "times analyze", "peak MB", "asked"], rows: [],
      notes: [
        "alternating; scripts: without Python's start, and they end with the same figures to 9 "
          + "digits, or this fails"
      ])
    let ours = Figure.median(samples[0].map(\.seconds))
    for (index, contestant) in Contestant.allCases.enumerated() where !samples[index].isEmpty {
      table.rows.append(row(contestant, samples[index], ours: ours))
    }
    if let (table1, checks) = Self.medians(samples), checks > 0 {
      table.notes.append(
        "polars' table alone takes \(Figure.text(table1 / checks)) times as long as all checks "
          + "(asked: >= 2.0)")
    }
    for file in left.sorted() {
      table.notes.append("left out: python3 cannot run \(file) (pip install polars duckdb)")
    }
    return table
  }

  /// Of polars' table and of our checks; nil without polars.
  private static func medians(_ samples: [[Sample]]) -> (polars: Double, checks: Double)? {
    let contestants = Contestant.allCases
    guard let polars = contestants.firstIndex(of: .polars), !samples[polars].isEmpty,
      let checks = contestants.firstIndex(of: .checks)
    else { return nil }
    return (
      Figure.median(samples[polars].map(\.seconds)), Figure.median(samples[checks].map(\.seconds))
    )
  }

  private func row(_ contestant: Contestant, _ samples: [Sample], ours: Double) -> [String] {
    let seconds = samples.map(\.seconds)
    let asked =
      switch contestant {
      case .table, .checks: "< 200 MB"
      case .lineCounter: ">= 0.4"
      case .polars: ">= 8.0"
      case .duckDB: ">= 20.0"
      case .polarsWithoutDrift, .duckDBWithoutDrift: ""
      }
    return [
      contestant.name, Figure.text(Figure.median(seconds), digits: 3),
      Figure.text(seconds.min() ?? .nan, digits: 3), Figure.text(seconds.max() ?? .nan, digits: 3),
      Figure.text(Figure.median(seconds) / ours, digits: 2),
      Figure.text(samples.map { Double($0.peakByteCount) / 1e6 }.max() ?? .nan, digits: 0), asked,
    ]
  }

  /// Measures once; nil when a script's library is not installed.
  private func measure(
    _ contestant: Contestant, _ run: String, directory: String
  ) throws -> Sample? {
    let ourTable = directory + "/machines.csv"
    let process: MeasuredProcess
    switch contestant {
    case .table:
      process = try MeasuredProcess(toolDirectory + "/analyze", [run], output: ourTable)
    case .checks:
      process = try MeasuredProcess(toolDirectory + "/analyze", [run, "--check"])
    case .lineCounter:
      process = try MeasuredProcess(
        "/bin/sh", ["-c", "exec wc -l machine-*.csv"], directory: run)
    case .polars, .polarsWithoutDrift, .duckDB, .duckDBWithoutDrift:
      guard let script = contestant.script, let python = ReferencePrograms.inPath("python3") else {
        return nil
      }
      return try measure(
        python, [try ReferencePrograms.path(of: script.file), run] + script.words,
        comparedWith: ourTable, directory: directory)
    }
    guard process.ending == .exited(code: 0) else {
      throw ToolFailure(.failed, "\(contestant.name) failed")
    }
    return Sample(seconds: process.seconds, peakByteCount: process.peakByteCount)
  }

  /// Runs a script, whose first line says how long it took, and compares its table with ours.
  private func measure(
    _ python: String, _ words: [String], comparedWith ourTable: String, directory: String
  ) throws -> Sample? {
    let output = directory + "/script-output"
    let process = try MeasuredProcess(python, words, output: output)
    // The scripts exit like this when their library is missing.
    if process.ending == .exited(code: 69) { return nil }
    var lines = String(decoding: try FileSystem.contents(output), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    guard process.ending == .exited(code: 0), !lines.isEmpty,
      let seconds = Double(lines.removeFirst())
    else { throw ToolFailure(.failed, "\(words[0]) failed") }
    let ours = String(decoding: try FileSystem.contents(ourTable), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    if let difference = FigureTable.difference(between: lines, and: ours) {
      throw ToolFailure(.failed, "\(words[0]): \(difference)")
    }
    return Sample(seconds: seconds, peakByteCount: process.peakByteCount)
  }
}

/// Compares two CSV tables, figure by figure.
enum FigureTable {
  /// The first figure that differs beyond 9 digits; the second table may have more columns; nil for
  /// none.
  static func difference(between first: [String], and second: [String]) -> String? {
    guard let columns = first.first?.split(separator: ","),
      let others = second.first?.split(separator: ",")
    else { return "a table is empty" }
    guard first.count == second.count else {
      return "\(first.count) rows instead of \(second.count)"
    }
    let indices = columns.map { others.firstIndex(of: $0) }
    for (row, other) in zip(first, second).dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      let otherFields = other.split(separator: ",", omittingEmptySubsequences: false)
      for (column, field) in fields.enumerated() {
        guard let index = indices[column] else { return "there is no column '\(columns[column])'" }
        if !isSame(field, otherFields[index]) {
          return "\(columns[column]) is \(field) instead of \(otherFields[index]) in '\(other)'"
        }
      }
    }
    return nil
  }

  private static func isSame(_ first: Substring, _ second: Substring) -> Bool {
    guard let one = Double(first), let other = Double(second) else { return first == second }
    return abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
  }
}
