import RunRecord
import TextFormats

/// Parses the lines of one log into the texts that a map asks for.
struct LogLine {
  /// A problem with a line.
  enum Problem: Error {
    /// The line is not an event: it has another form, or no word for an event.
    case noEvent(String)
    /// The line is an event, but a part of it is malformed.
    case malformed(LogPart, String)
  }

  /// One per expression.
  private struct Expression {
    let regex: Regex<AnyRegexOutput>
    /// The index of each part's group; nil before the first match.
    var groups: [Int?]?
  }

  private let map: ImportMap
  /// Empty when fields are separated.
  private var expressions: [Expression]
  /// The index of each part's field; nil for parts that the log lacks.
  private var indices: [Int?]
  /// The largest of these indices.
  private var lastIndex = 0
  /// How many columns the header has; nil without one.
  private var headerCount: Int?
  /// The words for an empty value of each part.
  private let nothing: [[String]]
  /// The parts of the line read last; nil for missing ones.
  private(set) var texts: [String?]
  /// The machines in a list under `peer` of a JSON object; nil without one.
  private(set) var recipients: [LocatedJSON]?
  /// How many lines the last match spans.
  private(set) var matchedLineCount = 1
  /// The meaning of the event's word; nil when vectors decide.
  private(set) var kind: LogEventKind?

  /// Prepares to read a log.
  init(_ map: ImportMap) {
    self.map = map
    texts = LogPart.allCases.map { _ in nil }
    indices = map.columns.map { column in
      if case .numbered(let number)? = column?.selector { number - 1 } else { nil }
    }
    nothing = map.columns.map { map.nothing + ($0?.nothing ?? []) }
    if case .matched(let patterns) = map.shape {
      // Reading the map has checked that all of them are valid expressions.
      expressions = patterns.compactMap { try? Regex($0) }.map { Expression(regex: $0) }
    } else {
      expressions = []
    }
    lastIndex = indices.compactMap { $0 }.max() ?? 0
  }

  /// The part's text on the line read last; nil when it is missing or empty.
  func text(_ part: LogPart) -> String? { texts[part.rawValue] }

  /// Finds the columns that the map names in a header line.
  mutating func readHeader(_ line: String) throws(Problem) {
    guard case .separated(let separator, _) = map.shape else { return }
    let names = Self.fields(of: line, separator)
    headerCount = names.count
    for part in LogPart.allCases {
      guard case .named(let name)? = map.columns[part.rawValue]?.selector else { continue }
      guard let index = names.firstIndex(of: name) else {
        throw .malformed(
          part,
          "the header has no column '\(name)'; it has \(names.joined(separator: ", "))")
      }
      indices[part.rawValue] = index
    }
    lastIndex = indices.compactMap { $0 }.max() ?? 0
  }

  /// Parses the line of an event.
  mutating func read(_ line: String) throws(Problem) {
    try takeApart(line)
    if map.tells(.event) {
      guard let word = text(.event) else { throw .noEvent("it has no word for an event") }
      guard let kind = map.vocabulary.kind(of: word) else {
        let begun = map.words.all.first { word.lowercased().hasPrefix($0) }
        let hint = begun.map { "; write '\($0)*' in the map where a beginning is enough" } ?? ""
        throw .noEvent(
          "'\(word.prefix(40))' is not one of the words for events ("
            + "\(map.words.all.joined(separator: ", ")))\(hint)")
      }
      self.kind = kind
    } else if map.findsKindsInVectors {
      guard text(.vector) != nil else { throw .noEvent("it has no vector clock") }
      kind = nil
    } else {
      kind = try flaggedKind()
    }
  }

  /// Whether an expression of the map matches all lines of a text together.
  mutating func spans(_ text: String, lineCount: Int) -> Bool {
    do throws(Problem) {
      try match(text)
      return matchedLineCount == lineCount
    } catch {
      return false
    }
  }

  /// The kind whose flag is set.
  private func flaggedKind() throws(Problem) -> LogEventKind {
    let flags: [(LogPart, LogEventKind)] = [
      (.internalFlag, .internal), (.sendFlag, .send), (.receiveFlag, .receive),
    ]
    let set = flags.filter { part, _ in text(part).map(Self.isSet) ?? false }
    guard set.count <= 1 else {
      throw .malformed(set[1].0, "two kinds of events are marked on one line")
    }
    if let kind = set.first?.1 { return kind }
    guard map.isInternalOtherwise else { throw .noEvent("no kind of event is marked on it") }
    return .internal
  }

