import Analysis
import CommandLineKit
import Experiments
import Pictures
import RunRecord
import ScaleModel
import TextFormats

/// The results of a sweep's finished runs: clock jumps, drift and queues per configuration, and the
/// pace of wall-time machines.
struct SweepFigures {
  /// The figures of one configuration, over its runs.
  struct Configuration: Encodable {
    let number: Int
    /// The axes' values, in the order of the axes.
    let parameters: [Setting]
    /// One per column of ``SweepFigures/columns``.
    fileprivate(set) var figures = SweepFigures.columns.map { _ in SampleMoments() }
    fileprivate(set) var runCount = 0
    /// What its workload measures, over its runs; empty when it names nothing.
    fileprivate(set) var measures: [MeasureStatistics] = []

    /// The parameters in words; an experiment without axes has one configuration.
    var label: String {
      parameters.isEmpty
        ? "all runs"
        : parameters.map { "\($0.option.key) \($0.text)" }.joined(separator: ", ")
    }
  }

  /// One per configuration that has a run, by number.
  private(set) var configurations: [Configuration] = []
  private(set) var pacing = PacingReport()

  /// The columns: per run the mean of all machines' mean jumps, and the largest of any machine
  /// for the others.
  static let columns: [(figure: MachineColumn, heading: String)] = [
    (.jumpMean, "jump mean"), (.jumpMax, "jump max"), (.driftMax, "drift max"),
    (.queueMax, "queue max"), (.queueFinal, "queue end"),
  ]
  private static let rowCountMax = 200
  private static let widthMax = 80

  /// The runs that were not read, and why.
  private var problems: [String] = []
  private var isCut = false

  /// Reads the journals of the runs.
  ///
  /// - Parameters:
  ///   - plan: The sweep.
  ///   - part: The runs of this call.
  ///   - isInterrupted: Whether to skip the remaining runs.
  init(plan: SweepPlan, part: SweepPart, isInterrupted: () -> Bool) {
    let runs = part.runs.sorted {
      ($0.configuration, $0.repetition) < ($1.configuration, $1.repetition)
    }
    for run in runs {
      isCut = isInterrupted()
      if isCut { break }
      do throws(RunRecordError) {
        let recorded = try StoredRun(plan.directory.directory(of: run), name: run.directoryName)
        let found = try RunFindings(of: recorded)
        if plan.expectation(of: run).isWallTime { pacing.add(found) }
        add(found, of: run)
      } catch {
        problems.append("\(error)")
      }
    }
  }

  private mutating func add(_ found: RunFindings, of run: PlannedRun) {
    if configurations.last?.number != run.configuration {
      configurations.append(Configuration(number: run.configuration, parameters: run.parameters))
    }
    let last = configurations.count - 1
    configurations[last].runCount += 1
    configurations[last].measures.add(found.measures)
    for (index, (column, _)) in Self.columns.enumerated() {
      let values = found.machines.compactMap { $0[column].value }
      guard let largest = values.max() else { continue }
      configurations[last].figures[index].add(
        column == .jumpMean ? values.reduce(0, +) / Double(values.count) : largest)
    }
  }

  /// The warning; nil when all runs could be read and kept their pace.
  var warning: String? {
    if isCut { return "interrupted: not all runs are in these figures" }
    return problems.first.map { "a run could not be measured: \($0)" } ?? pacing.warning
  }

  /// A table of 80 columns at most; empty when no run could be read.
  var text: String {
    guard !configurations.isEmpty else { return "" }
    let shown = configurations.prefix(Self.rowCountMax)
    let header = ["runs"] + Self.columns.map(\.heading)
    let cells =
      [header]
      + shown.map { ["\($0.runCount)"] + $0.figures.map { $0.mean.map(Self.rounded) ?? "–" } }
    let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let labelWidth = max(12, Self.widthMax - widths.reduce(0) { $0 + $1 + 2 })
    let labels =
      ["configuration"] + shown.map { Self.cut(ShownText.escaped($0.label), to: labelWidth) }
    let hidden = configurations.count - shown.count
    return "means over runs: jump mean of all machines, the others of the worst machine\n\n"
      + TextTable(
        rows: zip(labels, cells).map { [$0] + $1 },
        alignments: [.left] + header.map { _ in .right }
      ).text + (hidden > 0 ? "… and \(counted(hidden, "configuration")) more\n" : "") + "\n"
      + measureText(of: shown)
  }

  /// What workloads measure, beside what their laws predict, below the name of each configuration;
  /// empty when no workload names a measure.
  private func measureText(of shown: ArraySlice<Configuration>) -> String {
    let rows = shown.flatMap(\.measures).map { measure in
      [measure.name]
        + [measure.figure.mean, measure.predicted].map { DecimalText.digits($0, 4) }
    }
    if rows.isEmpty { return "" }
    let table = TextTable(
      rows: [["measure", "mean", "predicted"]] + rows, alignments: [.left, .right, .right])
    var lines = table.text.split(separator: "\n")[...]
    var text = "  \(lines.removeFirst())\n"
    for configuration in shown where !configuration.measures.isEmpty {
      text += Self.cut(ShownText.escaped(configuration.label), to: Self.widthMax) + "\n"
      for _ in configuration.measures { text += "  \(lines.removeFirst())\n" }
    }
    return text + "\n"
  }

  private static func cut(_ label: String, to width: Int) -> String {
    label.count <= width ? label : label.prefix(width - 1) + "…"
  }

  private static func rounded(_ value: Double) -> String {
    (value < 0 ? "-" : "") + PacingReport.twoDecimals(min(abs(value), 1e15))
  }
}

extension SweepFigures.Configuration {
  /// Writes the number, the parameters by their names, and a mean per figure.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    try container.encode(number, forKey: AnyKey(stringValue: "configuration"))
    try container.encode(runCount, forKey: AnyKey(stringValue: "runs"))
    let texts = parameters.map { ($0.option.key, $0.text) }
    try container.encode(
      Dictionary(texts, uniquingKeysWith: { first, _ in first }),
      forKey: AnyKey(stringValue: "parameters"))
    for measure in measures {
      try container.encode(measure.figure.mean, forKey: AnyKey(stringValue: measure.name))
      try container.encodeIfPresent(
        measure.predicted, forKey: AnyKey(stringValue: "predicted_\(measure.name)"))
    }
    for (column, moments) in zip(SweepFigures.columns, figures) {
      try container.encode(moments.mean, forKey: AnyKey(stringValue: column.figure.name))
    }
  }
}
