/// What lines of one kind have in common: the words that are labels, and the places of values.
struct LineTemplate: Hashable {
  /// A piece of a line.
  enum Piece: Hashable {
    /// A word for an event; which one does not matter.
    case event
    case time(TimeGuess)
    /// A day without a time.
    case day
    case vector
    case number
    /// A negative number, which is no part of an event.
    case negative
    /// A word that may be another on another line.
    case name
    /// A word that tells what follows, in small letters.
    case label(String)
    /// A sign between two machines: `->` from left to right, `<-` from right to left.
    case arrow(String)
    /// A text that is the same on all lines of the kind.
    case text(String)

    var isValue: Bool { self == .name || self == .number }
  }

  var pieces: [Piece]
  /// The kind that the word for the event tells of; nil when there is none.
  var kind: LogEventKind?

  /// The kind that an arrow tells of where no word does.
  static func kind(ofArrow arrow: String) -> LogEventKind {
    arrow.contains("<") || arrow == "←" ? .receive : .send
  }

  /// The expression for such lines.
  ///
  /// - Parameters:
  ///   - parts: What each piece tells.
  ///   - words: The words for events of this kind.
  /// - Returns: The expression, from the beginning of a line to its end.
  func pattern(_ parts: [LogPart?], words: [String]) -> String {
    var pattern = "^"
    for (place, piece) in pieces.enumerated() {
      let isMachines = parts[place] == .peer
      let inner: String
      switch piece {
      case .event: inner = words.map(Self.escaped).joined(separator: "|")
      case .time(let guess): inner = guess.pattern
      case .day: inner = #"[\d/-]+"#
      case .vector: inner = #"[\[{][^\]}]*[\]}]"#
      case .number: inner = isMachines ? #"\d+(?:[,;] ?\d+)*"# : #"\d+"#
      case .negative: inner = #"-\d+(?:\.\d+)?"#
      case .name: inner = isMachines ? #"[\w.-]+(?:[,;] ?[\w.-]+)*"# : #"[\w.-]+"#
      case .label(let word): inner = "(?i:" + Self.escaped(word) + ")"
      case .arrow(let text), .text(let text): inner = Self.escaped(text)
      }
      if let part = parts[place] {
        pattern += "(?<\(part.key)>\(inner))"
      } else {
        pattern += piece == .event ? "(?:\(inner))" : inner
      }
    }
    return pattern + #"\s*$"#
  }

  /// A text in which no sign means anything; spaces are as many as there are.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    var isSpace = false
    for character in text {
      if character.isWhitespace {
        if !isSpace { escaped += #"\s+"# }
        isSpace = true
        continue
      }
      isSpace = false
      if #"\^$.|?*+()[]{}/-#"#.contains(character) { escaped += "\\" }
      escaped.append(character)
    }
    return escaped
  }
}
