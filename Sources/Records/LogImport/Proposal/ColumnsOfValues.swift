import TextFormats

/// A log as a table: the names of columns, and their values.
struct ColumnsOfValues {
  let names: [String]
  /// One list per column; empty texts for missing values.
  let values: [[String]]
  /// The map's keys for splitting lines into columns.
  let shape: [(key: String, value: String)]

  /// The most maps made.
  private static let draftCountMax = 24

  /// Reads lines as fields with a separator, and column names from the first line.
  init?(tableIn files: [LogSample]) {
    guard let first = files.first(where: { $0.lines.count > 1 }) else { return nil }
    for separator in [",", ";", "\t", "|"] {
      let header = LogLine.fields(of: first.lines[0], separator)
      guard header.count > 2, Set(header).count == header.count,
        header.allSatisfy({ $0.first?.isLetter == true })
      else { continue }
      let rows = files.flatMap { file in
        file.lines.dropFirst().filter { !$0.isEmpty }.map { LogLine.fields(of: $0, separator) }
      }
      guard !rows.isEmpty, rows.count(where: { $0.count == header.count }) * 10 >= rows.count * 9
      else { continue }
      names = header
      values = header.indices.map { index in rows.map { index < $0.count ? $0[index] : "" } }
      shape = [("separator", MapDraft.quoted(separator)), ("header", "true")]
      return
    }
    return nil
  }

