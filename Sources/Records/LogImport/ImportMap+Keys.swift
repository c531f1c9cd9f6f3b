import RunRecord
import TextFormats

// The smaller objects of a map, as JSON spells them.

/// A text, or a list of texts.
struct OneOrMore: Decodable {
  let texts: [String]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      texts = [text]
    } else {
      texts = try container.decode([String].self)
    }
  }
}

/// A word, or a list of words, in lower case.
private struct Words: Decodable {
  let words: [String]

  init(from decoder: any Decoder) throws {
    words = try OneOrMore(from: decoder).texts.map { $0.lowercased() }
  }
}

extension LogColumn: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing
  }

  /// Reads a name, a number, or an object that has one.
  init(from decoder: any Decoder) throws {
    if let selector = Self.selector(try decoder.singleValueContainer()) {
      self.init(selector: selector)
    } else {
      _ = try decoder.container(refusingKeysBut: Key.self)
      self = try Self.inObject(decoder)
    }
  }

  /// Reads the column that an object names along with other keys.
  static func inObject(_ decoder: any Decoder) throws -> LogColumn {
    let keys = try decoder.container(keyedBy: Key.self)
    let label = try keys.decodeIfPresent(String.self, forKey: .after)
    let nothing = try keys.decodeIfPresent(OneOrMore.self, forKey: .nothing)?.texts ?? []
    if let number = try? keys.decode(Int.self, forKey: .column) {
      return LogColumn(selector: .numbered(number), label: label, nothing: nothing)
    }
    return LogColumn(
      selector: .named(try keys.decode(String.self, forKey: .column)), label: label,
      nothing: nothing)
  }

  static func selector(_ container: any SingleValueDecodingContainer) -> Selector? {
    if let number = try? container.decode(Int.self) { return .numbered(number) }
    return (try? container.decode(String.self)).map { .named($0) }
  }
}

/// The value of `machine`.
struct MachineKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case file, column, after, nothing, name
  }

  let source: ImportMap.MachineSource
  let column: LogColumn?

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    let file = try keys.decodeIfPresent(String.self, forKey: .file)
    let name = try keys.decodeIfPresent(String.self, forKey: .name)
    let namesColumn = keys.contains(.column)
    try keys.expect(
      [file != nil, name != nil, namesColumn].count { $0 } == 1, .file,
      "either 'file' (an expression for files' names) or 'column' says whose line it is, "
        + "or 'name' names the only machine")
    if let file { try keys.expectExpression(file, .file) }
    try keys.expect(name?.isEmpty != true, .name, "a machine's name has at least one character")
    column = namesColumn ? try LogColumn.inObject(decoder) : nil
    source = file.map { .fileName(pattern: $0) } ?? name.map { .named($0) } ?? .column
  }
}

/// The value of `run`.
struct RunKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case file
  }

  let file: String

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    file = try keys.decode(String.self, forKey: .file)
    try keys.expectExpression(file, .file)
  }
}

/// What identifies a kind of event: words in the column of events, or a column of its own.
private struct EventMark: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing
  }

  var words: [String] = []
  var flag: LogColumn?
  /// Whether it applies to every event of no other kind.
  var isOtherwise = false

  init(from decoder: any Decoder) throws {
    if let words = try? Words(from: decoder).words {
      self.words = words
    } else if let isOtherwise = try? decoder.singleValueContainer().decode(Bool.self) {
      self.isOtherwise = isOtherwise
    } else {
      _ = try decoder.container(refusingKeysBut: Key.self)
      flag = try LogColumn.inObject(decoder)
    }
  }
}

/// The value of `event`.
struct EventKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing, `internal`, send, sendToAll, receive, begins
  }

  let column: LogColumn?
  let words: EventWords
  let areBeginnings: Bool
  let isInternalOtherwise: Bool
  let internalFlag: LogColumn?
  let sendFlag: LogColumn?
  let receiveFlag: LogColumn?

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    func mark(_ key: Key) throws -> EventMark? {
      try keys.decodeIfPresent(EventMark.self, forKey: key)
    }
    let (internalMark, sendMark) = (try mark(.internal), try mark(.send))
    let (sendToAllMark, receiveMark) = (try mark(.sendToAll), try mark(.receive))
    (internalFlag, sendFlag) = (internalMark?.flag, sendMark?.flag)
    receiveFlag = receiveMark?.flag
    isInternalOtherwise = internalMark?.isOtherwise ?? false
    areBeginnings = try keys.decodeIfPresent(Bool.self, forKey: .begins) ?? false
    let hasFlags = internalFlag != nil || sendFlag != nil || receiveFlag != nil
    column = hasFlags && !keys.contains(.column) ? nil : try LogColumn.inObject(decoder)
    try keys.expect(
      !(hasFlags && column != nil), .column,
      "either one column has words for events, or each kind has a column of its own")
    try keys.expect(
      sendToAllMark?.flag == nil, .sendToAll, "a send to all is known by a word, not by a column")
    for (key, mark) in [(Key.send, sendMark), (.receive, receiveMark), (.sendToAll, sendToAllMark)]
    {
      try keys.expect(mark?.isOtherwise != true, key, "only 'internal' may be true")
    }
    words = EventWords(
      internal: internalMark?.words ?? [], send: sendMark?.words ?? [],
      sendToAll: sendToAllMark?.words ?? [], receive: receiveMark?.words ?? [])
    let all = words.all.sorted()
    try keys.expect(hasFlags || !all.isEmpty, .internal, "no word is given for any event")
    if let twice = zip(all, all.dropFirst()).first(where: { $0 == $1 })?.0 {
      throw keys.corrupted(.column, "the word '\(twice)' is given twice")
    }
  }
}

