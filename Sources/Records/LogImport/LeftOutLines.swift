/// The lines of a log that are not events, grouped by shape: lines that are equal apart from
/// numbers.
struct LeftOutLines {
  /// Lines of one shape.
  struct Shape {
    /// The first of them.
    let example: String
    let line: Int
    let problem: String
    var count = 1
  }

  private(set) var count = 0
  /// In the order of their first lines.
  private(set) var shapes: [Shape] = []
  /// Looked up, never iterated.
  private var indices: [String: Int] = [:]
  /// The most shapes stored; lines of further shapes are only counted.
  private static let shapeCountMax = 1000

  /// Counts a line.
  mutating func add(_ text: String, line: Int, _ problem: String) {
    count += 1
    let key = Self.masked(text)
    if let index = indices[key] {
      shapes[index].count += 1
    } else if shapes.count < Self.shapeCountMax {
      indices[key] = shapes.count
      shapes.append(Shape(example: text, line: line, problem: problem))
    }
  }

  /// A line with each number, and each word with a digit, replaced by one character.
  static func masked(_ text: String) -> String {
    var masked: [UInt8] = []
    var isInWord = false
    var wordStart = 0
    for byte in text.utf8 {
      let isDigit = 0x30...0x39 ~= byte
      let isLetter = 0x41...0x5A ~= byte & 0xDF
      if isDigit {
        if isInWord { masked.removeSubrange(wordStart...) } else { wordStart = masked.count }
        masked.append(UInt8(ascii: "#"))
        isInWord = true
      } else if isLetter {
        if isInWord && masked.last == UInt8(ascii: "#") { continue }
        if !isInWord { wordStart = masked.count }
        isInWord = true
        masked.append(byte)
      } else {
        isInWord = false
        masked.append(byte)
      }
    }
    return String(decoding: masked, as: UTF8.self)
  }

  /// How many shapes a warning shows.
  private static let shownCountMax = 5
  private static let exampleLengthMax = 60

  /// The shapes with their counts, the most frequent first.
  var summary: String {
    let sorted = shapes.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
    let shown = sorted.prefix(Self.shownCountMax).map { shape in
      "\(shape.count) like \"\(Self.shown(shape.example))\" (line \(shape.line))"
    }
    let hiddenCount = sorted.count - shown.count
    return shown.joined(separator: ", ")
      + (hiddenCount > 0 ? ", and \(hiddenCount) other shapes" : "")
  }

  /// A line as a message shows it: shortened and escaped.
  private static func shown(_ text: String) -> String {
    let plain = text.prefix(exampleLengthMax).unicodeScalars.map {
      $0.properties.generalCategory == .control ? " " : String($0)
    }.joined()
    return plain + (text.count > exampleLengthMax ? "…" : "")
  }
}
