/// Takes lines of one log apart into the texts that a map asks for.
struct LogLine {
  /// What is wrong with a line.
  enum Problem: Error {
    /// The line is no event: it does not look like one, or has no event's word.
    case noEvent(String)
    /// The line is an event, and a part of it is not what it should be.
    case malformed(LogPart, String)
  }

  /// What a word for an event means.
  enum Kind {
    case `internal`, send, sendToAll, receive
  }

  private let map: ImportMap
  /// What each word means, in small letters.
  private let kinds: [String: Kind]
  /// One per expression; empty when fields are separated.
  private let expressions: [Regex<AnyRegexOutput>]
  /// The place of each part's field, from 0; nil for parts that the log lacks.
  private var places: [Int?]
  /// The highest of them.
  private var lastPlace = 0
  /// The parts of the line that was read last; nil for those it lacks.
  private(set) var texts: [String?]
  /// What the event's word means.
  private(set) var kind = Kind.internal

  /// Prepares to read a log.
  init(_ map: ImportMap) {
    self.map = map
    let words = map.words
    let meanings = [
      (words.internal, Kind.internal), (words.send, .send), (words.sendToAll, .sendToAll),
      (words.receive, .receive),
    ]
    kinds = Dictionary(meanings.flatMap { words, kind in words.map { ($0, kind) } }) { $1 }
    texts = LogPart.allCases.map { _ in nil }
    places = map.columns.map { column in
      if case .numbered(let number)? = column?.place { number - 1 } else { nil }
    }
    if case .matched(let patterns) = map.shape {
      // The map was refused if one of them were no expression.
      expressions = patterns.compactMap { try? Regex($0) }
    } else {
      expressions = []
    }
    lastPlace = places.compactMap { $0 }.max() ?? 0
  }

  /// The part's text on the line that was read last; nil when it is not there or empty.
  func text(_ part: LogPart) -> String? { texts[part.rawValue] }

  /// Finds the columns that the map names in a header line.
  mutating func readHeader(_ line: String) throws(Problem) {
    guard case .separated(let separator, _) = map.shape else { return }
    let names = Self.fields(of: line, separator)
    for part in LogPart.allCases {
      guard case .named(let name)? = map.columns[part.rawValue]?.place else { continue }
      guard let place = names.firstIndex(of: name) else {
        throw .malformed(
          part,
          "the header has no column '\(name)'; it has \(names.joined(separator: ", "))")
      }
      places[part.rawValue] = place
    }
    lastPlace = places.compactMap { $0 }.max() ?? 0
  }

  /// Takes the line of an event apart.
  mutating func read(_ line: String) throws(Problem) {
    try takeApart(line)
    guard let word = text(.event) else { throw .noEvent("it has no word for an event") }
    guard let kind = kinds[word.lowercased()] else {
      throw .noEvent(
        "'\(word.prefix(40))' is none of the words for events ("
          + "\(map.words.all.joined(separator: ", ")))")
    }
    self.kind = kind
  }

  private mutating func takeApart(_ line: String) throws(Problem) {
    switch map.shape {
    case .separated(let separator, _):
      let fields = Self.fields(of: line, separator)
      // Parts that are missing at the end are empty, but the event's own word.
      guard let place = places[LogPart.event.rawValue], place < fields.count else {
        throw .noEvent(
          "'\(separator)' parts it into \(fields.count) field\(fields.count == 1 ? "" : "s"), "
            + "expected \(lastPlace + 1)")
      }
      for part in LogPart.allCases {
        texts[part.rawValue] = places[part.rawValue].flatMap {
          $0 < fields.count ? value(of: part, in: fields[$0]) : nil
        }
      }
    case .matched:
      guard let match = expressions.lazy.compactMap({ line.firstMatch(of: $0) }).first else {
        throw .noEvent("it matches no expression of the map")
      }
      for part in LogPart.allCases {
        guard case .named(let name)? = map.columns[part.rawValue]?.place else { continue }
        texts[part.rawValue] = match[name]?.substring.flatMap { value(of: part, in: String($0)) }
      }
    }
  }

  /// The value in a field: without its label; nil when nothing is left.
  private func value(of part: LogPart, in field: String) -> String? {
    var value = field[...]
    if let label = map.columns[part.rawValue]?.label {
      let isThere = value.lowercased().hasPrefix(label.lowercased())
      if isThere { value = value.dropFirst(label.count).drop { " \t:=".contains($0) } }
    }
    return value.isEmpty ? nil : String(value)
  }

  /// The fields of a line, without the spaces around them.
  ///
  /// A field in quotes may hold the separator; a quote in it is doubled. Where a space separates,
  /// any number of spaces and tabs does.
  static func fields(of line: String, _ separator: String) -> [String] {
    if separator == " " {
      return line.split { $0 == " " || $0 == "\t" }.map { String($0) }
    }
    guard line.utf8.contains(UInt8(ascii: "\"")) else {
      return line.split(separator: separator, omittingEmptySubsequences: false).map(trimmed)
    }
    var fields: [String] = []
    var rest = line[...]
    while true {
      let (field, after) = firstField(of: rest, separator)
      fields.append(field)
      guard let after else { return fields }
      rest = after
    }
  }

  /// The first field, and what comes after its separator; nil when it is the last.
  private static func firstField(
    of text: Substring, _ separator: String
  ) -> (field: String, rest: Substring?) {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard start.first == "\"" else {
      guard let end = text.firstRange(of: separator) else { return (trimmed(text), nil) }
      return (trimmed(text[..<end.lowerBound]), text[end.upperBound...])
    }
    var field = ""
    var rest = start.dropFirst()
    while let quote = rest.firstIndex(of: "\"") {
      field += rest[..<quote]
      rest = rest[rest.index(after: quote)...]
      guard rest.first == "\"" else { break }
      field.append("\"")
      rest = rest.dropFirst()
    }
    guard let end = rest.firstRange(of: separator) else { return (field, nil) }
    return (field, rest[end.upperBound...])
  }

  private static func trimmed(_ field: Substring) -> String {
    let start = field.drop { $0 == " " || $0 == "\t" }
    guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(start[...last])
  }
}