/// The value of `time`.
struct TimeKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing, unit, format
  }

  let column: LogColumn
  let form: LogTime.Form

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    column = try LogColumn.inObject(decoder)
    if let text = try keys.decodeIfPresent(String.self, forKey: .format) {
      try keys.expect(
        !keys.contains(.unit), .unit, "either 'unit' or 'format' says how times are written")
      do throws(TimeFormat.Mistake) {
        form = .format(try TimeFormat(text))
      } catch {
        throw keys.corrupted(.format, "\(error)")
      }
    } else {
      form = .unit(try keys.unit(.unit, LogTime.Unit.allCases))
    }
  }
}

/// The value of `vector`.
struct VectorKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing, names
  }

  let column: LogColumn
  let names: [String]?

  init(from decoder: any Decoder) throws {
    if let selector = LogColumn.selector(try decoder.singleValueContainer()) {
      (column, names) = (LogColumn(selector: selector), nil)
      return
    }
    let keys = try decoder.container(refusingKeysBut: Key.self)
    column = try LogColumn.inObject(decoder)
    names = try keys.decodeIfPresent([String].self, forKey: .names)
    try keys.expect(Set(names ?? []).count == names?.count ?? 0, .names, "a name stands twice")
  }
}

extension KeyedDecodingContainer {
  /// The unit that a key names, one of those given.
  func unit(_ key: Key, _ units: [LogTime.Unit]) throws -> LogTime.Unit {
    let word = try decode(String.self, forKey: key)
    guard let unit = units.first(where: { $0.rawValue == word }) else {
      let words = units.map(\.rawValue).joined(separator: ", ")
      throw corrupted(key, "'\(word)' is not a unit; expected one of \(words)")
    }
    return unit
  }
}

/// The value of `peer`.
struct PeerKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, nothing, names, all, split, from, to
  }

  let column: LogColumn?
  let sender: LogColumn?
  let recipient: LogColumn?
  let names: PeerNames

  init(from decoder: any Decoder) throws {
    if let selector = LogColumn.selector(try decoder.singleValueContainer()) {
      (column, sender, recipient) = (LogColumn(selector: selector), nil, nil)
      names = PeerNames()
      return
    }
    let keys = try decoder.container(refusingKeysBut: Key.self)
    sender = try keys.decodeIfPresent(LogColumn.self, forKey: .from)
    recipient = try keys.decodeIfPresent(LogColumn.self, forKey: .to)
    let hasEnds = sender != nil || recipient != nil
    column = hasEnds && !keys.contains(.column) ? nil : try LogColumn.inObject(decoder)
    try keys.expect(
      !(hasEnds && column != nil), .column,
      "either 'column' names the other machine, or 'from' and 'to' name both")
    names = PeerNames(
      names: try keys.decodeIfPresent([String].self, forKey: .names),
      all: try keys.decodeIfPresent(Words.self, forKey: .all)?.words ?? [],
      separator: try keys.decodeIfPresent(String.self, forKey: .split))
    try keys.expect(names.separator?.isEmpty != true, .split, "there is no text to split at")
  }
}

extension Decoder {
  /// The object's values by key; refuses unknown keys.
  func container<Key: CodingKey & CaseIterable & RawRepresentable<String>>(
    refusingKeysBut type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let found = try container(keyedBy: AnyKey.self)
    let known = type.allCases.map(\.rawValue)
    if let stranger = found.stranger(among: known) {
      throw found.corrupted(
        stranger, "there is no such key; the keys are \(known.joined(separator: ", "))")
    }
    return try container(keyedBy: type)
  }
}

extension KeyedDecodingContainer {
  /// The error for a value that is JSON, but invalid.
  func corrupted(_ key: Key, _ problem: String) -> DecodingError {
    DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: problem)
  }

  func expect(_ holds: Bool, _ key: Key, _ problem: @autoclosure () -> String) throws {
    if !holds { throw corrupted(key, problem()) }
  }

  /// Refuses a text that is not a regular expression.
  func expectExpression(_ pattern: String, _ key: Key) throws {
    do {
      _ = try Regex(pattern)
    } catch {
      throw corrupted(key, "'\(pattern)' is no regular expression: \(error)")
    }
  }
}
