/// The common form of lines of one kind: the words that are labels, and the positions of values.
struct LineTemplate: Hashable {
  /// A piece of a line.
  enum Piece: Hashable {
    /// A word for an event, whichever it is.
    case event
    case time(TimeGuess)
    /// A date without a time.
    case day
    case vector
    case number
    /// A negative number, which is not part of an event.
    case negative
    /// A word that may differ from line to line.
    case name
    /// A word that labels the next value, in lower case.
    case label(String)
    /// An arrow between two machines: `->` from left to right, `<-` from right to left.
    case arrow(String)
    /// A text that is equal on all lines of the kind.
    case text(String)

    var isValue: Bool { self == .name || self == .number }
  }

  var pieces: [Piece]
  /// The kind that the event's word means; nil when there is none.
  var kind: LogEventKind?

  /// The kind that an arrow means without a word.
  static func kind(ofArrow arrow: String) -> LogEventKind {
    arrow.contains("<") || arrow == "←" ? .receive : .send
  }

  /// The expression for such lines.
  ///
  /// - Parameters:
  ///   - parts: The part that each piece holds.
  ///   - words: The words for events of this kind.
  /// - Returns: The expression, from the beginning of a line to its end.
  func pattern(_ parts: [LogPart?], words: [String]) -> String {
    var pattern = "^"
    for (index, piece) in pieces.enumerated() {
      let isMachines = parts[index] == .peer
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
      if let part = parts[index] {
        pattern += "(?<\(part.key)>\(inner))"
      } else {
        pattern += piece == .event ? "(?:\(inner))" : inner
      }
    }
    return pattern + #"\s*$"#
  }

  /// A text with its special characters escaped; spaces match in any number.
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
