import Analysis
import ScaleModel

/// Draws a rollback: a line per machine with its checkpoints, what is undone, the recovery line,
/// and which machine's going back forces which.
package struct RecoveryDrawing {
  /// The file's name.
  package static let fileName = "recovery-line.svg"

  /// More machines than these are not shown.
  private static let laneCountMax = 12
  /// More checkpoints of a machine than these are not drawn, except where one is gone back to.
  private static let checkpointCountMax = 200

  private static let styleSheet = ".undone{stroke:#b54300;stroke-width:5;opacity:.35}\n"

  private let recovery: RunRecovery
  private let laneCount: Int
  private let left: Double
  private let right = ChartDrawing.width - ChartDrawing.padding
  private let top = 84.0
  private let laneHeight = 56.0
  /// The first time shown, in nanoseconds since the run's start.
  private let start: Int64

  /// Chooses the machines and the time that are shown: a little more than what is undone.
  package init(_ recovery: RunRecovery) {
    self.recovery = recovery
    laneCount = min(recovery.checkpoints.count, Self.laneCountMax)
    left = ChartDrawing.padding + TextLines.width(Self.name(laneCount - 1)) + 14
    start = max(0, recovery.crashTime - recovery.rollback - recovery.rollback / 8)
  }

  /// The text of an SVG file; `id` is the prefix of its title's and description's ids.
  package func svg(id: String) -> String {
    let notes = TextLines.wrapped(note, width: 118)
    let canvas = SVGCanvas(
      id: id, title: "Recovery line", summary: subtitle, style: .file,
      height: bottom + 62 + Double(notes.count) * 16)
    return canvas.svg { pen in
      pen.text("Recovery line", x: ChartDrawing.padding, y: 28, class: "title")
      pen.text(subtitle, x: ChartDrawing.padding, y: 47, class: "quiet-text")
      pen.raw("<style>\n\(EventLook.styleSheet)\(Self.styleSheet)</style>\n")
      drawTime(&pen)
      for lane in 0..<laneCount { drawLane(lane, &pen) }
      drawSteps(&pen)
      drawLine(&pen)
      for (number, text) in notes.enumerated() {
        pen.text(
          text, x: ChartDrawing.padding, y: bottom + 62 + Double(number) * 16, class: "quiet-text")
      }
    }
  }

  private static func name(_ machine: Int) -> String { "machine \(machine)" }

  private var subtitle: String {
    let who = recovery.crashed.map { Self.name($0.index) } ?? "all machines"
    return "\(TextLines.shortened(recovery.run, to: 60)) · \(who) crashed at "
      + "\(DecimalText.time(seconds: Double(recovery.crashTime) / 1e9)), "
      + "\(DecimalText.time(seconds: Double(recovery.rollback) / 1e9)) undone in "
      + counted(recovery.line.steps.count, "step")
  }

  private var note: String {
    "A diamond is a recorded state, the broad line what is undone. An arrow leads from a machine "
      + "that went back to one that had received what was undone, and so went back too."
      + (laneCount < recovery.checkpoints.count
        ? " Shown are \(laneCount) of \(recovery.checkpoints.count) machines." : "")
  }

  private var bottom: Double { top + Double(laneCount) * laneHeight }

  private func y(_ lane: Int) -> Double { top + (Double(lane) + 0.5) * laneHeight }

  private func x(_ time: Int64) -> Double {
    let span = Double(max(1, recovery.crashTime - start))
    return left + 10 + Double(time - start) / span * (right - left - 20)
  }

  private func drawTime(_ pen: inout MarkupPen) {
    let seconds = Double(start) / 1e9...Double(max(recovery.crashTime, start + 1)) / 1e9
    pen.timeAxis(seconds, (left, right, top - 8, bottom), x: x)
  }

  private func drawLane(_ lane: Int, _ pen: inout MarkupPen) {
    let (y, end) = (y(lane), x(recovery.crashTime))
    pen.text(Self.name(lane), x: ChartDrawing.padding, y: y + 4)
    pen.line(left, y, end, y, class: "axis")
    if let kept = recovery.checkpoint(of: lane) {
      pen.line(x(kept.time), y, end, y, class: "undone")
    }
    if recovery.crashed.map({ $0.index == lane }) ?? true {
      pen.element("path", ["class": "died", "d": Palette.cross(x: end, y: y)])
    }
    let shown = recovery.checkpoints[lane].dropFirst().filter { $0.time >= start }
    let isDrawn = shown.count <= Self.checkpointCountMax
    for checkpoint in shown where isDrawn || checkpoint == recovery.checkpoint(of: lane) {
      pen.element(
        "path",
        ["class": "snapshot", "d": Palette.marker(3, x: x(checkpoint.time), y: y, radius: 5)])
    }
  }

  /// Draws which machine's going back forces which to go back, as far as both are shown.
  private func drawSteps(_ pen: inout MarkupPen) {
    var indices = recovery.checkpoints.map(\.count)
    for step in recovery.line.steps {
      if let cause = step.cause, cause < laneCount, step.machine < laneCount {
        let from = recovery.checkpoints[cause][indices[cause]]
        let to = recovery.checkpoints[step.machine][step.index]
        let isDown = cause < step.machine
        let endY = y(step.machine) + (isDown ? -6 : 6)
        var path = PathText()
        path.move(x(from.time), y(cause))
        path.line(x(to.time), endY)
        path.arrowhead(x(to.time), endY, from: x(from.time), y(cause))
        pen.element("path", ["class": "message", "d": path.text])
      }
      indices[step.machine] = step.index
    }
  }

  /// Draws the line through the checkpoints that the machines go back to.
  private func drawLine(_ pen: inout MarkupPen) {
    var path = PathText()
    for lane in 0..<laneCount {
      let x = x(recovery.checkpoint(of: lane)?.time ?? recovery.crashTime)
      if lane == 0 { path.move(x, y(lane) - 18) } else { path.line(x, y(lane) - 18) }
      path.line(x, y(lane) + 18)
    }
    pen.element("path", ["class": "cut", "d": path.text])
  }
}