  /// Reads records as JSON objects.
  init?(objectsIn files: [LogSample]) {
    let isSpread = files.first?.lines.contains("{") ?? false
    let texts = LogRecords(files, begin: isSpread ? #"^\{"# : nil).texts
    let objects = texts.compactMap { text in
      (try? JSONParser.parse(Array(text.utf8)))?.members.map { members in
        members.flatMap { Self.leaves($0.value, path: $0.key) }
      }
    }
    guard !objects.isEmpty, objects.count * 10 >= texts.count * 8 else { return nil }
    var names: [String] = []
    for name in objects.flatMap({ $0.map(\.path) }) where !names.contains(name) && names.count < 100
    { names.append(name) }
    self.names = names
    values = names.map { name in objects.map { $0.first { $0.path == name }?.text ?? "" } }
    shape =
      [("json", "true")] + (isSpread ? [("begin", MapDraft.quoted(#"^\{"#))] : [])
  }

  /// The values in an object, each with its path; lists stay whole.
  private static func leaves(
    _ value: LocatedJSON, path: String
  ) -> [(path: String, text: String)] {
    guard let members = value.members, VectorText(value.canonicalText) == nil else {
      return [(path, LogLine.text(value) ?? "")]
    }
    return members.flatMap { leaves($0.value, path: "\(path).\($0.key)") }
  }

  /// Makes the maps that these columns suggest.
  func drafts() -> [MapDraft] {
    var draft = MapDraft(shape: shape)
    guard findEvent(&draft) else { return [] }
    assignByName(&draft)
    var drafts = [draft]
    for part in [LogPart.machine, .clock] where !draft.tells(part) {
      drafts += drafts.flatMap { draft in
        freeColumns(of: draft).filter { part == .machine || isNumber($0) }.map { index in
          var other = draft
          other.columns[part] = names[index]
          other.guesses[part] =
            "Column '\(names[index])' is taken for the \(part == .clock ? "clock" : "machine")."
          return other
        }
      }
      drafts = Array(drafts.prefix(Self.draftCountMax))
    }
    return drafts.map(namingUnused)
  }

  /// The indices of columns without a part.
  private func freeColumns(of draft: MapDraft) -> [Int] {
    names.indices.filter { !draft.columns.values.contains(names[$0]) }
  }

  private func namingUnused(_ draft: MapDraft) -> MapDraft {
    var draft = draft
    let unused = freeColumns(of: draft).map { "'\(names[$0])'" }
    if !unused.isEmpty { draft.remarks.append("Not used: \(unused.joined(separator: ", ")).") }
    return draft
  }

  // MARK: Events

  /// Finds the column of words for events, or the columns of flags; false when there are none.
  private func findEvent(_ draft: inout MapDraft) -> Bool {
    let counts = values.map { column in column.count { Self.eventWord($0) != nil } }
    let most = counts.max() ?? 0
    if let index = most > 0 ? counts.firstIndex(of: most) : letterColumn {
      draft.columns[.event] = names[index]
      var unknown: [String] = []
      for text in values[index] where !text.isEmpty && !LogVocabulary.isPlaceholder(text) {
        let (word, kind) =
          Self.eventWord(text) ?? (text, LogVocabulary.kind(ofLetter: text) ?? .internal)
        if draft.words[kind]?.contains(word) == true { continue }
        draft.words[kind, default: []].append(word)
        if kind == .internal, LogVocabulary.kind(of: text) == nil { unknown.append("'\(word)'") }
        if draft.words[kind]?.count ?? 0 > 50 { return false }
      }
      if !unknown.isEmpty {
        draft.remarks.append(
          "Taken for internal events by no more than their column: "
            + unknown.prefix(10).joined(separator: ", ") + ".")
      }
      return true
    }
    if let index = names.firstIndex(where: { LogVocabulary.part(of: $0) == .vector }) {
      draft.columns[.vector] = names[index]
      return true
    }
    let flags = ["0", "1", "true", "false", "yes", "no", ""]
    for (index, name) in names.enumerated()
    where values[index].allSatisfy({ flags.contains($0.lowercased()) }) {
      switch LogVocabulary.kind(of: name) {
      case .internal?: draft.columns[.internalFlag] = name
      case .send?, .sendToAll?: draft.columns[.sendFlag] = name
      case .receive?: draft.columns[.receiveFlag] = name
      case nil: continue
      }
    }
    draft.isInternalOtherwise = !draft.tells(.internalFlag)
    return draft.tells(.sendFlag) || draft.tells(.receiveFlag)
  }

  /// The column with a letter for each event; nil when there is none.
  private var letterColumn: Int? {
    values.firstIndex { column in
      let kinds = Set(column.map { LogVocabulary.kind(ofLetter: $0) })
      return kinds.isSuperset(of: [.send, .receive]) && !kinds.contains(nil)
    }
  }

  /// The word for an event that a field equals or begins with, and its kind.
  private static func eventWord(_ text: String) -> (word: String, kind: LogEventKind)? {
    let first = text.prefix { $0 != " " && $0 != ":" }
    guard let kind = LogVocabulary.kind(of: String(first)) else { return nil }
    return (first.endIndex == text.endIndex ? text : "\(first)*", kind)
  }

  // MARK: Parts by the names of columns

  private func assignByName(_ draft: inout MapDraft) {
    for (index, name) in names.enumerated() where !draft.columns.values.contains(name) {
      guard let part = LogVocabulary.part(of: name), !draft.tells(part),
        values[index].contains(where: { !$0.isEmpty })
      else { continue }
      if part == .time {
        guard let guess = timeGuess(index) else { continue }
        draft.time = guess
        draft.guesses[.time] = guess.doubt
      } else if [LogPart.clock, .queue, .message, .tick].contains(part), !isNumber(index) {
        guard part == .clock, values[index].allSatisfy({ VectorText($0) != nil }),
          !draft.tells(.vector)
        else { continue }
        draft.columns[.vector] = name
        continue
      }
      draft.columns[part] = name
      let words = values[index].filter(LogVocabulary.isPlaceholder)
      for word in words where part != .clock && !draft.nothing.contains(word) {
        draft.nothing.append(word)
      }
    }
    // One column for both ends is the peer; `from` and `to` together are sender and recipient.
    if draft.tells(.sender) != draft.tells(.recipient) {
      let ends = [draft.columns[.sender], draft.columns[.recipient]].compactMap { $0 }
      (draft.columns[.sender], draft.columns[.recipient]) = (nil, nil)
      if !draft.tells(.peer), ends.count == 1 { draft.columns[.peer] = ends[0] }
    }
  }

  /// Whether a column has only whole numbers and words for an empty value.
  private func isNumber(_ index: Int) -> Bool {
    values[index].contains { UInt64($0) != nil }
      && values[index].allSatisfy {
        $0.isEmpty || UInt64($0) != nil || LogVocabulary.isPlaceholder($0)
      }
  }

  /// The form of the times in a column; nil when they are not times.
  private func timeGuess(_ index: Int) -> TimeGuess? {
    let texts = values[index].filter { !$0.isEmpty }
    let unit = LogVocabulary.parts(ofWord: names[index]).compactMap { word -> String? in
      switch word {
      case "ms", "millis", "milliseconds": "ms"
      case "us", "micros", "microseconds": "us"
      case "ns", "nanos", "nanoseconds": "ns"
      case "s", "sec", "secs", "seconds": "s"
      default: nil
      }
    }.last
    if unit == nil, let guess = TimeFinder().guess(ofAll: texts) { return guess }
    return texts.allSatisfy { Double($0) != nil } ? .seconds(unit) : nil
  }
}
