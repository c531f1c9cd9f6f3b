import Analysis
import CPageFiles
import RunRecord
import ScaleModel

/// The report of one run: a self-contained page that opens from disk.
package struct ReportPage {
  private let run: StoredRun
  private let found: RunFindings
  private let series: RunSeries
  private let spaceTime: SpaceTime
  private let answers: [AnsweredQuestion]

  /// Makes the report from an analysis.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - found: With verdicts and snapshots.
  ///   - series: For the figures.
  ///   - spaceTime: For the diagram.
  ///   - answers: The answers to questions about the run's consistent cuts.
  package init(
    of run: StoredRun, _ found: RunFindings, _ series: RunSeries, _ spaceTime: SpaceTime,
    answers: [AnsweredQuestion] = []
  ) {
    self.answers = answers
    self.run = run
    self.found = found
    self.series = series
    self.spaceTime = spaceTime
  }

  /// The page.
  ///
  /// - Throws: ``RunRecordError`` when a snapshot's file is malformed.
  package func html() throws(RunRecordError) -> String {
    let snapshots = try ReportSnapshots(of: run)
    let undone = try UndoneEvents.all(of: run, within: spaceTime.kept)
    var pen = MarkupPen()
    pen.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    pen.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    pen.element("title", text: "\(run.name) – scalemodel")
    let style = String(cString: reportStyle()) + Palette.styleSheet + EventLook.styleSheet
    pen.raw("<style>\n\(style)</style>\n")
    pen.raw("</head>\n<body>\n")
    pen.element("header") { header(&$0) }
    pen.element("main") { pen in
      ReportPlan(run, ending, eventCount: found.eventCount).write(&pen)
      verdicts(&pen)
      questions(&pen)
      ReportMachines(found, series, run.fields).write(&pen)
      ReportDiagram(spaceTime, witnesses: witnesses, undone: undone).write(&pen)
      ReportClocks(spaceTime, found.clocks).write(&pen)
      figures(&pen)
      snapshots.write(&pen)
    }
    footer(&pen)
    pen.raw("<dialog class=\"large\"></dialog>\n")
    let data = DiagramData(
      spaceTime, witnesses: witnesses, deaths: run.manifest.deaths ?? [], undone: undone,
      from: run.originTime,
      physicalClocks: run.manifest.plan.physicalClocks.arePerfect
        ? [] : run.manifest.physicalClocks)
    pen.raw("<script type=\"application/json\" id=\"run-data\">\(data.json)</script>\n")
    pen.raw("<script type=\"text/plain\" id=\"event-data\">\n\(data.base64)</script>\n")
    pen.raw("<script>\n\(String(cString: reportScript()))</script>\n</body>\n</html>\n")
    return pen.text
  }

  /// The cuts that are drawn besides the snapshots'.
  private var witnesses: [NamedCut] {
    let snapshots = spaceTime.cuts.map { "\($0.id)" }
    let failed = found.verdicts.compactMap { _, verdict in
      if case .failed(let violation) = verdict { violation.cut } else { nil }
    }
    return failed.filter { !snapshots.contains($0.name) } + answers.compactMap(\.cut)
  }

  private static func cutButton(_ cut: NamedCut, _ pen: inout MarkupPen) {
    pen.element(
      "button", ["type": "button", "data-cut": cut.name], text: "Show its cut in the diagram")
  }

  private func questions(_ pen: inout MarkupPen) {
    if answers.isEmpty { return }
    pen.element("h2", ["id": "questions"], text: "Questions")
    for answer in answers {
      pen.element("p") { pen in
        pen.element("code", text: answer.question)
        pen.element("span", text: " – \(answer.answer) ")
        if let cut = answer.cut { Self.cutButton(cut, &pen) }
      }
    }
  }

  private func header(_ pen: inout MarkupPen) {
    pen.element("p", ["class": "kicker"], text: "scalemodel · report of a run")
    pen.element("h1", text: run.name)
    if run.manifest.imported == nil {
      pen.element(
        "p", ["class": ending.isWhole ? "quiet" : "warning", "id": "ending"],
        text: "The run: \(ending.words)")
    }
    for warning in found.warnings { pen.element("p", ["class": "warning"], text: warning) }
    pen.element("nav") { pen in
      for (id, name) in [
        ("checks", "Checks"), ("machines", "Machines"), ("space-time", "Space–time diagram"),
        ("clocks", "Clocks"), ("figures", "Figures"), ("snapshots", "Snapshots"),
      ] { pen.element("a", ["href": "#\(id)"], text: name) }
    }
  }

  private func verdicts(_ pen: inout MarkupPen) {
    let failedCount = found.verdicts.filter(\.verdict.isFailed).count
    pen.element("h2", ["id": "checks"], text: "Checks")
    pen.element(
      "p", ["class": failedCount > 0 ? "failed" : ending.isWhole ? "ok" : "warning"],
      text: failedCount == 0
        ? "Nothing in the \(sources) contradicts the rules\(untold)\(ending.qualification)."
        : "\(failedCount) of \(found.verdicts.count) checks failed.")
    pen.element("div", ["class": "scroll"]) { pen in
      pen.element("table") { pen in
        pen.element("tbody") { pen in
          let conserved = run.manifest.plan.conserved ?? .shipped
          for (check, verdict) in found.verdicts { Self.row(check, verdict, conserved, &pen) }
        }
      }
    }
  }

  private var sources: String { run.manifest.imported == nil ? "journals and snapshots" : "logs" }

  /// The checks that imported logs lack data for, counted in words.
  private var untold: String {
    let count = found.verdicts.count { if case .lacking = $0.verdict { true } else { false } }
    return count == 0 ? "" : "; they say too little for \(count) of the checks"
  }

  private static func row(
    _ check: String, _ verdict: Verdict, _ conserved: ConservedQuantity?, _ pen: inout MarkupPen
  ) {
    let (style, mark) =
      switch verdict {
      case .ok, .limited: ("ok", "✓")
      case .vacuous, .lacking, .notClaimed: ("quiet", "–")
      case .failed: ("failed", "✗")
      }
    pen.element("tr") { pen in
      pen.element("th", ["class": "words", "scope": "row"], text: check)
      pen.element("td", ["class": "words \(style)"], text: "\(mark) \(verdict.word)")
      switch verdict {
      case .ok: pen.element("td", ["class": "words quiet"], text: meaning(of: check, conserved))
      case .vacuous:
        pen.element(
          "td", ["class": "words quiet"],
          text: "nothing to look at: \(meaning(of: check, conserved))")
      case .lacking(let what), .limited(let what), .notClaimed(let what):
        pen.element("td", ["class": "words"], text: what)
      case .failed(let violation):
        guard let cut = violation.cut else {
          return pen.element("td", ["class": "words"], text: "\(violation)")
        }
        pen.element("td", ["class": "words"]) { pen in
          pen.element("span", text: "\(violation) ")
          cutButton(cut, &pen)
        }
      }
    }
  }

  private static func meaning(of check: String, _ conserved: ConservedQuantity?) -> String {
    switch check {
    case "clock": "every reading is what Lamport's rules give"
    case "delivery":
      "each channel's receipts are a prefix of its sends: none lost, doubled, invented"
    case "pace": "no tick is skipped"
    case "cut": "each complete snapshot is a consistent cut"
    case "channels": "its inboxes and channels hold exactly the messages that cross the cut"
    case "invariants":
      "what the workload claims of its states holds after every event and in every snapshot"
    case "hybrid":
      "hybrid clocks stay within the physical clocks' uncertainty, and an effect's is later"
    case "manifest": "run.json says what the journals say, and every snapshot it lists is there"
    // The check of what is conserved bears its name.
    default: conserved?.claim ?? ""
    }
  }

  private func figures(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "figures"], text: "Figures")
    pen.element("div", ["class": "figures"]) { pen in
      for figure in RunFigures(of: series).figures {
        pen.element("figure") { pen in
          pen.raw(figure.chart.pageMarkup(id: figure.name))
          pen.element(
            "button",
            [
              "type": "button", "data-enlarge": figure.name,
              "aria-label": "Enlarge: \(figure.chart.title)",
            ],
            text: "⤢ Enlarge")
        }
      }
    }
  }

  private var ending: RunEnding {
    RunEnding(of: run, ran: found.ran)
  }

  private var origin: String {
    if run.manifest.imported != nil { return "the logs of another implementation" }
    return "the journals alone; scalemodel \(run.manifest.version), seed \(run.manifest.seed)"
  }

  private func footer(_ pen: inout MarkupPen) {
    pen.element("footer") { pen in
      pen.element(
        "p",
        text: "Made by analyze from \(origin). Colours: Okabe and Ito.")
    }
  }
}
