extension LineTemplate {
  /// A word of a line that may mean an event.
  struct Word {
    let text: String
    let index: Int
    let kind: LogEventKind?

    /// The word as a letter for an event; nil for any other word.
    var asLetter: Word? {
      LogVocabulary.kind(ofLetter: text).map { Word(text: text, index: index, kind: $0) }
    }
  }

  /// Splits a line into pieces.
  ///
  /// - Parameters:
  ///   - line: The text of an event, of one or more lines.
  ///   - finder: Finds times.
  ///   - areLetters: Whether letters mark events instead of words.
  /// - Returns: The template, the words without a label, and the word for the event.
  static func of(
    _ line: String, _ finder: TimeFinder, areLetters: Bool = false
  ) -> (template: LineTemplate, words: [Word], event: Word?) {
    var reader = PieceReader(finder)
    reader.read(line[...])
    let words = reader.words
    let event =
      words.first { $0.kind != nil && !LogVocabulary.isVague($0.text) }
      ?? words.first { $0.kind != nil } ?? reader.arrow
      ?? (areLetters ? words.lazy.compactMap(\.asLetter).first : nil)
    var template = LineTemplate(pieces: reader.pieces, kind: event?.kind)
    if let event, template.pieces[event.index] == .name { template.pieces[event.index] = .event }
    template.nameMachines()
    return (template, words, event)
  }

  /// Treats words such as `server` as names unless they label a following value.
  private mutating func nameMachines() {
    for (index, piece) in pieces.enumerated() {
      guard case .label(let word) = piece, LogVocabulary.part(of: word) == .machine else {
        continue
      }
      var rest = pieces[(index + 1)...]
      if case .text(let gap)? = rest.first, gap.allSatisfy({ " \t:=#\"'([-".contains($0) }) {
        rest = rest.dropFirst()
      }
      if rest.first?.isValue != true { pieces[index] = .name }
    }
  }

  /// The template with several machines in a row after `to` or `from` as one value.
  var joiningLists: LineTemplate {
    var joined: [Piece] = []
    for piece in pieces {
      if piece.isValue, joined.count >= 2, case .text(let gap) = joined[joined.count - 1],
        [",", ", ", ";", "; "].contains(gap), joined[joined.count - 2].isValue,
        Self.isBehindEnd(joined.dropLast(2))
      {
        joined.removeLast()
      } else {
        joined.append(piece)
      }
    }
    return LineTemplate(pieces: joined, kind: kind)
  }

  /// Whether the last piece says that other machines follow.
  private static func isBehindEnd(_ pieces: some BidirectionalCollection<Piece>) -> Bool {
    for piece in pieces.reversed() {
      switch piece {
      case .text(let text) where !text.contains(","): continue
      case .arrow: return true
      case .label(let word):
        let part = LogVocabulary.part(of: word)
        if part == .machine { continue }
        return part == .recipient || part == .sender || part == .peer
      default: return false
      }
    }
    return false
  }
}

/// Splits a line into pieces, from its beginning to its end.
private struct PieceReader {
  private(set) var pieces: [LineTemplate.Piece] = []
  private(set) var words: [LineTemplate.Word] = []
  /// The first arrow.
  private(set) var arrow: LineTemplate.Word?
  /// Whether the next word follows `event=`.
  private var isBehindEventKey = false
  private let finder: TimeFinder

  init(_ finder: TimeFinder) { self.finder = finder }

  mutating func read(_ line: Substring) {
    var rest = line
    while let character = rest.first {
      let end = Self.isWordCharacter(character) ? readWord(rest) : readSign(rest)
      rest = rest[end...]
    }
  }

  private static func isWordCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private mutating func append(text: some StringProtocol) {
    if case .text(let before)? = pieces.last {
      pieces[pieces.count - 1] = .text(before + text)
    } else {
      pieces.append(.text(String(text)))
    }
  }

  /// Reads punctuation before the next word, an arrow, a vector clock or a negative number.
  private mutating func readSign(_ rest: Substring) -> String.Index {
    for text in ["-->", "<--", "->", "<-", "=>", "→", "←"] where rest.hasPrefix(text) {
      if arrow == nil {
        arrow = LineTemplate.Word(
          text: text, index: pieces.count, kind: LineTemplate.kind(ofArrow: text))
      }
      pieces.append(.arrow(text))
      return rest.index(rest.startIndex, offsetBy: text.count)
    }
    if let end = Self.vectorEnd(rest) {
      pieces.append(.vector)
      return end
    }
    let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
    if rest.first == "-", !digits.isEmpty, !endsInValue {
      pieces.append(.negative)
      return digits.endIndex
    }
    append(text: rest.prefix(1))
    return rest.index(after: rest.startIndex)
  }

  /// Whether a value or a word ends here.
  private var endsInValue: Bool {
    if case .text? = pieces.last { false } else { !pieces.isEmpty }
  }

  /// The end of a vector clock at the start of a text; nil when there is none.
  private static func vectorEnd(_ text: Substring) -> String.Index? {
    guard let first = text.first, first == "[" || first == "{",
      let end = text.firstIndex(of: first == "[" ? "]" : "}"),
      let vector = VectorText(String(text[...end])), vector.entries.count > 1 || vector.hasNames
    else { return nil }
    return text.index(after: end)
  }

  private mutating func readWord(_ rest: Substring) -> String.Index {
    if let (guess, end) = finder.prefix(of: rest) {
      pieces.append(.time(guess))
      return end
    }
    if let end = finder.dayEnd(of: rest) {
      pieces.append(.day)
      return end
    }
    let word = rest.prefix { Self.isWordCharacter($0) || $0 == "-" || $0 == "." || $0 == "/" }
    // A path or a date is one word; `SEND/2` is two.
    let inner = word.firstIndex(of: "/").map { word[..<$0] } ?? word
    let last = inner.lastIndex(where: Self.isWordCharacter) ?? inner.startIndex
    let text = String(inner[...last])
    let end = rest.index(after: last)
    let behind = rest[end...].drop { $0 == "\"" || $0 == " " }.first
    let isKey = behind == "=" || (behind == ":" && rest[end...].first == "\"")
    let small = text.lowercased()
    // A machine may be called `q`.
    let mayBeLabel = text.count > 1 || behind == "=" || behind == ":"
    if LogVocabulary.isPlaceholder(text) || LogVocabulary.fillers.contains(small) {
      append(text: text)
    } else if text.allSatisfy({ $0.isASCII && $0.isNumber }) {
      pieces.append(.number)
    } else if mayBeLabel, !(text.last?.isNumber ?? false), !isBehindEventKey,
      LogVocabulary.part(of: text, isWhole: true) != nil
    {
      pieces.append(.label(small))
    } else if isKey || (behind == ":" && small == "event") {
      append(text: text)
      isBehindEventKey = small.hasPrefix("event")
      return end
    } else {
      let kind = LogVocabulary.kind(of: text) ?? (isBehindEventKey ? .internal : nil)
      words.append(LineTemplate.Word(text: text, index: pieces.count, kind: kind))
      pieces.append(.name)
    }
    isBehindEventKey = false
    return end
  }
}
