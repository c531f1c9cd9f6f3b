/// A time format in the manner of `strptime`, such as `%m-%d_%H-%M-%S.%f`.
struct TimeFormat: Hashable, Sendable {
  /// Why a text is not a format.
  enum Mistake: Error, Hashable, CustomStringConvertible {
    case unknown(Character)
    case endsInPercent
    case hasNoTime

    var description: String {
      switch self {
      case .unknown(let letter):
        "there is no %\(letter); there are %Y %y %m %d %b %B %a %A %j %H %I %M %S %f %p %z %Z %s "
          + "%T %D %F %R %e %n %t %%"
      case .endsInPercent: "it ends in the middle of a %"
      case .hasNoTime: "it has no seconds (%S, %T or %s)"
      }
    }
  }

  private enum Item: Hashable, Sendable {
    case field(Character)
    case literal(Character)
    /// Any number of spaces and tabs.
    case space
  }

  /// The format as given.
  let text: String
  private let items: [Item]

  /// Whether times include a day.
  let hasDay: Bool

  /// Parses a format.
  init(_ text: String) throws(Mistake) {
    self.text = text
    var items: [Item] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        items.append(character.isWhitespace ? .space : .literal(character))
        continue
      }
      guard let letter = rest.popFirst() else { throw .endsInPercent }
      switch letter {
      case "T": items += Self.fields("H:M:S")
      case "R": items += Self.fields("H:M")
      case "D": items += Self.fields("m/d/y")
      case "F": items += Self.fields("Y-m-d")
      case "e": items += [.space, .field("d")]
      case "n", "t": items.append(.space)
      case "%": items.append(.literal("%"))
      case "Y", "y", "m", "d", "b", "B", "h", "a", "A", "j", "H", "I", "M", "S", "f", "p", "z", "Z",
        "s":
        items.append(.field(letter == "h" ? "b" : letter))
      default: throw .unknown(letter)
      }
    }
    self.items = items
    guard items.contains(.field("S")) || items.contains(.field("s")) else { throw .hasNoTime }
    hasDay = items.contains { item in "YymdbBjs".contains { item == .field($0) } }
  }

  private static func fields(_ text: String) -> [Item] {
    text.map { $0.isLetter ? .field($0) : .literal($0) }
  }

  /// The smallest step of times, in nanoseconds; nil where each time's own digits decide, behind
  /// the last point or comma of the format.
  var stepNanoseconds: Int64? {
    guard let index = items.firstIndex(of: .field("f")) else { return 1_000_000_000 }
    let points: [Item] = [.literal("."), .literal(",")]
    let isLast = items.lastIndex(where: points.contains).map { $0 + 1 == index } ?? false
    return isLast ? nil : 1000
  }

  /// The parts parsed so far.
  private struct Parts {
    var (year, month, day): (Int64?, Int64?, Int64?) = (nil, nil, nil)
    var dayOfYear: Int64?
    var (hour, minute, second, fraction): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
    var isAfternoon: Bool?
    var offsetMinutes: Int64 = 0
    var epochSeconds: Int64?
  }

  /// Parses a time, in nanoseconds since 1970-01-01, or since midnight without a day; nil when it
  /// does not match.
  ///
  /// A missing year counts as 2000.
  func nanoseconds(_ text: String) -> Int64? {
    var parts = Parts()
    var rest = text[...]
    for item in items {
      switch item {
      case .space: rest = rest.drop { $0 == " " || $0 == "\t" }
      case .literal(let character):
        guard rest.first == character else { return nil }
        rest = rest.dropFirst()
      case .field(let letter):
        guard Self.read(letter, from: &rest, &parts) else { return nil }
      }
    }
    return rest.isEmpty ? Self.nanoseconds(parts, hasDay: hasDay) : nil
  }

  private static func nanoseconds(_ parts: Parts, hasDay: Bool) -> Int64? {
    if let seconds = parts.epochSeconds {
      let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      return overflows ? nil : product.addingReportingOverflow(parts.fraction).partialValue
    }
    var hour = parts.hour
    if let isAfternoon = parts.isAfternoon {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    let seconds = (hour * 60 + parts.minute - parts.offsetMinutes) * 60 + parts.second
    let time = seconds * 1_000_000_000 + parts.fraction
    guard hasDay else { return time < 0 ? time + LogTime.dayNanoseconds : time }
    let year = parts.year ?? 2000
    guard (1970...2115).contains(year) else { return nil }
    if let dayOfYear = parts.dayOfYear {
      let days = LogTime.daysSinceEpoch(year: year, month: 1, day: 1) + dayOfYear - 1
      return days * LogTime.dayNanoseconds + time
    }
    let (month, day) = (parts.month ?? 1, parts.day ?? 1)
    guard let last = lastDay(of: month, in: year), (1...last).contains(day) else { return nil }
    return LogTime.daysSinceEpoch(year: year, month: month, day: day) * LogTime.dayNanoseconds
      + time
  }

  private static func lastDay(of month: Int64, in year: Int64) -> Int64? {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    case 1...12: 31
    default: nil
    }
  }

  private static func read(
    _ letter: Character, from rest: inout Substring, _ parts: inout Parts
  ) -> Bool {
    func number(_ digitCount: Int, _ range: ClosedRange<Int64>) -> Int64? {
      let digits = rest.prefix(digitCount).prefix { $0.isASCII && $0.isNumber }
      guard let value = Int64(digits), range.contains(value) else { return nil }
      rest = rest.dropFirst(digits.count)
      return value
    }
    func set(_ part: WritableKeyPath<Parts, Int64>, _ value: Int64?) -> Bool {
      if let value { parts[keyPath: part] = value }
      return value != nil
    }
    func set(_ part: WritableKeyPath<Parts, Int64?>, _ value: Int64?) -> Bool {
      parts[keyPath: part] = value
      return value != nil
    }
    switch letter {
    case "Y": return set(\.year, number(4, 0...9999))
    case "y": return set(\.year, number(2, 0...99).map { $0 < 69 ? 2000 + $0 : 1900 + $0 })
    case "m": return set(\.month, number(2, 1...12))
    case "d": return set(\.day, number(2, 1...31))
    case "j": return set(\.dayOfYear, number(3, 1...366))
    case "H": return set(\.hour, number(2, 0...23))
    case "I": return set(\.hour, number(2, 1...12))
    case "M": return set(\.minute, number(2, 0...59))
    case "S": return set(\.second, number(2, 0...60))
    case "s": return set(\.epochSeconds, number(12, 0...1 << 33))
    case "b", "B": return set(\.month, name(of: months, in: &rest).map { Int64($0) + 1 })
    case "a", "A": return name(of: weekdays, in: &rest) != nil
    case "f":
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      guard !digits.isEmpty else { return false }
      return set(\.fraction, LogTime.fraction(digits, worth: 1_000_000_000))
    case "p":
      let word = rest.prefix(2).lowercased()
      guard word == "am" || word == "pm" else { return false }
      parts.isAfternoon = word == "pm"
      rest = rest.dropFirst(2)
      return true
    default: return readZone(&rest, &parts)
    }
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]
  private static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// The index of the name that a text begins with, whole or its first three letters.
  private static func name(of names: [String], in rest: inout Substring) -> Int? {
    let word = rest.prefix { $0.isLetter }.lowercased()
    guard word.count >= 3,
      let index = names.firstIndex(where: { $0 == word || $0.prefix(3) == word })
    else { return nil }
    rest = rest.dropFirst(word.count)
    return index
  }

  /// `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02`.
  private static func readZone(_ rest: inout Substring, _ parts: inout Parts) -> Bool {
    let word = rest.prefix { $0.isLetter }
    if ["z", "utc", "gmt"].contains(word.lowercased()) {
      rest = rest.dropFirst(word.count)
      return true
    }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return false }
    let zone = rest.dropFirst().prefix(5).prefix { $0 == ":" || $0.isASCII && $0.isNumber }
    let digits = zone.filter { $0 != ":" }
    guard digits.count == 2 || digits.count == 4, let value = Int64(digits) else { return false }
    let minutes = digits.count == 2 ? value * 60 : value / 100 * 60 + value % 100
    parts.offsetMinutes = sign == "-" ? -minutes : minutes
    rest = rest.dropFirst(1 + zone.count)
    return true
  }
}
