import ScaleModel

/// The style of events in a space–time diagram: each kind has its own shape and colour.
enum EventLook {
  static let styleSheet = """
    .message{fill:none;stroke:#59636e;stroke-width:1}
    .on-channel{fill:none;stroke:#d55e00;stroke-width:2.4}
    .in-inbox{fill:none;stroke:#d55e00;stroke-width:1.2}
    .cut{fill:none;stroke:#a03c78;stroke-width:2}
    .cut-name{font-size:11px;fill:#a03c78}
    .internal{fill:#fff;stroke:#59636e;stroke-width:1.4}
    .send{fill:#0072b2}
    .receive{fill:#009e73}
    .snapshot{fill:#a03c78}
    .deposit{fill:#e69f00}
    .withdraw{fill:#e69f00}
    .died{fill:none;stroke:#b54300;stroke-width:2.8;stroke-linecap:round}
    .died-name{font-size:12px;fill:#b54300}
    .lost{fill:none;stroke:#b54300;stroke-width:1.8;stroke-linecap:round}
    .orphan{fill:none;stroke:#1f2328;stroke-width:2.4}
    .field{font-size:11px}
    @media screen and (prefers-color-scheme:dark){
    .message{stroke:#9da7b3}
    .on-channel,.in-inbox{stroke:#f0803c}
    .cut{stroke:#e09cc3}
    .cut-name{fill:#e09cc3}
    .internal{fill:#0d1117;stroke:#9da7b3}
    .send{fill:#4ea8de}
    .receive{fill:#2fc79b}
    .snapshot{fill:#e09cc3}
    .died,.lost{stroke:#ff9b61}
    .died-name{fill:#ff9b61}
    .orphan{stroke:#f0f6fc}
    }

    """

  /// Draws an event.
  static func draw(_ kind: Event.Kind, x: Double, y: Double, _ pen: inout MarkupPen) {
    let style = "\(kind.word)"
    switch kind {
    case .internal:
      pen.element(
        "circle",
        [
          "class": style, "cx": DecimalText.coordinate(x), "cy": DecimalText.coordinate(y),
          "r": "3",
        ])
    default:
      pen.element("path", ["class": style, "d": outline(kind, x: x, y: y)])
    }
  }

  private static func outline(_ kind: Event.Kind, x: Double, y: Double) -> String {
    switch kind {
    case .internal: Palette.marker(0, x: x, y: y)
    case .send: Palette.marker(2, x: x, y: y, radius: 4.4)
    case .receive: Palette.marker(1, x: x, y: y, radius: 4.4)
    case .snapshot: Palette.marker(3, x: x, y: y, radius: 5)
    case .deposit: Palette.marker(6, x: x, y: y, radius: 5)
    case .withdraw: Palette.marker(5, x: x, y: y, radius: 5)
    }
  }

  /// What a message is that makes a cut inconsistent.
  static let orphanWords = "received before the cut, sent after it"

  /// The name of a kind of event.
  static func words(_ kind: Event.Kind) -> String {
    kind == .snapshot ? "state recorded" : "\(kind.word)"
  }
}

/// The legend of a space–time diagram, in rows below it.
struct EventKeys {
  private enum Mark {
    case event(Event.Kind)
    case line(style: String, dash: String)
    case cross(style: String)
  }

  private let keys: [(mark: Mark, words: String, x: Double, y: Double)]
  /// The bottom of the last row.
  let bottom: Double

  /// Lays out the legend.
  init(
    kinds: [Event.Kind], hasWaits: Bool, hasCuts: Bool, hasOrphans: Bool, hasDeaths: Bool,
    hasLosses: Bool, top: Double
  ) {
    var marks = kinds.map { (Mark.event($0), EventLook.words($0)) }
    marks.append((.line(style: "message", dash: ""), "message"))
    if hasWaits {
      marks.append((.line(style: "message", dash: "4 2"), "waiting in the queue"))
    }
    if hasLosses { marks.append((.cross(style: "lost"), "message lost")) }
    if hasDeaths { marks.append((.cross(style: "died"), "died")) }
    if hasCuts {
      marks.append((.line(style: "cut", dash: "7 3"), "snapshot's cut"))
      marks.append((.line(style: "on-channel", dash: ""), "on a channel at the cut"))
      marks.append((.line(style: "in-inbox", dash: "4 2"), "in an inbox at the cut"))
    }
    if hasOrphans { marks.append((.line(style: "orphan", dash: ""), EventLook.orphanWords)) }
    var keys: [(mark: Mark, words: String, x: Double, y: Double)] = []
    var (x, y) = (ChartDrawing.padding + 4, top)
    for (mark, words) in marks {
      let width = TextLines.width(words) + (Self.isLine(mark) ? 44 : 28)
      if x + width > ChartDrawing.width {
        (x, y) = (ChartDrawing.padding + 4, y + 20)
      }
      keys.append((mark, words, x, y))
      x += width
    }
    self.keys = keys
    bottom = y
  }

  func draw(_ pen: inout MarkupPen) {
    for key in keys {
      switch key.mark {
      case .event(let kind):
        EventLook.draw(kind, x: key.x, y: key.y, &pen)
        pen.text(key.words, x: key.x + 10, y: key.y + 4)
      case .line(let style, let dash):
        pen.line(key.x - 4, key.y, key.x + 18, key.y, class: style, dash: dash)
        pen.text(key.words, x: key.x + 24, y: key.y + 4)
      case .cross(let style):
        let radius = style == "lost" ? 4 : 5.5
        pen.element(
          "path", ["class": style, "d": Palette.cross(x: key.x, y: key.y, radius: radius)])
        pen.text(key.words, x: key.x + 10, y: key.y + 4)
      }
    }
  }

  private static func isLine(_ mark: Mark) -> Bool {
    if case .line = mark { true } else { false }
  }
}
