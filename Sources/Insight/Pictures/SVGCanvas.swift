/// The frame of a figure: its size, its accessible names, and its background.
struct SVGCanvas {
  /// The prefix of the title's and description's ids; unique in a page.
  let id: String
  let title: String
  let summary: String
  let style: Style
  var width = ChartDrawing.width
  let height: Double

  /// The context of a figure.
  enum Style {
    /// A file of its own, with its style sheet and its background.
    case file
    /// Part of a page that has both; the class is for the page's own rules.
    case page(class: String)
  }

  /// The figure with what `body` draws.
  func svg(_ body: (inout MarkupPen) -> Void) -> String {
    let (width, height) = (DecimalText.coordinate(width), DecimalText.coordinate(height))
    var pageClass: String?
    if case .page(let name) = style { pageClass = name }
    let isFile = pageClass == nil
    var pen = MarkupPen()
    // A page scales the figure to its own width; a file has a fixed size.
    pen.element(
      "svg",
      [
        "xmlns": isFile ? "http://www.w3.org/2000/svg" : "", "class": pageClass ?? "",
        "viewBox": "0 0 \(width) \(height)", "width": isFile ? width : "",
        "height": isFile ? height : "", "role": "img",
        "aria-labelledby": "\(id)-title \(id)-description",
      ]
    ) { pen in
      pen.element("title", ["id": "\(id)-title"], text: title)
      pen.element("desc", ["id": "\(id)-description"], text: summary)
      if isFile {
        pen.raw("<style>\n\(Palette.styleSheet)</style>\n")
        pen.element("rect", ["class": "card", "width": width, "height": height, "rx": "6"])
      }
      body(&pen)
    }
    return pen.text
  }
}

extension MarkupPen {
  /// Writes what `body` draws, clipped to the rectangle.
  mutating func clip(
    x: Double, y: Double, width: Double, height: Double, _ body: (inout MarkupPen) -> Void
  ) {
    let numbers = [x, y, width, height].map(DecimalText.coordinate)
    element(
      "svg",
      [
        "x": numbers[0], "y": numbers[1], "width": numbers[2], "height": numbers[3],
        "viewBox": numbers.joined(separator: " "),
      ], body)
  }

  /// Writes a line of text; `anchor` is the part of it at the point, its start when empty.
  mutating func text(
    _ text: String, x: Double, y: Double, class style: String = "", anchor: String = ""
  ) {
    element(
      "text",
      [
        "class": style, "x": DecimalText.coordinate(x), "y": DecimalText.coordinate(y),
        "text-anchor": anchor,
      ], text: text)
  }

  /// Draws a straight line.
  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class style: String, dash: String = ""
  ) {
    var path = PathText()
    path.move(x1, y1)
    path.line(x2, y2)
    element("path", ["class": style, "stroke-dasharray": dash, "d": path.text])
  }
}

/// The approximate size of text.
package enum TextLines {
  /// The width of a text at 12 pixels in a common typeface; rather too large than too small.
  static func width(_ text: String) -> Double {
    text.reduce(0) { width, character in
      let isNarrow = "iljtfr.,:;|'!()[] ".contains(character)
      return width + (isNarrow ? 4.2 : character.isUppercase || "mwM%".contains(character) ? 9 : 7)
    }
  }

  /// A text in lines of at most so many characters.
  package static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// A text shortened to so many characters, with a mark at the cut.
  static func shortened(_ text: String, to count: Int) -> String {
    text.count > count ? text.prefix(count - 1) + "…" : text
  }
}