  /// Whether a flag is set.
  private static func isSet(_ text: String) -> Bool {
    !["0", "false", "no", "n", "f", "-", "off", "none", "null", "0.0"].contains(text.lowercased())
  }

  private mutating func takeApart(_ line: String) throws(Problem) {
    switch map.shape {
    case .separated(let separator, _):
      let fields = try fields(of: line, separator)
      // Missing parts at the end count as empty, except the event's own word.
      let marks: [LogPart] = [.event, .vector, .internalFlag, .sendFlag, .receiveFlag]
      let marked = marks.compactMap { indices[$0.rawValue] }
      guard let index = map.tells(.event) ? indices[LogPart.event.rawValue] : marked.min(),
        index < fields.count
      else {
        throw .noEvent(
          "'\(separator)' parts it into \(fields.count) field\(fields.count == 1 ? "" : "s"), "
            + "expected \(lastIndex + 1)")
      }
      for part in LogPart.allCases {
        texts[part.rawValue] = indices[part.rawValue].flatMap {
          $0 < fields.count ? value(of: part, in: fields[$0]) : nil
        }
      }
    case .matched: try match(line)
    case .json: try readObject(line)
    }
  }

  /// The fields of a line; if there are more than the header has, separators inside brackets do not
  /// split.
  private func fields(of line: String, _ separator: String) throws(Problem) -> [String] {
    var fields = Self.fields(of: line, separator)
    guard let headerCount, fields.count > headerCount else { return fields }
    if separator != " " { fields = Self.fieldsWithBrackets(of: line, separator) }
    guard fields.dropFirst(headerCount).allSatisfy(\.isEmpty) else {
      throw .noEvent(
        "it has \(fields.count) fields, and the header \(headerCount); "
          + "a field that holds '\(separator)' stands in quotes")
    }
    return fields
  }

  private mutating func match(_ line: String) throws(Problem) {
    for index in expressions.indices {
      guard let match = line.firstMatch(of: expressions[index].regex) else { continue }
      let groups =
        expressions[index].groups
        ?? map.columns.map { column in
          guard case .named(let name)? = column?.selector else { return nil }
          return (0..<match.count).first { match[$0].name == name }
        }
      expressions[index].groups = groups
      matchedLineCount = match[0].substring.map { $0.utf8.count { $0 == 0x0A } + 1 } ?? 1
      for part in LogPart.allCases {
        texts[part.rawValue] = groups[part.rawValue].flatMap { match[$0].substring }.flatMap {
          value(of: part, in: String($0))
        }
      }
      return
    }
    throw .noEvent("it matches no expression of the map")
  }

  private mutating func readObject(_ line: String) throws(Problem) {
    let object: LocatedJSON
    do throws(JSONParser.Failure) {
      object = try JSONParser.parse(Array(line.utf8))
    } catch {
      throw .noEvent("it is not a JSON object: \(error.problem)")
    }
    guard object.members != nil else { throw .noEvent("it is not a JSON object") }
    recipients = nil
    for part in LogPart.allCases {
      guard case .named(let path)? = map.columns[part.rawValue]?.selector else { continue }
      let found = object[key: path] ?? Self.value(at: path, in: object)
      if part == .peer || part == .recipient, let items = found?.items { recipients = items }
      texts[part.rawValue] = found.flatMap(Self.text).flatMap { value(of: part, in: $0) }
    }
  }

  /// The value that a path such as `to.0.1` leads to.
  private static func value(at path: String, in object: LocatedJSON) -> LocatedJSON? {
    var value = object
    for step in path.split(separator: ".") {
      if let items = value.items {
        guard let index = Int(step), items.indices.contains(index) else { return nil }
        value = items[index]
      } else if let member = value[key: String(step)] {
        value = member
      } else {
        return nil
      }
    }
    return value
  }

  /// A value as a text; nil for null.
  static func text(_ value: LocatedJSON) -> String? {
    switch value.value {
    case .null: nil
    case .text(let text): text
    case .number(let digits): digits
    case .boolean(let flag): "\(flag)"
    case .list, .object: value.canonicalText
    }
  }

  /// The value in a field without its label; nil when it is empty or a word for an empty value.
  private func value(of part: LogPart, in field: String) -> String? {
    var value = field[...]
    if let label = map.columns[part.rawValue]?.label {
      let small = value.lowercased()
      if let found = small.firstRange(of: label.lowercased()) {
        let count = small.distance(from: small.startIndex, to: found.upperBound)
        value = value.dropFirst(count).drop { " \t:=".contains($0) }
      }
    }
    if value.isEmpty || nothing[part.rawValue].contains(where: { $0 == value }) { return nil }
    return String(value)
  }
}
