import Analysis
import RunRecord
import ScaleModel

/// Draws the space–time diagram of a window: a line per machine, its events, and every message from
/// its send over its wait in the queue to its receipt.
package struct SpaceTimeDrawing {
  private let run: SpaceTime
  /// The machines shown, from top to bottom.
  private let lanes: [Int]
  private let left: Double
  private let right: Double
  private let top = 92.0
  private let laneHeight: Double

  /// Chooses as many machines as fit.
  package init(_ run: SpaceTime) {
    self.run = run
    lanes = run.lines.count <= SpaceTime.groupCountMax ? Array(run.lines.indices) : run.group
    laneHeight = lanes.count <= 4 ? 66 : lanes.count <= 8 ? 52 : 40
    let names = lanes.map { TextLines.width(Self.name($0, in: run)) }
    left = ChartDrawing.padding + (names.max() ?? 0) + 14
    right = ChartDrawing.width - ChartDrawing.padding
  }

  /// The text of an SVG file; `id` is the prefix of its title's and description's ids.
  package func svg(id: String) -> String {
    guard DiagramAxis.time.isThere(in: run) else { return emptySVG(id: id) }
    let notes = TextLines.wrapped(note, width: 118)
    let keys = EventKeys(
      kinds: kinds, hasWaits: run.tellsQueue.contains(true), hasCuts: !cuts.isEmpty,
      hasOrphans: !cuts.isEmpty && !run.cutsAreConsistent,
      hasDeaths: lanes.contains { deathTime(of: $0) != nil }, hasLosses: !losses.isEmpty,
      top: bottom + 60)
    let canvas = SVGCanvas(
      id: id, title: "Space–time diagram", summary: summary, style: .file,
      height: keys.bottom + 24 + Double(notes.count) * 16)
    return canvas.svg { pen in
      pen.text("Space–time diagram", x: ChartDrawing.padding, y: 28, class: "title")
      pen.text(subtitle, x: ChartDrawing.padding, y: 47, class: "quiet-text")
      pen.raw("<style>\n\(EventLook.styleSheet)</style>\n")
      drawTime(&pen)
      drawLanes(&pen)
      clip(&pen) { pen in
        drawCuts(&pen)
        drawMessages(&pen)
        drawLosses(&pen)
        drawEvents(&pen)
      }
      keys.draw(&pen)
      for (line, text) in notes.enumerated() {
        pen.text(
          text, x: ChartDrawing.padding, y: keys.bottom + 28 + Double(line) * 16,
          class: "quiet-text")
      }
    }
  }

  /// A file that explains why there is no diagram.
  private func emptySVG(id: String) -> String {
    let reason =
      "Nothing to show: \(Manifest.Lack.time.sentence)."
      + (run.axes.isEmpty ? "" : " The report's diagram places events by their clocks.")
    return Chart(
      title: "Space–time diagram", subtitle: TextLines.shortened(run.name, to: 60),
      summary: reason, horizontal: Axis(""), vertical: Axis(""), series: [], emptyText: reason,
      height: 140
    ).svg(id: id)
  }

  // MARK: Words

  private static func name(_ machine: Int, in run: SpaceTime) -> String {
    let name = run.names.map { TextLines.shortened($0[machine].inOneLine, to: 24) }
    return "machine \(name ?? "\(machine)")"
  }

  private var subtitle: String {
    let (from, to) = (Double(run.window.lowerBound) / 1e9, Double(run.window.upperBound) / 1e9)
    let machines =
      lanes.count == run.lines.count
      ? "" : " · \(lanes.count) of \(DecimalText.grouped(run.lines.count)) machines"
    return "\(TextLines.shortened(run.name, to: 60)) · from "
      + "\(DecimalText.time(seconds: from)) to \(DecimalText.time(seconds: to))\(machines)"
  }

  private var summary: String {
    let events = lanes.reduce(0) { $0 + visibleLines($1).count }
    return "\(counted(events, "event")) of \(counted(lanes.count, "machine")) and "
      + "\(counted(messages.count, "message")) between them"
      + (losses.isEmpty ? "" : ", \(losses.count) lost")
      + (cuts.isEmpty ? "." : ", cut by \(counted(cuts.count, "snapshot")).")
  }

  private var note: String {
    (run.tellsQueue.contains(true)
      ? "A message arrives at the earliest moment that its receiver's queue lengths allow, and "
        + "waits above the receiver's line until it is received."
      : "A message goes from its send to its receipt.")
      + (losses.isEmpty ? "" : " One that its channel lost ends in a cross.")
      + (run.lackWords.isEmpty ? "" : " " + run.lackWords)
      + (lanes.count < run.lines.count
        ? " Shown are machine 0 and those around it, and the messages between them." : "")
  }

  // MARK: Positions

  private var bottom: Double { top + Double(lanes.count) * laneHeight }

  private func laneY(_ machine: Int) -> Double {
    top + (Double(lanes.firstIndex(of: machine) ?? 0) + 0.72) * laneHeight
  }

  private func x(_ time: Int64) -> Double {
    let span = Double(run.window.upperBound - run.window.lowerBound)
    return left + 10 + Double(time - run.window.lowerBound) / span * (right - left - 20)
  }

  private func visibleLines(_ machine: Int) -> [JournalLine] {
    run.lines[machine].filter { run.window.contains($0.systemTime) }
  }

  private var kinds: [Event.Kind] {
    Event.Kind.allCases.filter { kind in
      lanes.contains { visibleLines($0).contains { $0.kind == kind } }
    }
  }

  /// Clips what is beyond the window.
  private func clip(_ pen: inout MarkupPen, _ body: (inout MarkupPen) -> Void) {
    pen.clip(x: left, y: top - 24, width: right - left, height: bottom - top + 30, body)
  }

  // MARK: Drawing

  private func drawTime(_ pen: inout MarkupPen) {
    let (from, to) = (Double(run.window.lowerBound) / 1e9, Double(run.window.upperBound) / 1e9)
    pen.timeAxis(from...to, (left, right, top - 12, bottom), x: x)
  }

  private func drawLanes(_ pen: inout MarkupPen) {
    for machine in lanes {
      let y = laneY(machine)
      drawLine(of: machine, y, &pen)
      pen.text(Self.name(machine, in: run), x: ChartDrawing.padding, y: y - 2)
      guard let rates = run.rates else { continue }
      pen.text(
        "\(DecimalText.short(rates[machine], decimals: 3))/s", x: ChartDrawing.padding, y: y + 12,
        class: "quiet-text")
    }
  }

  /// A machine's line; a dead machine's ends at its death, with a cross.
  private func drawLine(of machine: Int, _ y: Double, _ pen: inout MarkupPen) {
    guard let death = deathTime(of: machine), death <= run.window.upperBound else {
      pen.line(left, y, right, y, class: "axis")
      return
    }
    let x = max(left, x(death))
    if x > left { pen.line(left, y, x, y, class: "axis") }
    pen.element("path", ["class": "died", "d": Palette.cross(x: x, y: y)])
    let isLeft = x < (left + right) / 2
    pen.text(
      "died at \(DecimalText.time(seconds: Double(death) / 1e9))", x: isLeft ? x + 10 : x - 10,
      y: y + 16, class: "died-name", anchor: isLeft ? "" : "end")
  }

  /// When a machine died, in nanoseconds since the run's start; nil when it lived.
  private func deathTime(of machine: Int) -> Int64? { run.deathTimes?[machine] }

  private func drawEvents(_ pen: inout MarkupPen) {
    for machine in lanes {
      for line in visibleLines(machine) {
        EventLook.draw(line.kind, x: x(line.systemTime), y: laneY(machine), &pen)
      }
    }
  }

  // MARK: Messages

  private var messages: [SpaceTime.Message] { lanes.flatMap(messages(to:)) }

  private func messages(to target: Int) -> [SpaceTime.Message] {
    run.messages(to: target).filter { message in
      lanes.contains(message.source) && message.receiptTime >= run.window.lowerBound
        && (message.sendTime ?? .min) <= run.window.upperBound
    }
  }

  /// More labels than these would hide one another.
  private static let labelledCountMax = 60

  private func drawMessages(_ pen: inout MarkupPen) {
    var messages: [SpaceTime.Message] = []
    for target in lanes {
      let (own, slotCount) = (self.messages(to: target), slotCount(target))
      for message in own {
        let crossings = cuts.compactMap { run.crossing(of: message, at: $0) }
        draw(message, slot: message.number % slotCount, crossings, &pen)
      }
      messages += own
    }
    if messages.count <= Self.labelledCountMax { drawFields(of: messages, &pen) }
  }

  /// How many waiting messages are drawn above one another before they share slots.
  private func slotCount(_ machine: Int) -> Int {
    min(Int(laneHeight / 8), max(1, run.lines[machine].reduce(0) { max($0, $1.queueLength) }))
  }

  /// The path of a message: to the receiver, along its line while it waits, and to the receipt.
  private func draw(
    _ message: SpaceTime.Message, slot: Int, _ crossings: [SpaceTime.Crossing],
    _ pen: inout MarkupPen
  ) {
    let receipt = (x: x(message.receiptTime), y: laneY(message.target))
    let arrivalX = x(message.arrivalTime)
    let waits = receipt.x - arrivalX > 9
    let track = receipt.y - 8 - Double(slot) * 4
    if let sendTime = message.sendTime {
      let fromAbove = message.source < message.target
      var way = PathText()
      way.move(x(sendTime), laneY(message.source) + (fromAbove ? 4 : -4))
      let end = waits ? track : receipt.y + (fromAbove ? -5 : 5)
      way.line(arrivalX, end)
      way.arrowhead(arrivalX, end, from: x(sendTime), laneY(message.source))
      let style =
        crossings.contains(.orphan)
        ? "orphan" : crossings.contains(.channel) ? "on-channel" : "message"
      pen.element("path", ["class": style, "d": way.text])
    }
    if waits {
      var wait = PathText()
      wait.move(arrivalX, track)
      wait.line(receipt.x - 6, track)
      wait.line(receipt.x - 2, receipt.y - 5)
      let style = crossings.contains(.inbox) ? "in-inbox" : "message"
      pen.element("path", ["class": style, "stroke-dasharray": "4 2", "d": wait.text])
    }
  }

  /// The lost messages whose sends are in the window.
  private var losses: [SpaceTime.Loss] {
    run.losses.filter {
      lanes.contains($0.source) && lanes.contains($0.target)
        && run.window.contains(run.lines[$0.source][$0.sendIndex].systemTime)
    }
  }

  /// Draws lost messages: half a lane of the way that one of mean delay takes, and a cross.
  private func drawLosses(_ pen: inout MarkupPen) {
    for loss in losses {
      let time = run.lines[loss.source][loss.sendIndex].systemTime
      let (start, end) = (laneY(loss.source), laneY(loss.target))
      let share = 0.5 * laneHeight / abs(end - start)
      let y = start + (end - start) * share
      let x = (start: x(time), end: x(time + Int64(Double(run.delayMean.nanoseconds) * share)))
      var way = PathText()
      way.move(x.start, start + (end > start ? 4 : -4))
      way.line(x.end, y)
      pen.element("path", ["class": "message", "d": way.text])
      pen.element("path", ["class": "lost", "d": Palette.cross(x: x.end, y: y, radius: 4)])
    }
  }

  /// Writes the first field of each message along its path.
  private func drawFields(of messages: [SpaceTime.Message], _ pen: inout MarkupPen) {
    for message in messages {
      guard !run.fields.message.isEmpty, let sendTime = message.sendTime else { continue }
      let value = run.value(0, at: message.receiptIndex, of: message.target)
      if value == .nothing { continue }
      let (startX, endX) = (x(sendTime), x(message.arrivalTime))
      let (startY, endY) = (laneY(message.source), laneY(message.target))
      // Nearer to the receiver, where fewer paths meet than at a send to many.
      pen.text(
        FieldText.of(value), x: startX + (endX - startX) * 0.6,
        y: startY + (endY - startY) * 0.6 + 4, class: "field halo", anchor: "middle")
    }
  }

  // MARK: Cuts

  private var cuts: [SpaceTime.Cut] {
    run.cuts.filter { cut in
      lanes.contains { machine in
        run.time(of: cut, on: machine).map { run.window.contains($0) } ?? false
      }
    }
  }

  private func drawCuts(_ pen: inout MarkupPen) {
    for cut in cuts {
      var path = PathText()
      var isFirst = true
      for machine in lanes {
        guard let time = run.time(of: cut, on: machine) else {
          isFirst = true
          continue
        }
        let (x, y) = (x(time), laneY(machine))
        let (above, below) = (y - laneHeight * 0.5, y + laneHeight * 0.26)
        if isFirst {
          path.move(x, machine == lanes.first ? top - 12 : above)
          pen.text("\(cut.id)", x: x + 4, y: top - 14, class: "cut-name", anchor: "middle")
        } else {
          path.line(x, above)
        }
        path.line(x, below)
        isFirst = false
      }
      pen.element("path", ["class": "cut", "stroke-dasharray": "7 3", "d": path.text])
    }
  }
}
