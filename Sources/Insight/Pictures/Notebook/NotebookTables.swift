import Analysis
import CommandLineKit
import Experiments
import ScaleModel

/// The tables of a page: each figure beside its prediction, rounded to significant digits.
struct NotebookTables {
  private let findings: SweepFindings
  private let folder: String

  /// The most machines of a configuration on a page.
  private static let machineCountMax = 5
  /// The most rows of a table.
  private static let rowCountMax = 200

  private static let columns: [(figure: MachineColumn, title: String)] = [
    (.receiveShare, "share of receipts"), (.jumpMean, "mean jump"), (.jumpMax, "largest jump"),
    (.finalClock, "final clock"), (.driftFinal, "final drift"), (.queueFinal, "final queue"),
    (.queueMax, "longest queue"),
  ]

  init(_ findings: SweepFindings, folder: String) {
    (self.findings, self.folder) = (findings, folder)
  }

  var text: String {
    guard !findings.statistics.groups.isEmpty else {
      return "## Tables\n\nNo run has finished yet.\n"
    }
    let machines =
      findings.hasMeasures
      ? "<details>\n<summary>Machines</summary>\n\n" + overview + "</details>\n\n" : overview
    return "## Tables\n\n" + measures + machines + snapshots + wrongMessages + costs + initiators
      + singleRuns + trace
  }

  /// The heading and the first rows of a table, and how many are left out.
  private func table(_ rows: [[String]]) -> String {
    let hiddenCount = rows.count - 1 - Self.rowCountMax
    return MarkdownText.table(
      Array(rows.prefix(1 + Self.rowCountMax)), numbersFrom: findings.experiment.axes.count) + "\n"
      + (hiddenCount > 0 ? "\(counted(hiddenCount, "more row")) left out.\n\n" : "")
  }

  // MARK: Measures of workloads

