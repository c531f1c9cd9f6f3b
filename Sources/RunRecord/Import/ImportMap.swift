import SystemCalls

/// How to read the logs of another implementation: what their lines look like, and which part of a
/// line means what.
///
/// It is a small JSON file; the keys are those of ``Key``, and a key that is none of them is
/// refused, so that a slip of the pen is found.
package struct ImportMap: Decodable, Sendable {
  /// The keys at the top of the file.
  enum Key: String, CodingKey, CaseIterable {
    case about, separator, header, skip, pattern
    case machine, event, clock, time, queue, peer, message, tick
    case rates, die, otherwise
  }

  /// How a line falls into parts.
  enum Shape: Hashable, Sendable {
    /// Fields with a separator between them, named in a header line or not.
    case separated(by: String, hasHeader: Bool)
    /// The named groups of the first of these expressions that is found in the line.
    case matched([String])
  }

  /// Whose line it is.
  enum MachineSource: Hashable, Sendable {
    /// The file's name tells; the expression finds the machine's name in it.
    case fileName(pattern: String)
    /// A column tells, so that a file may hold the lines of several machines.
    case column
  }

  /// What to do with lines that are no events.
  package enum Otherwise: String, Sendable {
    case skip
    case error
  }

  let shape: Shape
  /// How many lines come before the header, or before the first event.
  let skippedLineCount: Int
  let machine: MachineSource
  /// The column of each part of an event, in the order of ``LogPart``; nil for what the logs lack.
  let columns: [LogColumn?]
  let words: EventWords
  let timeUnit: LogTime.Unit
  let peerNames: PeerNames
  /// Instructions per second, one per machine, in the order of their names; nil when nobody knows.
  let rates: [Int]?
  /// Sides of the die; nil when nobody knows.
  let die: Int?
  let otherwise: Otherwise

  /// Reads a map.
  ///
  /// - Throws: ``RunRecordError`` with the key of what is wrong.
  package static func read(_ path: String) throws(RunRecordError) -> ImportMap {
    try JSONText.decode(fileAt: path)
  }

  package init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    shape = try Self.shape(keys)
    let skippedLineCount = try keys.decodeIfPresent(Int.self, forKey: .skip) ?? 0
    self.skippedLineCount = skippedLineCount
    try keys.expect(skippedLineCount >= 0, .skip, "a number of lines is not negative")
    let otherwise = try keys.decodeIfPresent(String.self, forKey: .otherwise)
    self.otherwise = otherwise.flatMap { Otherwise(rawValue: $0) } ?? .error
    try keys.expect(
      otherwise.map { Otherwise(rawValue: $0) != nil } ?? true, .otherwise,
      "'\(otherwise ?? "")' is not possible; expected \"skip\" or \"error\"")

    let machine = try keys.decode(MachineKeys.self, forKey: .machine)
    self.machine = machine.file.map { .fileName(pattern: $0) } ?? .column
    let event = try keys.decode(EventKeys.self, forKey: .event)
    words = event.words
    let time = try keys.decodeIfPresent(TimeKeys.self, forKey: .time)
    timeUnit = time?.unit ?? .seconds
    let peer = try keys.decodeIfPresent(PeerKeys.self, forKey: .peer)
    peerNames = peer?.names ?? PeerNames()
    func column(_ key: Key) throws -> LogColumn? {
      try keys.decodeIfPresent(LogColumn.self, forKey: key)
    }
    columns = [
      machine.column, event.column, try column(.clock), time?.column, try column(.queue),
      peer?.column, try column(.message), try column(.tick),
    ]
    let rates = try keys.decodeIfPresent([Int].self, forKey: .rates)
    self.rates = rates
    try keys.expect(
      rates?.allSatisfy { $0 > 0 && $0 <= 1_000_000 } ?? true, .rates,
      "a rate is from 1 to 1000000 instructions a second")
    let die = try keys.decodeIfPresent(Int.self, forKey: .die)
    self.die = die
    try keys.expect(die.map { $0 > 0 } ?? true, .die, "a die has at least one side")
    for part in LogPart.allCases {
      try columns[part.rawValue].map { try Self.expect($0, toFit: shape, keys, part) }
    }
  }

  private static func shape(_ keys: KeyedDecodingContainer<Key>) throws -> Shape {
    let patterns = try keys.decodeIfPresent(OneOrMore.self, forKey: .pattern)?.texts
    let separator = try keys.decodeIfPresent(String.self, forKey: .separator)
    let hasHeader = try keys.decodeIfPresent(Bool.self, forKey: .header)
    switch (separator, patterns) {
    case (let separator?, nil):
      try keys.expect(!separator.isEmpty, .separator, "a separator has at least one character")
      return .separated(by: separator, hasHeader: hasHeader ?? false)
    case (nil, let patterns?):
      try keys.expect(hasHeader == nil, .header, "only lines with a 'separator' have a header")
      try keys.expect(!patterns.isEmpty, .pattern, "there is no expression")
      for pattern in patterns { try keys.expectExpression(pattern, .pattern) }
      return .matched(patterns)
    default:
      throw keys.corrupted(
        .separator, "either 'separator' or 'pattern' says what a line looks like, not both")
    }
  }

  /// Refuses a column that no line of this shape can have.
  private static func expect(
    _ column: LogColumn, toFit shape: Shape, _ keys: KeyedDecodingContainer<Key>, _ part: LogPart
  ) throws {
    let key = Key(stringValue: part.key) ?? .event
    switch (shape, column.place) {
    case (.matched(let patterns), .named(let name)):
      try keys.expect(
        patterns.contains { $0.contains("(?<\(name)>") || $0.contains("(?P<\(name)>") }, key,
        "no expression has a group (?<\(name)>…)")
    case (.matched, .numbered(let number)):
      throw keys.corrupted(key, "groups go by name, not by number (\(number))")
    case (.separated(_, hasHeader: false), .named(let name)):
      throw keys.corrupted(
        key, "without a header line, columns go by number from 1, not by name ('\(name)')")
    case (.separated, .named): break
    case (.separated, .numbered(let number)):
      try keys.expect(number > 0, key, "columns are numbered from 1, not \(number)")
    }
  }
}

/// A part of an event that a log may tell.
enum LogPart: Int, CaseIterable, Sendable {
  case machine, event, clock, time, queue, peer, message, tick

  /// Its key in the map.
  var key: String {
    switch self {
    case .machine: "machine"
    case .event: "event"
    case .clock: "clock"
    case .time: "time"
    case .queue: "queue"
    case .peer: "peer"
    case .message: "message"
    case .tick: "tick"
    }
  }
}

/// Where a part of an event stands in a line.
struct LogColumn: Hashable, Sendable {
  /// How a column is found.
  enum Place: Hashable, Sendable {
    /// By its name in the header, or by the name of its group.
    case named(String)
    /// By its number, from 1.
    case numbered(Int)
  }

  let place: Place
  /// A label before the value that is not part of it, such as `queue` in `queue: 3`.
  var label: String?
}

/// The words a log uses for events, in small letters.
struct EventWords: Hashable, Sendable {
  var `internal`: [String] = []
  var send: [String] = []
  var sendToAll: [String] = []
  var receive: [String] = []

  /// All of them, in the order of the map's keys.
  var all: [String] { `internal` + send + sendToAll + receive }
}

/// The words a log uses for the other machine of a message.
struct PeerNames: Hashable, Sendable {
  /// One per machine, in the order of their names; nil when messages name machines as files or
  /// columns do.
  var names: [String]?
  /// What stands for all other machines.
  var all: [String] = []
}
