import SystemCalls

/// What the names of a run's files contain.
struct FileNames {
  /// Expressions that find each file's machine, the likeliest first.
  let machinePatterns: [String]
  /// The value of the map's key `rates`, as JSON; nil when no name contains a rate.
  let rates: String?

  /// Matches the whole name without its extension.
  static let stemPattern = #"^([^/]+?)(?:\.[^./]*)?$"#

  init(_ paths: [String]) {
    let names = paths.map { FileSystem.lastPart(of: $0) }
    // Each machine may have its own directory with equally named files.
    let areDistinct = Set(names).count == names.count
    let texts = areDistinct ? names : paths
    let ratePatterns = ["rate", "speed", "hz", "ticks", "tick"].map {
      "\($0)[_=-]?([0-9]+(?:\\.[0-9]+)?)"
    }
    // The unit may follow the number.
    let rate = (ratePatterns + ["([0-9]+(?:\\.[0-9]+)?)[_-]?(?i:hz)"]).first {
      Self.values(of: $0, in: names) != nil
    }
    rates = rate.map { "{\"file\": \(MapDraft.quoted($0))}" }
    let numbers = texts.first.map(Self.numberPatterns) ?? []
    let number = numbers.first { pattern in
      guard pattern.number != rate,
        let values = Self.values(of: pattern.number, in: texts)
      else { return false }
      return Set(values).count == texts.count
    }
    machinePatterns = number.map { [$0.number, $0.word] } ?? []
  }

  /// Expressions for each number of a name and the word before it: one that finds the number alone,
  /// and one that finds the word too.
  private static func numberPatterns(of name: String) -> [(number: String, word: String)] {
    var patterns: [(number: String, word: String)] = []
    var word = ""
    var isInNumber = false
    for character in name {
      let isDigit = character.isASCII && character.isNumber
      if isDigit && !isInNumber {
        let escaped = LineTemplate.escaped(word)
        patterns.append(("\(escaped)([0-9]+)", "(\(escaped)[0-9]+)"))
      }
      if isDigit || character == "/" { word = "" } else if !isDigit { word.append(character) }
      isInNumber = isDigit
      if character == "." { word = "" }
    }
    return patterns
  }

  private static func values(of pattern: String, in names: [String]) -> [String]? {
    let values = names.compactMap { LogReading.found(pattern, group: "machine", in: $0) }
    return !names.isEmpty && values.count == names.count ? values : nil
  }
}
