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

/// A word, or a list of words, in small letters.
private struct Words: Decodable {
  let words: [String]

  init(from decoder: any Decoder) throws {
    words = try OneOrMore(from: decoder).texts.map { $0.lowercased() }
  }
}

extension LogColumn: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after
  }

  /// Reads a name, a number, or an object that has one.
  init(from decoder: any Decoder) throws {
    if let place = Self.place(try decoder.singleValueContainer()) {
      self.init(place: place)
    } else {
      _ = try decoder.container(refusingKeysBut: Key.self)
      self = try Self.inObject(decoder)
    }
  }

  /// Reads the column that an object names beside other things.
  static func inObject(_ decoder: any Decoder) throws -> LogColumn {
    let keys = try decoder.container(keyedBy: Key.self)
    let label = try keys.decodeIfPresent(String.self, forKey: .after)
    if let number = try? keys.decode(Int.self, forKey: .column) {
      return LogColumn(place: .numbered(number), label: label)
    }
    return LogColumn(place: .named(try keys.decode(String.self, forKey: .column)), label: label)
  }

  static func place(_ container: any SingleValueDecodingContainer) -> Place? {
    if let number = try? container.decode(Int.self) { return .numbered(number) }
    return (try? container.decode(String.self)).map { .named($0) }
  }
}

/// The value of `machine`.
struct MachineKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case file, column, after
  }

  let file: String?
  let column: LogColumn?

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    file = try keys.decodeIfPresent(String.self, forKey: .file)
    let namesColumn = keys.contains(.column)
    try keys.expect(
      (file != nil) != namesColumn, .file,
      "either 'file' (an expression for files' names) or 'column' says whose line it is")
    if let file { try keys.expectExpression(file, .file) }
    column = namesColumn ? try LogColumn.inObject(decoder) : nil
  }
}

/// The value of `event`.
struct EventKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, `internal`, send, sendToAll, receive
  }

  let column: LogColumn
  let words: EventWords

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    column = try LogColumn.inObject(decoder)
    var words = EventWords()
    func read(_ key: Key) throws -> [String] {
      try keys.decodeIfPresent(Words.self, forKey: key)?.words ?? []
    }
    words.internal = try read(.internal)
    words.send = try read(.send)
    words.sendToAll = try read(.sendToAll)
    words.receive = try read(.receive)
    let all = words.all.sorted()
    try keys.expect(!all.isEmpty, .internal, "no word is given for any event")
    if let twice = zip(all, all.dropFirst()).first(where: { $0 == $1 })?.0 {
      throw keys.corrupted(.column, "the word '\(twice)' is given twice")
    }
    self.words = words
  }
}

/// The value of `time`.
struct TimeKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, unit
  }

  let column: LogColumn
  let unit: LogTime.Unit

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(refusingKeysBut: Key.self)
    column = try LogColumn.inObject(decoder)
    let word = try keys.decode(String.self, forKey: .unit)
    guard let unit = LogTime.Unit(rawValue: word) else {
      let words = LogTime.Unit.allCases.map(\.rawValue).joined(separator: ", ")
      throw keys.corrupted(.unit, "'\(word)' is no unit; expected one of \(words)")
    }
    self.unit = unit
  }
}

/// The value of `peer`.
struct PeerKeys: Decodable {
  enum Key: String, CodingKey, CaseIterable {
    case column, after, names, all
  }

  let column: LogColumn
  let names: PeerNames

  init(from decoder: any Decoder) throws {
    if let place = LogColumn.place(try decoder.singleValueContainer()) {
      column = LogColumn(place: place)
      names = PeerNames()
      return
    }
    let keys = try decoder.container(refusingKeysBut: Key.self)
    column = try LogColumn.inObject(decoder)
    names = PeerNames(
      names: try keys.decodeIfPresent([String].self, forKey: .names),
      all: try keys.decodeIfPresent(Words.self, forKey: .all)?.words ?? [])
  }
}

extension Decoder {
  /// The object's values by key, after looking for keys that are none.
  func container<Key: CodingKey & CaseIterable & RawRepresentable<String>>(
    refusingKeysBut type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let found = try container(keyedBy: AnyKey.self)
    let known = type.allCases.map(\.rawValue)
    if let stranger = found.stranger(among: known) {
      throw found.corrupted(
        stranger, "there is no such key; the keys here are \(known.joined(separator: ", "))")
    }
    return try container(keyedBy: type)
  }
}

extension KeyedDecodingContainer {
  /// What is thrown for a value that is JSON, and wrong.
  func corrupted(_ key: Key, _ problem: String) -> DecodingError {
    DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: problem)
  }

  func expect(_ holds: Bool, _ key: Key, _ problem: @autoclosure () -> String) throws {
    if !holds { throw corrupted(key, problem()) }
  }

  /// Refuses a text that is no regular expression.
  func expectExpression(_ pattern: String, _ key: Key) throws {
    do {
      _ = try Regex(pattern)
    } catch {
      throw corrupted(key, "'\(pattern)' is no regular expression: \(error)")
    }
  }
}
