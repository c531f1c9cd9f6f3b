import TextFormats

/// A map in the making: how lines fall into columns, and which column is which part of an event.
struct MapDraft {
  /// The keys for how lines fall into columns, with their values as JSON.
  var shape: [(key: String, value: String)]
  /// The name of each part's column.
  var columns: [LogPart: String] = [:]
  /// The words for events, by kind.
  var words: [LogEventKind: [String]] = [:]
  var time: TimeGuess?
  /// The words that stand for nothing.
  var nothing: [String] = []
  /// Finds the machine in a file's name; nil when the map need not say it: the file's name is the
  /// machine's, or lines name both ends.
  var machineFile: String?
  /// The value of `rates`, as JSON; nil when nothing tells them, or a column does.
  var rates: String?
  /// Whether events are found by flags, and what has none is internal.
  var isInternalOtherwise = false
  /// The parts that nothing names, with what was guessed, as sentences.
  var guesses: [LogPart: String] = [:]
  /// How many parts that a name or a label tells did not hold.
  private(set) var dropCount = 0
  /// What else a reader should know, as sentences.
  var remarks: [String] = []

  static func quoted(_ text: String) -> String { JSONText.encode(text, isPretty: false) }

  static func quoted(_ texts: [String]) -> String {
    "[" + texts.map { quoted($0) }.joined(separator: ", ") + "]"
  }

  /// Whether a line begins with its machine.
  var beginsWithMachine: Bool { shape.contains { $0.value.contains("\"^(?<machine>") } }

  /// Whether lines tell a part.
  func tells(_ part: LogPart) -> Bool { columns[part] != nil }

  /// Removes what an error of an import names.
  ///
  /// - Parameters:
  ///   - key: The key of the map, as errors give it.
  ///   - problem: What is wrong with it.
  /// - Returns: Whether there was such a part that a map can do without.
  mutating func drop(_ key: String, because problem: String) -> Bool {
    if key.hasPrefix("rates"), rates != nil {
      rates = nil
      remarks.append("Rates are left out: \(problem).")
      return true
    }
    guard let part = LogPart.allCases.first(where: { $0.key == key }), part != .event,
      let column = columns[part]
    else { return false }
    columns[part] = nil
    if part == .sender || part == .recipient {
      // Lines that name no machine are those of the file's.
      if machineFile == nil && !tells(.machine) { return false }
      (columns[.sender], columns[.recipient]) = (nil, nil)
    }
    // A guess that does not hold is none.
    if guesses.removeValue(forKey: part) == nil {
      dropCount += 1
      remarks.append("'\(column)' is not used as \"\(part.key)\": \(problem).")
    }
    return true
  }

  /// The map as JSON, a key on each line.
  ///
  /// - Parameters:
  ///   - about: The remarks.
  ///   - skips: Whether lines that are no events are left out.
  /// - Returns: An object in several lines.
  func text(about: [String] = [], skips: Bool = true) -> String {
    var lines: [String] = []
    if !about.isEmpty {
      lines.append(
        "  \"about\": [\n"
          + about.map { "    " + Self.quoted($0) }.joined(separator: ",\n") + "\n  ]")
    }
    lines += keys(skips: skips).map { "  \(Self.quoted($0.key)): \($0.value)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n}"
  }

  private func keys(skips: Bool) -> [(key: String, value: String)] {
    var keys = shape
    func column(_ part: LogPart) -> String? {
      columns[part].map { "{\"column\": \(Self.quoted($0))}" }
    }
    func add(_ key: String, _ value: String?) {
      if let value { keys.append((key, value)) }
    }
    if skips { add("otherwise", Self.quoted("skip")) }
    add("machine", column(.machine))
    if !tells(.machine) { add("machine", machineFile.map { "{\"file\": \(Self.quoted($0))}" }) }
    add("event", event)
    if let name = columns[.time], let time {
      add("time", "{\"column\": \(Self.quoted(name)), \(time.keys)}")
    }
    for part in [LogPart.clock, .vector, .queue, .message, .identity, .tick, .peer] {
      add(part.key, columns[part].map { Self.quoted($0) })
    }
    if let sender = columns[.sender], let recipient = columns[.recipient] {
      add("peer", "{\"from\": \(Self.quoted(sender)), \"to\": \(Self.quoted(recipient))}")
    }
    add("rates", column(.rate) ?? rates)
    if !nothing.isEmpty { add("nothing", Self.quoted(nothing)) }
    return keys
  }

  /// The value of `event`; nil when vector clocks tell the kinds.
  private var event: String? {
    var parts = columns[.event].map { ["\"column\": \(Self.quoted($0))"] } ?? []
    for (part, key) in [
      (LogPart.internalFlag, "internal"), (.sendFlag, "send"), (.receiveFlag, "receive"),
    ] {
      if let name = columns[part] { parts.append("\"\(key)\": {\"column\": \(Self.quoted(name))}") }
    }
    if isInternalOtherwise { parts.append("\"internal\": true") }
    for (key, kind) in [
      ("internal", LogEventKind.internal), ("send", .send), ("sendToAll", .sendToAll),
      ("receive", .receive),
    ] where tells(.event) {
      var small: Set<String> = []
      let distinct = (words[kind] ?? []).filter { small.insert($0.lowercased()).inserted }
      if !distinct.isEmpty { parts.append("\"\(key)\": \(Self.quoted(distinct))") }
    }
    return parts.isEmpty ? nil : "{" + parts.joined(separator: ", ") + "}"
  }
}
