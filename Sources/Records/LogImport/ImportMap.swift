import RunRecord
import SystemCalls
import TextFormats

/// How to read the logs of another implementation: the form of their lines, and the meaning of each
/// part of a line.
///
/// It is a small JSON file with the keys of ``Key``; an unknown key is refused, to find
/// misspellings.
package struct ImportMap: Decodable, Sendable {
  /// The keys at the top of the file.
  enum Key: String, CodingKey, CaseIterable {
    case about, separator, header, skip, pattern, json, begin
    case machine, run, event, clock, vector, time, queue, peer, message, identity, tick
    case nothing, rates, die, otherwise
  }

  /// How a line is split into columns.
  enum Shape: Hashable, Sendable {
    /// Fields with a separator, with or without a header line.
    case separated(by: String, hasHeader: Bool)
    /// The named groups of the first of these expressions that matches the line.
    case matched([String])
    /// The values of a JSON object, by paths such as `to.0.1`.
    case json
  }

  /// Where a line's machine comes from.
  enum MachineSource: Hashable, Sendable {
    /// The file's name; the expression finds the machine's name in it.
    case fileName(pattern: String)
    /// A column, so that a file may hold the lines of several machines.
    case column
    /// The map names the only machine.
    case named(String)
    /// The sender or the recipient of the line's message.
    case ends
    /// Each file is the log of one machine.
    case file
  }

  /// What to do with lines that are not events.
  package enum Otherwise: String, Sendable {
    /// The line is skipped.
    case skip
    /// The line is an error.
    case error
  }

  let shape: Shape
  /// Matches the first line of an event of several lines; nil when each line is an event.
  let begin: String?
  /// How many lines come before the header, or before the first event.
  let skippedLineCount: Int
  let machine: MachineSource
  /// Finds a run's name in a file's path; nil when directories are runs.
  let runPattern: String?
  /// The column of each part of an event, in the order of ``LogPart``; nil for parts the logs lack.
  let columns: [LogColumn?]
  let vocabulary: EventVocabulary
  let words: EventWords
  /// Whether a line without a flag is an internal event.
  let isInternalOtherwise: Bool
  let timeForm: LogTime.Form
  let peerNames: PeerNames
  /// The machine of each entry in a vector clock without names; nil for the machines in order.
  let vectorNames: [String]?
  /// The words for an empty value in any column.
  let nothing: [String]
  /// The source of the rates; nil when they are unknown.
  let rates: RateSource?
  /// The unit of the times between ticks, where the logs give those; nil when they give rates.
  let rateInterval: LogTime.Unit?
  /// Sides of the die; nil when the map does not say.
  let die: Int?
  let otherwise: Otherwise

  /// Reads a map.
  ///
  /// - Throws: ``RunRecordError`` with the line or the key of the error.
  package static func read(_ path: String) throws(RunRecordError) -> ImportMap {
    try decode(TextFile.bytes(of: path), path: path)
  }

  /// Decodes a map from bytes; `path` names their origin in errors.
  static func decode(_ bytes: [UInt8], path: String) throws(RunRecordError) -> ImportMap {
    do throws(JSONParser.Failure) {
      _ = try JSONParser.parse(bytes)
    } catch {
      throw .malformed(
        path: path, line: error.line, column: nil, problem: "not JSON: \(error.problem)")
    }
    return try JSONText.decode(bytes, path: path)
  }

  /// Decodes a map, and checks its keys and values.
  package init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    shape = try Self.shape(keys)
    begin = try keys.decodeIfPresent(String.self, forKey: .begin)
    if let begin { try keys.expectExpression(begin, .begin) }
    let skippedLineCount = try keys.decodeIfPresent(Int.self, forKey: .skip) ?? 0
    self.skippedLineCount = skippedLineCount
    try keys.expect(skippedLineCount >= 0, .skip, "a number of lines is not negative")
    otherwise = try Self.otherwise(keys)

    let peer = try keys.decodeIfPresent(PeerKeys.self, forKey: .peer)
    peerNames = peer?.names ?? PeerNames()
    let machine = try keys.decodeIfPresent(MachineKeys.self, forKey: .machine)
    self.machine =
      machine?.source ?? (peer?.sender != nil && peer?.recipient != nil ? .ends : .file)
    runPattern = try keys.decodeIfPresent(RunKeys.self, forKey: .run)?.file
    let vector = try keys.decodeIfPresent(VectorKeys.self, forKey: .vector)
    vectorNames = vector?.names
    let event =
      vector == nil
      ? try keys.decode(EventKeys.self, forKey: .event)
      : try keys.decodeIfPresent(EventKeys.self, forKey: .event)
    words = event?.words ?? EventWords()
    vocabulary = EventVocabulary(words, areBeginnings: event?.areBeginnings ?? false)
    isInternalOtherwise = event?.isInternalOtherwise ?? false
    let time = try keys.decodeIfPresent(TimeKeys.self, forKey: .time)
    timeForm = time?.form ?? .unit(.seconds)
    nothing = try keys.decodeIfPresent(OneOrMore.self, forKey: .nothing)?.texts ?? []
    let rates = try keys.decodeIfPresent(RateKeys.self, forKey: .rates)
    (self.rates, rateInterval) = (rates?.source, rates?.interval)
    let die = try keys.decodeIfPresent(Int.self, forKey: .die)
    self.die = die
    try keys.expect(die.map { $0 > 0 } ?? true, .die, "a die has at least one side")

    var columns: [LogColumn?] = Array(repeating: nil, count: LogPart.allCases.count)
    for (part, key) in Self.plainColumns {
      columns[part.rawValue] = try keys.decodeIfPresent(LogColumn.self, forKey: key)
    }
    for (part, column) in [
      (LogPart.machine, machine?.column), (.event, event?.column), (.time, time?.column),
      (.peer, peer?.column), (.vector, vector?.column), (.rate, rates?.column),
      (.sender, peer?.sender), (.recipient, peer?.recipient),
      (.internalFlag, event?.internalFlag), (.sendFlag, event?.sendFlag),
      (.receiveFlag, event?.receiveFlag),
    ] { columns[part.rawValue] = column }
    self.columns = columns
    for part in LogPart.allCases {
      try columns[part.rawValue].map { try Self.expect($0, toFit: shape, keys, part) }
    }
  }

  private static let plainColumns: [(LogPart, Key)] = [
    (.clock, .clock), (.queue, .queue), (.message, .message), (.identity, .identity),
    (.tick, .tick),
  ]

  /// Whether lines may contain a part.
  func tells(_ part: LogPart) -> Bool { columns[part.rawValue] != nil }

  /// Whether vector clocks alone determine the kinds of events.
  var findsKindsInVectors: Bool {
    !tells(.event) && !tells(.sendFlag) && !tells(.receiveFlag) && !tells(.internalFlag)
  }

  private static func otherwise(_ keys: KeyedDecodingContainer<Key>) throws -> Otherwise {
    guard let word = try keys.decodeIfPresent(String.self, forKey: .otherwise) else {
      return .error
    }
    guard let otherwise = Otherwise(rawValue: word) else {
      throw keys.corrupted(.otherwise, "'\(word)' is not possible; expected \"skip\" or \"error\"")
    }
    return otherwise
  }

  private static func shape(_ keys: KeyedDecodingContainer<Key>) throws -> Shape {
    let patterns = try keys.decodeIfPresent(OneOrMore.self, forKey: .pattern)?.texts
    let separator = try keys.decodeIfPresent(String.self, forKey: .separator)
    let isJSON = try keys.decodeIfPresent(Bool.self, forKey: .json) ?? false
    let hasHeader = try keys.decodeIfPresent(Bool.self, forKey: .header)
    switch (separator, patterns, isJSON) {
    case (let separator?, nil, false):
      try keys.expect(!separator.isEmpty, .separator, "a separator has at least one character")
      return .separated(by: separator, hasHeader: hasHeader ?? false)
    case (nil, let patterns?, false):
      try keys.expect(hasHeader == nil, .header, "only lines with a 'separator' have a header")
      try keys.expect(!patterns.isEmpty, .pattern, "there is no expression")
      for pattern in patterns { try keys.expectExpression(pattern, .pattern) }
      return .matched(patterns)
    case (nil, nil, true):
      try keys.expect(hasHeader == nil, .header, "only lines with a 'separator' have a header")
      return .json
    default:
      throw keys.corrupted(
        .separator,
        "say what a line looks like by exactly one of 'separator', 'pattern' and 'json'")
    }
  }

  /// Refuses a column that is impossible in lines of this shape.
  private static func expect(
    _ column: LogColumn, toFit shape: Shape, _ keys: KeyedDecodingContainer<Key>, _ part: LogPart
  ) throws {
    let name = part.key.split(separator: ".").first.map(String.init) ?? part.key
    let key = Key(stringValue: name) ?? .event
    switch (shape, column.selector) {
    case (.matched(let patterns), .named(let name)):
      try keys.expect(
        patterns.contains { $0.contains("(?<\(name)>") || $0.contains("(?P<\(name)>") }, key,
        "no expression has a group (?<\(name)>…)")
    case (.matched, .numbered(let number)):
      throw keys.corrupted(key, "groups go by name, not by number (\(number))")
    case (.separated(_, hasHeader: false), .named(let name)):
      throw keys.corrupted(
        key, "without a header line, columns go by number from 1, not by name ('\(name)')")
    case (.json, .numbered(let number)):
      throw keys.corrupted(key, "values go by the name of their key, not by number (\(number))")
    case (.separated, .named), (.json, .named): break
    case (.separated, .numbered(let number)):
      try keys.expect(number > 0, key, "columns are numbered from 1, not \(number)")
    }
  }
}