  /// What workloads measure, beside their laws; empty when none names a measure.
  private var measures: String {
    let names = findings.statistics.measureNames
    if names.isEmpty { return "" }
    let groups = findings.statistics.groups
    let predicted = names.filter { name in
      groups.contains { $0.measures[name]?.predicted != nil }
    }
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + ["runs"]
        + names.flatMap { name in
          [MarkdownText.cell(name)] + (predicted.contains(name) ? ["predicted"] : [])
        }
    ]
    for group in groups {
      rows.append(
        axisCells(of: group.number) + ["\(group.runCount)"]
          + names.flatMap { name in
            let measure = group.measures[name]
            return [RoundedText.estimate(measure?.figure ?? SampleMoments())]
              + (predicted.contains(name)
                ? [DecimalText.digits(measure?.predicted, 4)] : [])
          })
    }
    return "What the workloads measure, means over repetitions with their 95 % intervals, beside "
      + "what their laws predict.\n\n"
      + table(rows)
  }

  // MARK: Over repetitions

  private var overview: String {
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + ["machine", "rate", "runs"]
        + Self.columns.flatMap { figure, title in
          [title] + (FluidPrediction.predicts(figure) ? ["predicted"] : [])
        }
    ]
    var isCut = false
    for group in findings.statistics.groups {
      let shown = Self.shown(group)
      isCut = isCut || shown.count < group.machines.count
      for machine in shown {
        rows.append(axisCells(of: group.number) + cells(of: machine, in: group))
      }
    }
    isCut = isCut || rows.count > 1 + Self.rowCountMax
    return "Means over repetitions with their 95 % intervals (Student's t), beside what the fluid "
      + "model predicts."
      + (drawsRates ? " Rates are drawn, so machines stand in the order of their rates." : "")
      + (findings.window.isWhole
        ? ""
        : " Only events \(findings.window.words) of every run are counted; checks and figures "
          + "over time are of whole runs.")
      + (isCut ? " Not all machines are shown\(cutRemedy)." : "") + "\n\n"
      + table(rows)
  }

  /// Where the machines are that are not shown.
  private var cutRemedy: String {
    findings.hasMeasures ? "" : "; `runs.csv` has them"
  }

  private var drawsRates: Bool {
    findings.statistics.groups.contains { group in group.machines.contains { $0.machine == nil } }
  }

  /// All machines in id order; of many, the slowest, the fastest and some in between.
  static func shown(_ group: RunGroup) -> [MachineStatistics] {
    guard group.machines.count > machineCountMax else { return group.machines }
    let ranked = group.machines.sorted { $0.rank < $1.rank }
    return (0..<machineCountMax).map { ranked[$0 * (ranked.count - 1) / (machineCountMax - 1)] }
  }

  /// A machine's name on a page: its id, or its rank among drawn rates.
  static func name(of machine: MachineStatistics, in group: RunGroup) -> String {
    if let id = machine.machine { return "\(id)" }
    if machine.rank == 1 { return "slowest" }
    if machine.rank == group.machines.count { return "fastest" }
    return group.machines.count == 3 ? "middle" : "rank \(machine.rank)"
  }

  private func axisCells(of configuration: Int) -> [String] {
    findings.parameters(of: configuration).map { MarkdownText.cell($0.text) }
  }

  private func cells(of machine: MachineStatistics, in group: RunGroup) -> [String] {
    [
      Self.name(of: machine, in: group), RoundedText.estimate(machine.figure(.rateHz)),
      "\(group.runCount)",
    ]
      + Self.columns.flatMap { column, _ in
        let text = RoundedText.estimate(machine.figure(column))
        guard FluidPrediction.predicts(column) else { return [text] }
        return [text, DecimalText.digits(machine.prediction(of: column), 3)]
      }
  }

  // MARK: Snapshots

  private var snapshots: String {
    let configurations = findings.snapshots.keys.sorted()
    guard !configurations.isEmpty else { return "" }
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + [
        "snapshots a run", "complete", "latency", "messages in inboxes", "messages on channels",
      ]
    ]
    for configuration in configurations {
      guard let figures = findings.snapshots[configuration] else { continue }
      rows.append(
        axisCells(of: configuration) + [
          RoundedText.estimate(figures.count),
          DecimalText.short(100 * (figures.completeShare.mean ?? 0)) + " %",
          RoundedText.estimate(figures.latencyMicroseconds, scaledBy: 1e-3) + " ms",
          RoundedText.estimate(figures.inboxMessages),
          RoundedText.estimate(figures.channelMessages),
        ])
    }
    return "Snapshots: means of each run's, over repetitions.\n\n"
      + table(rows)
  }

  /// What complete snapshots have wrong, and how many are complete, where the plan gives up what
  /// they need.
  private var wrongMessages: String {
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + [
        "complete", "predicted", "wrong messages", "predicted", "snapshots with any", "predicted",
      ]
    ]
    func percent(_ share: Double?) -> String {
      share.map { DecimalText.digits(100 * $0, 3) + " %" } ?? "–"
    }
    func percent(_ shares: SampleMoments) -> String {
      shares.count == 0 ? "–" : RoundedText.estimate(shares, scaledBy: 100) + " %"
    }
    for configuration in findings.snapshots.keys.sorted() {
      guard let figures = findings.snapshots[configuration],
        figures.wrongMessages.count > 0 || figures.predictedCompleteShare != nil
      else { continue }
      rows.append(
        axisCells(of: configuration) + [
          percent(figures.completeShare),
          percent(figures.predictedCompleteShare),
          RoundedText.estimate(figures.wrongMessages),
          DecimalText.digits(figures.wrongLaw?.mean, 3),
          percent(figures.wrongShare),
          percent(figures.wrongLaw?.share),
        ])
    }
    guard rows.count > 1 else { return "" }
    return
      "Wrong messages of complete snapshots: those that are missed, doubled or orphans. Predicted "
      + "are (1 − p)^(N(N−1)) for loss p, and without order N(N−1)·μ·E|D₁−D₂| for Poisson sends."
      + "\n\n"
      + table(rows)
  }

  /// What complete snapshots cost, where algorithms are compared.
  private var costs: String {
    guard findings.comparesAlgorithms else { return "" }
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + [
        "latency", "predicted", "control messages", "predicted", "bits on each message",
        "bytes of history",
      ]
    ]
    for configuration in findings.snapshots.keys.sorted() {
      guard let figures = findings.snapshots[configuration] else { continue }
      let latency = figures.laws?.latencySeconds.map { DecimalText.digits($0 * 1e3, 3) + " ms" }
      rows.append(
        axisCells(of: configuration) + [
          RoundedText.estimate(figures.latencyMicroseconds, scaledBy: 1e-3) + " ms", latency ?? "–",
          RoundedText.estimate(figures.controlMessages),
          DecimalText.digits(figures.laws?.controlMessages, 3), figures.usesRounds ? "1" : "0",
          RoundedText.estimate(figures.historyBytes),
        ])
    }
    return "What complete snapshots cost. Control messages are markers, notices or requests to "
      + "record, and copies of messages in transit. The bit is the message's colour; our messages "
      + "carry the round's number, which tells as much.\n\n"
      + table(rows)
  }

  /// The messages on channels by initiator, where a law predicts them.
  private var initiators: String {
    var rows = [
      findings.experiment.axes.map { MarkdownText.cell($0.name) } + [
        "begun by machine", "complete snapshots", "messages on channels", "predicted",
      ]
    ]
    for configuration in findings.snapshots.keys.sorted() {
      for figures in findings.snapshots[configuration]?.initiators ?? [] {
        guard let predicted = figures.predicted else { continue }
        rows.append(
          axisCells(of: configuration) + [
            "\(figures.initiator)", "\(figures.snapshotCount)",
            RoundedText.estimate(figures.channelMessages), DecimalText.digits(predicted, 3),
          ])
      }
    }
    guard rows.count > 1 else { return "" }
    return
      "Complete snapshots by initiator. Predicted: the fluid model's messages a second on "
      + "each channel, times the time it is open. With a delay d on every channel of a complete "
      + "graph that is 2d for a channel into the initiator, 0 for one out of it, d for the others."
      + "\n\n"
      + table(rows)
  }

  // MARK: Run by run

  private var singleRuns: String {
    guard findings.hasAllRunRows, !findings.runRows.isEmpty else { return "" }
    let columns: [(MachineColumn, title: String)] = [
      (.rateHz, "rate"), (.finalClock, "final clock"), (.jumpMean, "mean jump"),
      (.jumpMax, "largest jump"), (.driftFinal, "final drift"), (.queueMax, "longest queue"),
      (.queueFinal, "final queue"), (.predictedQueueFinal, "predicted"),
    ]
    var rows = [["run", "seed", "machine"] + columns.map(\.title)]
    for (run, row) in findings.runRows {
      rows.append(
        ["\(run.number)", "\(run.seed)", row[.machine].text]
          + columns.map { column, _ in
            DecimalText.digits(row[column].value, 4)
          })
    }
    return "<details>\n<summary>Run by run</summary>\n\n"
      + MarkdownText.table(rows, numbersFrom: 0) + "\n</details>\n\n"
  }

  private var trace: String {
    let names = findings.tables.map(\.name)
    return "Every number above comes from "
      + names.map { "[`\($0)`](\(ShownText.percentEncoded(folder))/\($0))" }.joined(separator: ", ")
      + ". In `runs.csv`, `group` numbers the configurations in the order of the table; each "
      + "figure has the columns `_mean`, `_sd`, `_low`, `_high` and, where it is predicted, "
      + "`predicted_…`. "
      + "`\(findings.hasMeasures ? "measures" : "machines").csv` has the figures of each run.\n"
  }
}

extension RoundedText {
  /// The mean of a sample in another unit, with half its interval.
  static func estimate(_ sample: SampleMoments, scaledBy factor: Double = 1) -> String {
    estimate(
      mean: sample.mean.map { $0 * factor },
      interval: sample.interval.map { ($0.lowerBound * factor)...($0.upperBound * factor) })
  }
}
