import TextFormats

/// A draft of a map: how lines are split into columns, and the part of an event in each column.
struct MapDraft {
  /// The keys for splitting lines into columns, with their values as JSON.
  var shape: [(key: String, value: String)]
  /// The name of each part's column.
  var columns: [LogPart: String] = [:]
  /// The words for events, by kind.
  var words: [LogEventKind: [String]] = [:]
  var time: TimeGuess?
  /// The words for an empty value.
  var nothing: [String] = []
  /// Finds the machine in a file's name; nil when the map can omit it: the file's name is the
  /// machine's, or lines name both ends.
  var machineFile: String?
  /// The value of `rates`, as JSON; nil when the rates are unknown or in a column.
  var rates: String?
  /// Whether flags mark events, and events without a flag are internal.
  var isInternalOtherwise = false
  /// The parts without a label, with the guess for each, as sentences.
  var guesses: [LogPart: String] = [:]
  /// How many parts with a name or a label were wrong.
  private(set) var dropCount = 0
  /// Further remarks for the reader, as sentences.
  var remarks: [String] = []

  static func quoted(_ text: String) -> String { JSONText.encode(text, isPretty: false) }

  static func quoted(_ texts: [String]) -> String {
    "[" + texts.map { quoted($0) }.joined(separator: ", ") + "]"
  }

  /// Whether a line begins with its machine.
  var beginsWithMachine: Bool { shape.contains { $0.value.contains("\"^(?<machine>") } }

  /// Whether lines contain a part.
  func tells(_ part: LogPart) -> Bool { columns[part] != nil }

  /// Removes the part that an import's error names.
  ///
  /// - Parameters:
  ///   - key: The key of the map, as errors give it.
  ///   - problem: The problem with it.
  /// - Returns: Whether there was such a part and a map can do without it.
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
      // Lines without a machine belong to the file's machine.
      if machineFile == nil && !tells(.machine) { return false }
      (columns[.sender], columns[.recipient]) = (nil, nil)
    }
    // A guess that fails is not counted.
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
  ///   - skips: Whether to skip lines that are not events.
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
