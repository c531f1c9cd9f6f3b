import Analysis
import CommandLineKit
import Experiments
import ScaleModel

/// The text of a page's sections.
package struct NotebookSections {
  private let findings: SweepFindings
  /// The page's path from the root of the project, for the commands on the page.
  private let pagePath: String
  /// The folder beside the page with its figures and tables.
  private let folder: String

  /// Writes the results of a sweep.
  ///
  /// - Parameters:
  ///   - findings: All runs of the sweep.
  ///   - pagePath: The page, from the root of the project.
  package init(_ findings: SweepFindings, pagePath: String) {
    (self.findings, self.pagePath) = (findings, pagePath)
    folder = Self.folderName(ofPage: pagePath)
  }

  /// The name of a page's folder.
  package static func folderName(ofPage path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".md") && name.count > 3 ? String(name.dropLast(3)) : name + "-files"
  }

  /// The figures for the page's folder, by file name.
  package var figures: [(name: String, svg: String)] {
    let charts = NotebookFigures(findings).charts.map { ($0.name, $0.chart) }
    let pictures = findings.pictures.flatMap { picture in
      picture.figures.map { (Self.name(of: $0, picture), $0.chart) }
    }
    return (charts + pictures).map { ($0.0 + ".svg", $0.1.svg(id: $0.0)) }
  }

  /// The file name of one run's figure.
  private static func name(
    of figure: RunFigures.Figure, _ picture: SweepFindings.RunPictures
  ) -> String {
    "run-\(picture.run.number)-\(figure.name)"
  }

  /// The text of a section, in whole lines.
  package func text(_ section: NotebookPage.Section) -> String {
    switch section {
    case .title: "# \(title)\n"
    case .question: question
    case .plan: plan
    case .commands: commands
    case .verdicts: verdicts
    case .tables: NotebookTables(findings, folder: folder).text
    case .figures: figureText
    }
  }

  /// The number and the title from the experiment's name.
  private var title: String {
    let number = findings.experiment.name.prefix { $0.isASCII && $0.isNumber }
    return (number.isEmpty ? "" : "\(number): ") + MarkdownText.line(findings.experiment.title)
  }

  private var question: String {
    let text = findings.experiment.question
    return text.isEmpty
      ? "The experiment file asks no question; write one as its key `question`.\n"
      : MarkdownText.prose(text) + "\n"
  }

  // MARK: Plan

  private var plan: String {
    let experiment = findings.experiment
    var rows = [["option", "value"]]
    for setting in experiment.fixedSettings {
      rows.append([setting.option.key, MarkdownText.cell(setting.text)])
    }
    for axis in experiment.axes {
      rows.append([axis.name, "varies: " + MarkdownText.cell(axis.texts.joined(separator: " · "))])
    }
    rows.append(["repetitions", "\(experiment.repetitionCount) of each configuration"])
    rows.append(["runs", "\(experiment.runs.count)"])
    let seeds = experiment.seedSharingAxes
    rows.append([
      "base seed",
      "\(experiment.baseSeed)"
        + (seeds.isEmpty ? "" : "; runs along \(seeds.joined(separator: ", ")) share their seeds"),
    ])
    return "## Plan\n\n" + MarkdownText.table(rows, numbersFrom: 2)
  }

  // MARK: Commands

  private var commands: String {
    let name = findings.experiment.name
    let sweep = "sweeps/\(name)"
    let runtime = findings.runtime.map { ["--runtime", $0] } ?? []
    let calls = [
      ["swift", "build", "-c", "release"],
      [".build/release/scalemodel", "sweep", "experiments/\(name).json"] + runtime,
      [".build/release/analyze", sweep, "--check"],
      [".build/release/analyze", sweep, "--notebook", pagePath]
        + findings.window.commandWords,
    ]
    return "## Commands\n\nTo reproduce the marked sections of this page from a fresh clone ("
      + (isVirtual ? "byte for byte" : "numbers agree within their intervals") + "):\n\n```sh\n"
      + calls.map { ShellWords.text($0) + "\n" }.joined()
      + "```\n"
  }

  private var isVirtual: Bool {
    let fixed = findings.experiment.fixedSettings.first { $0.option.key == "runtime" }?.text
    return fixed == "virtual"
  }

  // MARK: Verdicts

  private var verdicts: String {
    let runCount = findings.experiment.runs.count
    var text = "## Verdicts\n\n"
    let isWhole = findings.finishedCount == runCount
    text +=
      isWhole
      ? "All \(runCount) runs finished. "
      : "\(findings.finishedCount) of \(runCount) runs finished; the figures are of those. "
    if !findings.leftOut.isEmpty {
      let shown = findings.leftOut.prefix(5).map(MarkdownText.cell)
      let names = shown + (findings.leftOut.count > shown.count ? ["…"] : [])
      text += counted(
        findings.leftOut.count, "damaged run is left out", plural: "damaged runs are left out")
      text += ": " + names.joined(separator: ", ") + ". "
    }
    text += "Checked from the journals alone:\n\n"
    // Only sweeps with such plans have the column.
    let hasUnclaimed = findings.tallies.contains { $0.notClaimedCount > 0 }
    var rows = [["check", "ok", "vacuous"] + (hasUnclaimed ? ["not claimed"] : []) + ["FAILED"]]
    for tally in findings.tallies {
      rows.append(
        [tally.check, "\(tally.okCount)", "\(tally.vacuousCount)"]
          + (hasUnclaimed ? ["\(tally.notClaimedCount)"] : []) + ["\(tally.failed.count)"])
    }
    text += MarkdownText.table(rows, numbersFrom: 1)
    for tally in findings.tallies where !tally.failed.isEmpty {
      let shown = tally.failed.prefix(5).map(MarkdownText.cell).joined(separator: ", ")
      text += "\n**\(tally.check) FAILED** in \(shown)\(tally.failed.count > 5 ? ", …" : "").\n"
    }
    if let error = findings.tickRateErrorPPM {
      text +=
        "\nThe tick rate of no machine was off by more than "
        + "\(DecimalText.digits(abs(error), 2)) ppm"
      if let late = findings.latenessP99Microseconds {
        let time = DecimalText.time(seconds: late / 1e6)
        text += "; 99 of 100 ticks of each were at most \(time) late"
      }
      text += ".\n"
    }
    if let hostsAndDates = hostsAndDates { text += "\n\(hostsAndDates)\n" }
    return text
  }

  /// The hosts and dates of the runs; nil in virtual time, where they mean nothing.
  private var hostsAndDates: String? {
    guard let times = findings.startTimes, !findings.hosts.isEmpty else { return nil }
    let (first, last) = (CalendarDay(times.lowerBound), CalendarDay(times.upperBound))
    let days = first == last ? "\(first)" : "\(first) to \(last)"
    let versions = findings.versions.map(MarkdownText.cell).joined(separator: ", ")
    let hosts = findings.hosts.map(MarkdownText.cell).joined(separator: " and ")
    return "Run on \(days) by version \(versions) on \(hosts)."
  }

  // MARK: Figures

  private var figureText: String {
    let charts = NotebookFigures(findings).charts
    guard !charts.isEmpty else { return "## Figures\n\nThere is nothing to draw yet.\n" }
    return "## Figures\n"
      + charts.map { image($0.chart.title, $0.name) }.joined()
      + findings.pictures.map(overTime).joined()
  }

  private func image(_ title: String, _ name: String) -> String {
    "\n![\(MarkdownText.cell(title))](\(ShownText.percentEncoded(folder))/\(name).svg)\n"
  }

  /// One run of a configuration over time.
  private func overTime(_ picture: SweepFindings.RunPictures) -> String {
    let parameters = findings.parameters(of: picture.run.configuration)
      .map { "\($0.option.key) \(MarkdownText.cell($0.text))" }.joined(separator: ", ")
    return "\n### Run \(picture.run.number) over time"
      + (parameters.isEmpty ? "" : ": \(parameters)") + "\n"
      + picture.figures.map { image($0.chart.title, Self.name(of: $0, picture)) }.joined()
  }
}

/// The day of a system time, in UTC.
struct CalendarDay: Hashable, CustomStringConvertible {
  private let year: Int
  private let month: Int
  private let day: Int

  /// The day of so many nanoseconds since the Unix epoch.
  ///
  /// - SeeAlso: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
  init(_ nanoseconds: Int64) {
    // Years begin in March here, so that the leap day is the last of its year.
    let days = Int(nanoseconds / 86_400_000_000_000) + 719_468
    let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  }

  var description: String {
    "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }
}
