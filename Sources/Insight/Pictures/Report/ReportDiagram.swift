import Analysis
import RunRecord
import ScaleModel

/// The report's space–time diagram: its controls, and its legend.
struct ReportDiagram {
  private let run: SpaceTime
  /// The cuts besides the snapshots'.
  private let witnesses: [NamedCut]
  private let undone: [UndoneEvents]
  private static let listedCutCountMax = 200

  init(_ run: SpaceTime, witnesses: [NamedCut], undone: [UndoneEvents]) {
    (self.run, self.witnesses, self.undone) = (run, witnesses, undone)
  }

  func write(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "space-time"], text: "Space–time diagram")
    guard !run.axes.isEmpty else {
      pen.element(
        "p", ["class": "quiet"],
        text: "No diagram: \(Manifest.Lack.time.sentence), nor \(Manifest.Lack.clock.words).")
      return
    }
    pen.element("p", ["class": "quiet"], text: introduction)
    if !run.lackWords.isEmpty { pen.element("p", text: run.lackWords) }
    if let undoneWords { pen.element("p", text: undoneWords) }
    if let partWords { pen.element("p", ["class": "warning"], text: partWords) }
    pen.element("div", ["id": "diagram"]) { pen in
      pen.element("div", ["class": "controls"]) { controls(&$0) }
      pen.element("div", ["class": "stage"]) { pen in
        pen.element(
          "canvas",
          [
            "tabindex": "0", "role": "application", "aria-label": "Space–time diagram",
            "aria-describedby": "diagram-help diagram-status",
          ], text: "")
        pen.raw("<div class=\"tip\" hidden></div>\n")
      }
      pen.raw(
        "<p class=\"status quiet\" id=\"diagram-status\" data-status>"
          + "The diagram needs JavaScript.</p>\n")
      pen.element("div", ["class": "hidden-words", "aria-live": "polite"], text: "")
      keys(&pen)
      pen.element("p", ["id": "diagram-help", "class": "quiet"], text: Self.help)
    }
  }

  private var introduction: String {
    let lines = "One line per machine, one mark per event. "
    guard run.tellsQueue.contains(true) else {
      return lines + "A message goes from its send to its receipt; one never received has no arrow."
    }
    return lines
      + "A message goes from its send to the inbox of its "
      + "receiver, waits there (dashed, above the line) and ends at its receipt. A journal does "
      + "not say when a message arrived; its receiver's queue lengths tell between which two "
      + "events, and it is drawn at the earliest moment they and the plan's delay allow. A message "
      + "that is never received has no arrow."
      + (run.losses.isEmpty ? "" : " One that its channel lost ends in a cross.")
  }

  /// How one moves about in a diagram.
  static let help =
    "Drag to move, and use the wheel to zoom once the diagram has the focus (or hold Ctrl); pinch "
    + "with two fingers. Keys: ← → go from event to event, ↑ ↓ from machine to machine, Shift with "
    + "arrows and Page Up, Page Down move, + and − zoom, Home returns to the first view."

  /// What is drawn of restarts; nil when the page holds none.
  private var undoneWords: String? {
    if undone.isEmpty { return nil }
    let count = undone.reduce(0) { $0 + $1.events.reduce(0) { $0 + $1.count } }
    let rest = count < UndoneEvents.countMax ? "" : " Further undone events are left out."
    return "All machines went back \(undone.count == 1 ? "once" : "\(undone.count) times"). The "
      + "\(DecimalText.grouped(count)) faint events were undone, and count in nothing; the broad "
      + "line is the cut that the machines went back to. The axis of the order of events has no "
      + "undone ones." + rest
  }

  /// A note when the page does not hold all events.
  private var partWords: String? {
    guard run.isPart else { return nil }
    let (from, to) = (Double(run.kept.lowerBound) / 1e9, Double(run.kept.upperBound) / 1e9)
    return "This page holds the \(DecimalText.grouped(run.lineCount)) events from "
      + "\(DecimalText.time(seconds: from)) to \(DecimalText.time(seconds: to)); the run has more "
      + "than a page can hold. Choose another part with --from and --to. Tables, checks and the "
      + "other figures are about the whole run."
  }

  private func controls(_ pen: inout MarkupPen) {
    pen.element("fieldset") { pen in
      pen.element("legend", text: "Place events by")
      for axis in run.axes {
        pen.element("label") { pen in
          pen.raw("<input type=\"radio\" name=\"axis\" value=\"\(axis.rawValue)\"")
          pen.raw(axis == run.axes.first ? " checked>" : ">")
          pen.raw("\(axis.words)\n")
        }
      }
    }
    pen.element("fieldset") { pen in
      for (action, label, words) in [
        ("out", "−", "Zoom out"), ("in", "+", "Zoom in"), ("left", "←", "Earlier"),
        ("right", "→", "Later"), ("home", "First view", ""), ("all", "Whole run", ""),
      ] { Self.button(action, label, words, &pen) }
    }
    if run.lines.count > SpaceTime.groupCountMax {
      pen.element("fieldset") { pen in
        Self.button("lower", "↕−", "Lower rows", &pen)
        Self.button("taller", "↕+", "Higher rows", &pen)
      }
      pen.element("label") { pen in
        pen.raw("Machines ")
        pen.element(
          "input",
          [
            "type": "text", "name": "machines", "placeholder": "all",
            "aria-label":
              "Machines shown: ids and ranges, such as 0-11, 40",
            "value": run.group.map { "\($0)" }.joined(separator: ", "),
          ])
      }
    }
    let names = run.cuts.prefix(Self.listedCutCountMax).map { "\($0.id)" } + witnesses.map(\.name)
    if names.isEmpty { return }
    pen.element("label") { pen in
      pen.raw(witnesses.isEmpty ? "Snapshot " : "Cut ")
      pen.element("select", ["name": "cut"]) { pen in
        pen.raw("<option value=\"\">all in view</option>\n")
        for name in names { pen.element("option", ["value": name], text: name) }
        let hiddenCount = run.cuts.count - Self.listedCutCountMax
        if hiddenCount > 0 {
          let text = "\(counted(hiddenCount, "later snapshot")) not listed"
          pen.element("option", ["disabled": ""], text: text)
        }
      }
    }
  }

  private static func button(
    _ action: String, _ label: String, _ words: String, _ pen: inout MarkupPen
  ) {
    pen.element(
      "button", ["type": "button", "data-action": action, "aria-label": words, "title": words],
      text: label)
  }

  private static func crossKey(
    _ style: String, _ words: String, radius: Double, _ pen: inout MarkupPen
  ) {
    pen.element("li") { pen in
      pen.element("svg", ["viewBox": "-8 -8 16 16", "aria-hidden": "true"]) { pen in
        pen.element("path", ["class": style, "d": Palette.cross(x: 0, y: 0, radius: radius)])
      }
      pen.raw(words + "\n")
    }
  }

  private func keys(_ pen: inout MarkupPen) {
    let kinds = Event.Kind.allCases.filter { kind in
      run.lines.contains { $0.contains { $0.kind == kind } }
    }
    let crosses =
      (run.losses.isEmpty ? [] : [("lost", "message lost")])
      + (run.deathTimes == nil && undone.isEmpty ? [] : [("died", "died")])
    var lines = [("message", "", "message")]
    if run.tellsQueue.contains(true) { lines.append(("message", "4 2", "waiting in the queue")) }
    if !run.cuts.isEmpty || !witnesses.isEmpty {
      lines += Self.cutLines
      if !witnesses.isEmpty { lines[lines.count - 3].2 = "cut" }
      if !run.cutsAreConsistent { lines.append(("orphan", "", EventLook.orphanWords)) }
    }
    if !undone.isEmpty {
      lines += [("faint", "", "message undone"), ("back", "", "cut rolled back to")]
    }
    Self.writeKeys(kinds: kinds, crosses: crosses, lines: lines, &pen)
  }

  /// The lines of a diagram with snapshots: style, dash pattern and meaning.
  static let cutLines = [
    ("cut", "7 3", "snapshot's cut"), ("on-channel", "", "on a channel at the cut"),
    ("in-inbox", "4 2", "in an inbox at the cut"),
  ]

  /// Writes a key of marks: events, crosses by style and meaning, lines with their dash patterns.
  static func writeKeys(
    kinds: [Event.Kind], crosses: [(String, String)], lines: [(String, String, String)],
    _ pen: inout MarkupPen
  ) {
    pen.element("ul", ["class": "keys"]) { pen in
      for kind in kinds {
        pen.element("li") { pen in
          pen.element("svg", ["viewBox": "-8 -8 16 16", "aria-hidden": "true"]) { pen in
            EventLook.draw(kind, x: 0, y: 0, &pen)
          }
          pen.raw(EventLook.words(kind) + "\n")
        }
      }
      for (style, words) in crosses {
        crossKey(style, words, radius: style == "lost" ? 4 : 5.5, &pen)
      }
      for (style, dash, words) in lines {
        pen.element("li") { pen in
          pen.element("svg", ["viewBox": "-13 -8 26 16", "aria-hidden": "true"]) { pen in
            pen.line(-13, 0, 13, 0, class: style, dash: dash)
          }
          pen.raw(words + "\n")
        }
      }
    }
  }
}
