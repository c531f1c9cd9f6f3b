/// Maps for logs whose lines are sentences: an expression for each kind of line.
struct TemplateDrafts {
  /// Lines that look alike.
  private struct Group {
    let template: LineTemplate
    /// The words for the event, as they occur in lines.
    var words: [String] = []
    var count = 0
    /// Whether the words are known words for events.
    let isKnown: Bool
  }

  /// The most expressions of a map.
  private static let patternCountMax = 24
  /// The most kinds of lines.
  private static let groupCountMax = 500

  /// The most frequent first.
  private var groups: [Group] = []
  /// Looked up, never iterated.
  private var indices: [LineTemplate: Int] = [:]
  private var others = LeftOutLines()
  private let begin: String?
  private let finder = TimeFinder()
  private let fileRates: String?

  /// Groups the records of logs.
  init(_ files: [LogSample], _ names: FileNames) {
    begin = LogRecords.begin(of: files)
    fileRates = names.rates
    let texts = LogRecords(files, begin: begin).texts
    sort(texts, areLetters: false)
    if groups.isEmpty { sort(texts, areLetters: true) }
  }

  /// Groups records by template.
  private mutating func sort(_ texts: [String], areLetters: Bool) {
    var strangers: [(template: LineTemplate, words: [LineTemplate.Word], text: String)] = []
    others = LeftOutLines()
    for text in texts {
      let (template, words, event) = LineTemplate.of(text, finder, areLetters: areLetters)
      if event != nil || template.pieces.contains(.vector) {
        add(template.joiningLists, event?.text, isKnown: true)
      } else {
        strangers.append((template, words, text))
      }
    }
    let known = Set(groups.map(\.template.pieces))
    for (template, words, text) in strangers {
      // A line that differs from an event's only in the word may be an event of another kind.
      let found = words.lazy.map { word in
        var other = template
        other.pieces[word.index] = .event
        other.kind = .internal
        return (other.joiningLists, word.text)
      }.first { known.contains($0.0.pieces) }
      if let found { add(found.0, found.1, isKnown: false) }
      others.add(text, line: 0, "")
    }
    groups.sort { $0.count > $1.count }
  }

  private mutating func add(_ template: LineTemplate, _ word: String?, isKnown: Bool) {
    // Known and unknown words get separate groups.
    let key = LineTemplate(
      pieces: template.pieces + (isKnown ? [] : [.text("?")]), kind: template.kind)
    let index = indices[key] ?? groups.count
    if index == groups.count {
      guard groups.count < Self.groupCountMax else { return }
      indices[key] = index
      groups.append(Group(template: template, isKnown: isKnown))
    }
    groups[index].count += 1
    if let word, !groups[index].words.contains(word), groups[index].words.count < 50 {
      groups[index].words.append(word)
    }
  }

  /// Makes a map for each interpretation of the lines.
  func drafts() -> [MapDraft] {
    guard groups.contains(where: \.isKnown) else { return [] }
    let rates = fileRates ?? linePattern.map { "{\"pattern\": \(MapDraft.quoted($0))}" }
    var drafts: [MapDraft] = []
    var texts: Set<String> = []
    for unknown in groups.allSatisfy(\.isKnown) ? [false] : [false, true] {
      for last in [nil, LogPart.identity, .peer] {
        for machine in [nil, 0, 1, 2] {
          for clock in [0, 1, 2] {
            let choice = LineTemplate.Choice(
              machine: machine, clock: clock, last: last, takesUnknownWords: unknown)
            var draft = draft(choice)
            draft.rates = rates
            if texts.insert(draft.text()).inserted { drafts.append(draft) }
          }
        }
      }
    }
    return drafts
  }

  /// An expression for the rate in lines that are not events.
  private var linePattern: String? {
    for shape in others.shapes {
      let template = LineTemplate.of(shape.example, finder).template
      var guessed: Set<LogPart> = []
      let parts = template.parts(LineTemplate.Choice(), guessed: &guessed).map { part in
        part == .rate || part == .machine ? part : nil
      }
      if parts.contains(.rate) {
        return template.pattern(parts, words: []).replacing("(?<rates>", with: "(?<rate>")
      }
    }
    let pattern = #"(?i)(?<rate>[0-9]+(?:\.[0-9]+)?) ?(?:hz|ticks|instructions|ops)\b"#
    guard let expression = try? Regex(pattern) else { return nil }
    return others.shapes.contains { $0.example.firstMatch(of: expression) != nil } ? pattern : nil
  }

