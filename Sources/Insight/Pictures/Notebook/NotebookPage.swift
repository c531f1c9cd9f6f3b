/// A page of the lab notebook: sections that the tool writes, between a person's text.
///
/// A section is enclosed by two lines, `<!-- scalemodel:begin NAME -->` and `<!-- scalemodel:end
/// NAME -->`, which are invisible in the rendered page. Everything outside is a person's, and stays
/// byte for byte.
package struct NotebookPage: Sendable {
  /// The sections that the tool writes, in page order.
  package enum Section: String, CaseIterable, Sendable {
    case title, question, plan, commands, verdicts, tables, figures

    /// Where it belongs in the page, from 0.
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Damaged or misplaced markers.
  package struct Damage: Error, Hashable, Sendable {
    /// The line of the page, from 1.
    package let line: Int
    /// What is wrong with the marker.
    package let problem: String
  }

  private enum Piece: Sendable {
    case prose([UInt8])
    case section(Section)
  }

  private let pieces: [Piece]
  private var byteOrderMark: [UInt8] = []
  /// The sections' line ends: CRLF when all lines of the page have it.
  private var lineEnd = Array("\n".utf8)

  /// A new page: all sections, with room for a person's text between them.
  package init() {
    var pieces: [Piece] = []
    for section in Section.allCases {
      let prose =
        switch section {
        case .title: ""
        case .question: "\n\(Self.invitation)\n\n"
        case .plan: "\n\(Self.heading("Expectation", Self.beforehand))\n"
        default: "\n"
        }
      pieces += [.prose(Array(prose.utf8)), .section(section)]
    }
    let afterwards = Self.afterwards.map { "\n" + Self.heading($0, $1) }.joined()
    self.pieces = pieces + [.prose(Array(afterwards.utf8))]
  }

  /// The prompts before the runs.
  private static let beforehand = "What should come out, and why? Write it before the runs."
  /// The prompts after the runs: headings, and what belongs under each.
  private static let afterwards = [
    ("Observations", "What do the tables and figures show? Name the numbers."),
    ("Reflection", "What was expected and what was not, and why? What can these runs not tell?"),
    ("What to try next", "Which run would tell?"),
  ]

  private static func heading(_ name: String, _ invitation: String) -> String {
    "## \(name)\n\n<!-- \(invitation) -->\n"
  }

  private static let invitation =
    "<!-- What stands outside the marked sections is yours: writing the page again keeps it. -->"

  /// Parses an existing page.
  ///
  /// Sections that a person removed stay removed, and line ends stay.
  ///
  /// - Parameters:
  ///   - bytes: The page.
  ///   - byteOrderMark: The bytes before it in its file.
  /// - Throws: ``Damage`` at the first misplaced marker, and when there is none.
  package init(parsing bytes: [UInt8], byteOrderMark: [UInt8] = []) throws(Damage) {
    var pieces: [Piece] = []
    var prose: [UInt8] = []
    var markers = MarkerSequence()
    for (index, line) in Self.lines(of: bytes).enumerated() {
      let number = index + 1
      guard let marker = try Self.marker(in: line, number) else {
        if markers.open == nil { prose += line }
        continue
      }
      if marker.begins {
        try markers.begin(marker.section, line: number)
        pieces += [.prose(prose), .section(marker.section)]
        prose = []
      } else {
        try markers.end(marker.section, line: number)
      }
    }
    try markers.finish()
    self.pieces = pieces + [.prose(prose)]
    self.byteOrderMark = byteOrderMark
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    let areCRLF = ends.allSatisfy { $0 > 0 && bytes[$0 - 1] == UInt8(ascii: "\r") }
    if areCRLF && !ends.isEmpty { lineEnd = Array("\r\n".utf8) }
  }

  /// The page with new sections.
  ///
  /// - Parameter text: A section's new text, in whole lines.
  /// - Returns: The file's bytes.
  package func bytes(_ text: (Section) -> String) -> [UInt8] {
    var bytes = byteOrderMark
    for piece in pieces {
      switch piece {
      case .prose(let prose): bytes += prose
      case .section(let section):
        // A marker needs its own line, and Markdown an empty line before text.
        if bytes.count > byteOrderMark.count, bytes.last != UInt8(ascii: "\n") { bytes += lineEnd }
        let lines =
          "<!-- scalemodel:begin \(section.rawValue) -->\n\n\(text(section))"
          + "\n<!-- scalemodel:end \(section.rawValue) -->\n"
        for byte in lines.utf8 {
          if byte == UInt8(ascii: "\n") { bytes += lineEnd } else { bytes.append(byte) }
        }
      }
    }
    return bytes
  }

  // MARK: Markers

  /// The markers of a page so far: sections are whole, in page order, and none is there twice.
  private struct MarkerSequence {
    /// The section that has begun and not ended, with the line of its marker.
    private(set) var open: (section: Section, line: Int)?
    /// The sections that have begun, in page order.
    private var begun: [(section: Section, line: Int)] = []

    mutating func begin(_ section: Section, line: Int) throws(Damage) {
      if let open {
        throw Damage(
          line: line,
          problem: "section '\(section.rawValue)' begins inside section "
            + "'\(open.section.rawValue)' (line \(open.line))")
      }
      if begun.contains(where: { $0.section == section }) {
        throw Damage(line: line, problem: "there are two sections '\(section.rawValue)'")
      }
      if let latest = begun.last, section.index < latest.section.index {
        throw Damage(
          line: line,
          problem: "section '\(section.rawValue)' stands behind section "
            + "'\(latest.section.rawValue)' (line \(latest.line)); it belongs before")
      }
      open = (section, line)
      begun.append((section, line))
    }

    mutating func end(_ section: Section, line: Int) throws(Damage) {
      guard let open else {
        throw Damage(line: line, problem: "section '\(section.rawValue)' ends and never began")
      }
      guard open.section == section else {
        throw Damage(
          line: line,
          problem: "section '\(section.rawValue)' ends inside section "
            + "'\(open.section.rawValue)' (line \(open.line))")
      }
      self.open = nil
    }

    /// Checks that the page may end here.
    func finish() throws(Damage) {
      if let open {
        throw Damage(
          line: open.line, problem: "section '\(open.section.rawValue)' begins and never ends")
      }
      if begun.isEmpty {
        throw Damage(line: 1, problem: "there is no marked section, so nothing here is the tool's")
      }
    }
  }

  /// The lines with their ends.
  private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(bytes[start...index])
      start = index + 1
    }
    if start < bytes.endIndex { lines.append(bytes[start...]) }
    return lines
  }

  /// The marker on a line; nil for a line of text.
  private static func marker(
    in line: ArraySlice<UInt8>, _ number: Int
  ) throws(Damage) -> (begins: Bool, section: Section)? {
    let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    // A marker that lost a space still counts as one.
    let text = words.joined()
    guard text.hasPrefix("<!--scalemodel:") || text.hasPrefix("<!--scalemodel") && words.count > 1
    else { return nil }
    guard words.count == 4, words[0] == "<!--", words[3] == "-->",
      words[1] == "scalemodel:begin" || words[1] == "scalemodel:end"
    else {
      throw Damage(
        line: number,
        problem: "a marker is '<!-- scalemodel:begin NAME -->' or '<!-- scalemodel:end NAME -->'")
    }
    guard let section = Section(rawValue: String(words[2])) else {
      throw Damage(
        line: number,
        problem: "there is no section '\(words[2])'; there are "
          + Section.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return (words[1] == "scalemodel:begin", section)
  }
}
