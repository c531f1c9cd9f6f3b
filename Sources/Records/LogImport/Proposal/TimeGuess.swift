/// A possible form of a time in a log.
struct TimeGuess: Hashable {
  /// An expression for such times.
  let pattern: String
  /// The map's keys besides the column.
  let keys: String
  /// The guess, where the text is ambiguous.
  var doubt: String?

  private static let clock = #"\d{1,2}:\d{2}:\d{2}"#
  private static let month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"

  /// All known forms, the most specific first.
  static let all: [TimeGuess] =
    [
      unit(#"\d{4}-\d{2}-\d{2}[T ]"# + clock + #"(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?"#, "date"),
      unit(#"\d{4}/\d{2}/\d{2}[T ]"# + clock + #"(?:[.,]\d+)?"#, "date"),
    ]
    + [
      (#"\d{4}-\d{2}-\d{2}:"# + clock, "%Y-%m-%d:%H:%M:%S"),
      (#"\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}"#, "%Y-%m-%d_%H-%M-%S"),
      (#"\d{2}-\d{2}_\d{2}-\d{2}-\d{2}"#, "%m-%d_%H-%M-%S"),
      (#"\d{2}/"# + month + #"/\d{4}:"# + clock + #" [+-]\d{4}"#, "%d/%b/%Y:%H:%M:%S %z"),
      (#"\d{1,2} "# + month + #" \d{4} "# + clock, "%d %b %Y %H:%M:%S"),
      (month + #" +\d{1,2} \d{4} "# + clock, "%b %e %Y %H:%M:%S"),
      (month + #" +\d{1,2} "# + clock, "%b %e %H:%M:%S"),
      (#"\d{2}\.\d{2}\.\d{4} "# + clock, "%d.%m.%Y %H:%M:%S"),
      (#"\d{8} \d{2}:\d{2}:\d{2}"#, "%Y%m%d %H:%M:%S"),
    ].flatMap(formats)
    + formats(
      #"(?:0\d|1[0-2])/\d{2}/\d{4} "# + clock, "%m/%d/%Y %H:%M:%S",
      doubt: "The first number of a date is taken for the month.")
    + formats(#"\d{2}/(?:0\d|1[0-2])/\d{4} "# + clock, "%d/%m/%Y %H:%M:%S")
    + [
      format(clock + " ?[AaPp][Mm]", "%I:%M:%S%p"), unit(clock + #"(?:[.,]\d+)?"#, "time of day"),
      format(#"\d{2}-\d{2}-\d{2}\.\d+"#, "%H-%M-%S.%f"),
      unit(#"\d{19}"#, "ns"), unit(#"\d{16}"#, "us"), unit(#"\d{13}(?:\.\d+)?"#, "ms"),
      unit(#"\d{10}\.\d+"#, "s"), unit(#"\d{10}"#, "s"),
      unit(#"\d+\.\d+(?:[eE][+-]?\d+)?"#, "s", doubt: "Times are taken for seconds."),
    ]

  /// Times without a unit in their name, so that any unit is possible.
  static func seconds(_ unit: String?) -> TimeGuess {
    .unit(
      #"\d+"#, unit ?? "s", doubt: unit == nil ? "Times are taken for seconds." : nil)
  }

  private static func unit(_ pattern: String, _ unit: String, doubt: String? = nil) -> TimeGuess {
    TimeGuess(pattern: pattern, keys: #""unit": "\#(unit)""#, doubt: doubt)
  }

  private static func format(_ pattern: String, _ format: String) -> TimeGuess {
    TimeGuess(pattern: pattern, keys: #""format": "\#(format)""#)
  }

  /// The same format with a fraction and without.
  private static func formats(
    _ pattern: String, _ format: String, doubt: String? = nil
  ) -> [TimeGuess] {
    [(#"\.\d+"#, ".%f"), (#",\d+"#, ",%f"), ("", "")].map { digits, suffix in
      TimeGuess(
        pattern: pattern + digits, keys: #""format": "\#(format)\#(suffix)""#, doubt: doubt)
    }
  }

  private static func formats(_ pair: (pattern: String, format: String)) -> [TimeGuess] {
    formats(pair.pattern, pair.format)
  }
}

/// Finds times in texts, with expressions that are compiled once.
struct TimeFinder {
  private let expressions: [(guess: TimeGuess, regex: Regex<AnyRegexOutput>)]
  private let dayExpression = try? Regex(#"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}"#)

  init() {
    expressions = TimeGuess.all.compactMap { guess in
      (try? Regex(guess.pattern)).map { (guess, $0) }
    }
  }

  /// The time at the start of a text; nil when there is none.
  func prefix(of text: Substring) -> (guess: TimeGuess, end: String.Index)? {
    for (guess, regex) in expressions {
      if let end = end(of: regex, in: text) { return (guess, end) }
    }
    return nil
  }

  /// The end of a date at the start of a text, such as `05/17/2024`.
  func dayEnd(of text: Substring) -> String.Index? {
    dayExpression.flatMap { end(of: $0, in: text) }
  }

  private func end(of regex: Regex<AnyRegexOutput>, in text: Substring) -> String.Index? {
    guard let match = text.prefixMatch(of: regex) else { return nil }
    // A letter or a digit after the match would make it part of a longer word.
    let next = text[match.range.upperBound...].first
    return next.map { $0.isLetter || $0.isNumber || $0 == "_" } == true
      ? nil : match.range.upperBound
  }

  /// The guess that fits all the texts; nil when none does.
  func guess(ofAll texts: [String]) -> TimeGuess? {
    guard !texts.isEmpty else { return nil }
    return expressions.first { _, regex in
      texts.allSatisfy { $0.wholeMatch(of: regex) != nil }
    }?.guess
  }
}
