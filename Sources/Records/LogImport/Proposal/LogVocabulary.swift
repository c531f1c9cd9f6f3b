/// The words of logs that a proposal of a map knows.
enum LogVocabulary {
  /// The kind of event that a word means; nil for other words.
  static func kind(of word: String) -> LogEventKind? {
    let words = parts(ofWord: word)
    let joined = words.joined()
    if labels[joined] != nil { return nil }
    if ["broadcast", "multicast", "sendall", "sendtoall"].contains(where: joined.hasPrefix) {
      return .sendToAll
    }
    if words.contains(where: { word in receiveBeginnings.contains { word.hasPrefix($0) } }) {
      return .receive
    }
    if words.contains(where: { word in sendBeginnings.contains { word.hasPrefix($0) } })
      || joined.hasSuffix("send")
    {
      return .send
    }
    return internalWords.contains(joined) || vagueWords.contains(joined) ? .internal : nil
  }

  /// The kind of event that a single letter means, in a log without words for events.
  static func kind(ofLetter letter: String) -> LogEventKind? {
    switch letter.lowercased() {
    case "s": .send
    case "r": .receive
    case "i", "l": .internal
    case "b": .sendToAll
    default: nil
    }
  }

  /// Whether a word for an internal event may also be a general word.
  static func isVague(_ word: String) -> Bool { vagueWords.contains(word.lowercased()) }

  private static let sendBeginnings = ["send", "sent", "snd", "transmit", "emit", "publish", "tx"]
  private static let receiveBeginnings = [
    "receiv", "recv", "rcv", "receipt", "deliver", "got", "consum", "rx",
  ]
  private static let internalWords: Set<String> = [
    "internal", "int", "local", "internalevent", "localevent", "intern", "noop",
  ]
  private static let vagueWords: Set<String> = [
    "event", "work", "compute", "idle", "task", "exec", "execute", "other", "op",
  ]

  /// The words of a name such as `queue_length`, `queueLength` or `Queue Length`, in lower case.
  static func parts(ofWord name: String) -> [String] {
    var words: [String] = []
    var wasSmall = false
    for character in name {
      guard character.isLetter || character.isNumber else {
        wasSmall = false
        words.append("")
        continue
      }
      if words.isEmpty || (wasSmall && character.isUppercase) { words.append("") }
      words[words.count - 1] += character.lowercased()
      wasSmall = character.isLowercase
    }
    return words.filter { !$0.isEmpty }
  }

  /// The part that a label or the name of a column means.
  ///
  /// - Parameters:
  ///   - name: One word or several, such as `queue_length`.
  ///   - isWhole: Whether each of the words must be known.
  /// - Returns: The part; nil when the words mean none.
  static func part(of name: String, isWhole: Bool = false) -> LogPart? {
    let words = parts(ofWord: name)
    if let part = labels[words.joined()] { return part }
    if isWhole && words.contains(where: { labels[$0] == nil }) { return nil }
    return words.reduce(nil) { part, word in labels[word].map { joined(part, $0) } ?? part }
  }

  /// The meaning of two labels in a row: `logical time` is a clock, `sender id` is a sender.
  static func joined(_ first: LogPart?, _ second: LogPart) -> LogPart {
    switch (first, second) {
    case (.clock?, .time): .clock
    case (.message?, .clock): .message
    case (.message?, .machine): .identity
    case (.sender?, .machine), (.recipient?, .machine), (.peer?, .machine): first ?? second
    default: second
    }
  }

  private static let labels: [String: LogPart] = {
    var labels: [String: LogPart] = [:]
    for (part, words) in labelWords {
      for word in words.split(separator: " ") { labels[String(word)] = part }
    }
    return labels
  }()

  private static let labelWords: [(LogPart, String)] = [
    (.clock, "clock lc lamport logical reading clk l lts lclock"),
    (.queue, "queue q length len qlen qsize remaining pending backlog inbox"),
    (.recipient, "to dst dest destination target receiver recipient"),
    (.sender, "from src source sender by"),
    (.peer, "peer other partner counterpart"),
    (.message, "carrying carries carried message msg stamp receivedclock msgclock mts"),
    (.identity, "uuid msgid messageid mid"),
    (.machine, "machine vm node process proc server host id pid name replica site actor who"),
    (
      .time,
      "time t timestamp ts systemtime date wall realtime globaltime datetime system sys at "
        + "systemclock"
    ),
    (.tick, "tick step cycle"),
    (.rate, "rate speed hz ticks clockrate frequency"),
    (.vector, "vector vc vectorclock"),
  ]

  /// Words without meaning for an event: those between a label and its value, and log levels.
  static let fillers: Set<String> = [
    "is", "now", "was", "of", "the", "value", "with", "info", "debug", "warn", "warning", "error",
    "trace", "notice", "root",
  ]

  /// Common words for an empty value.
  static let placeholders: Set<String> = [
    "none", "null", "nil", "n/a", "na", "nan", "-", "--", "?", "-1", "undefined",
  ]

  /// Whether a text is a word for an empty value.
  static func isPlaceholder(_ text: String) -> Bool { placeholders.contains(text.lowercased()) }
}
