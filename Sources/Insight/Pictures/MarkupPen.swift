/// Writes SVG or HTML, element by element and line by line, so that Git diffs of figures are short.
struct MarkupPen {
  private(set) var text = ""
  private var openNames: [String] = []

  typealias Attributes = KeyValuePairs<String, String>

  /// Writes an element around what `body` writes.
  mutating func element(
    _ name: String, _ attributes: Attributes = [:], _ body: (inout MarkupPen) -> Void
  ) {
    begin(name, attributes)
    text += ">\n"
    openNames.append(name)
    body(&self)
    openNames.removeLast()
    indent()
    text += "</\(name)>\n"
  }

  /// Writes an element around a text, or an empty one.
  mutating func element(_ name: String, _ attributes: Attributes = [:], text content: String? = nil)
  {
    begin(name, attributes)
    if let content {
      text += ">\(MarkupText.escaped(content))</\(name)>\n"
    } else {
      text += "/>\n"
    }
  }

  /// Writes markup unchanged.
  mutating func raw(_ markup: String) { text += markup }

  private mutating func begin(_ name: String, _ attributes: Attributes) {
    indent()
    text += "<\(name)"
    for (name, value) in attributes where !value.isEmpty {
      text += " \(name)=\"\(MarkupText.escaped(value))\""
    }
  }

  private mutating func indent() {
    text += String(repeating: " ", count: openNames.count)
  }
}