  private func draft(_ choice: LineTemplate.Choice) -> MapDraft {
    var draft = MapDraft(shape: [])
    var patterns: [String] = []
    var time: TimeGuess?
    var guessCounts: [LogPart: Int] = [:]
    let chosen = groups.filter { $0.isKnown || choice.takesUnknownWords }
      .prefix(Self.patternCountMax)
    for group in chosen {
      var guessed: Set<LogPart> = []
      var parts = group.template.parts(choice, guessed: &guessed)
      for part in guessed { guessCounts[part, default: 0] += group.count }
      for (index, piece) in group.template.pieces.enumerated() {
        guard case .time(let guess) = piece, parts[index] == .time else { continue }
        // A map has one form of times.
        if let time, time != guess { parts[index] = nil } else { time = guess }
      }
      for part in parts { if let part { draft.columns[part] = part.key } }
      if let kind = group.template.kind {
        for word in group.words where draft.words[kind]?.contains(word) != true {
          draft.words[kind, default: []].append(word)
        }
      }
      let pattern = group.template.pattern(parts, words: group.words.sorted())
      if !patterns.contains(pattern) { patterns.append(pattern) }
    }
    if let begin { draft.shape.append(("begin", MapDraft.quoted(begin))) }
    let list = patterns.map(MapDraft.quoted).joined(separator: ",\n    ")
    draft.shape.append(("pattern", "[\n    \(list)\n  ]"))
    draft.time = time
    draft.guesses[.time] = time?.doubt
    say(of: guessCounts, choice, &draft)
    return draft
  }

  /// Records a guess for each part without a label.
  private func say(
    of counts: [LogPart: Int], _ choice: LineTemplate.Choice, _ draft: inout MapDraft
  ) {
    let all = groups.reduce(0) { $0 + $1.count }
    let words: [(LogPart, String)] = [
      (.machine, "The machine is value \((choice.machine ?? 0) + 1) of those without a label"),
      (.clock, "The clock is a number without a label"),
      (.identity, "The last word of a send or a receipt is taken for the message's identity"),
      (.peer, "The last value of a send or a receipt is taken for the other machine"),
    ]
    for (part, sentence) in words {
      if let count = counts[part] {
        draft.guesses[part] = "\(sentence), on \(count) of \(all) lines."
      }
    }
    let unknown = choice.takesUnknownWords ? groups.filter { !$0.isKnown }.flatMap(\.words) : []
    if !unknown.isEmpty {
      let shown = unknown.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
      draft.remarks.append("Taken for internal events because of their form: \(shown).")
    }
    if groups.count > Self.patternCountMax {
      draft.remarks.append(
        "Lines have \(groups.count) shapes; the map has expressions for the "
          + "\(Self.patternCountMax) most frequent.")
    }
  }
}

/// The map for a log in ShiViz's own format.
enum ShiVizDraft {
  static func drafts(_ files: [LogSample]) -> [MapDraft] {
    guard let expression = try? Regex(#"^\S+ \{"[^"]+" *: *\d+.*\}$"#),
      let lines = files.first?.lines.filter({ !$0.isEmpty }), lines.count > 1,
      lines.count(where: { $0.firstMatch(of: expression) != nil }) * 5 >= lines.count * 2
    else { return [] }
    let pattern = #"^(?<text>.*)\n(?<machine>\S+) (?<vector>\{.*\})$"#
    var draft = MapDraft(shape: [("pattern", MapDraft.quoted(pattern))])
    draft.columns = [.machine: "machine", .vector: "vector"]
    draft.remarks = [
      "This is ShiViz's format: --import shiviz reads it too, with the file's own expression.",
      "The kinds of events are found in their vector clocks.",
    ]
    return [draft]
  }
}
