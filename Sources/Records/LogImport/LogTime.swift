/// A time as a log writes it, in nanoseconds.
enum LogTime {
  /// How times are written.
  enum Unit: String, CaseIterable, Sendable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    /// `2024-03-01T12:30:01.5Z` and similar; without a zone it is UTC.
    case date
    /// `12:30:01.5`: seconds since midnight of an unknown day.
    case timeOfDay = "time of day"
  }

  /// The form of times that a map gives.
  enum Form: Hashable, Sendable {
    case unit(Unit)
    case format(TimeFormat)

    /// Whether times have no day.
    var isTimeOfDay: Bool {
      switch self {
      case .unit(let unit): unit == .timeOfDay
      case .format(let format): !format.hasDay
      }
    }

    /// What a time must look like, for an error.
    var expectation: String {
      switch self {
      case .unit(.date):
        "expected a date such as 2024-03-01T12:30:01.5Z or 2024/03/01 12:30:01; "
          + "give any other by its \"format\""
      case .unit(.timeOfDay):
        "expected a time of day such as 12:30:01.5; give any other by its \"format\""
      case .unit(let unit): "expected a number in the unit '\(unit.rawValue)', 0 or more"
      case .format(let format): "expected the format '\(format.text)'"
      }
    }
  }

  /// Parses a time in a form of a map; nil when it does not match, is negative, or is 2⁶²
  /// nanoseconds or more.
  static func nanoseconds(_ text: String, _ form: Form) -> Int64? {
    switch form {
    case .unit(let unit): nanoseconds(text, unit)
    case .format(let format):
      format.nanoseconds(text).flatMap { $0 >= 0 && $0 < 1 << 62 ? $0 : nil }
    }
  }

  /// The smallest step between times of this form, in nanoseconds: that of the last digit.
  static func step(_ text: String, _ form: Form) -> Int64 {
    // A format may say the step itself: the last point of a text may be a date's.
    if case .format(let format) = form, let step = format.stepNanoseconds { return step }
    let digitCount = text.lastIndex { $0 == "." || $0 == "," }.map { point in
      text[text.index(after: point)...].prefix { $0.isASCII && $0.isNumber }.count
    }
    let whole: Int64 =
      switch form {
      case .unit(.milliseconds): 1_000_000
      case .unit(.microseconds): 1000
      case .unit(.nanoseconds): 1
      default: 1_000_000_000
      }
    return (0..<min(digitCount ?? 0, 9)).reduce(whole) { step, _ in max(1, step / 10) }
  }

  /// A day, in nanoseconds.
  static let dayNanoseconds: Int64 = 86_400_000_000_000

  /// Parses a time.
  ///
  /// Digits are parsed exactly and truncated to nanoseconds. Nil when it does not match, is
  /// negative, or is 2⁶² nanoseconds or more.
  static func nanoseconds(_ text: String, _ unit: Unit) -> Int64? {
    let nanoseconds: Int64? =
      switch unit {
      case .seconds: decimal(text, worth: 1_000_000_000)
      case .milliseconds: decimal(text, worth: 1_000_000)
      case .microseconds: decimal(text, worth: 1000)
      case .nanoseconds: decimal(text, worth: 1)
      case .date: date(text)
      case .timeOfDay: timeOfDay(text[...])
      }
    return nanoseconds.flatMap { $0 >= 0 && $0 < 1 << 62 ? $0 : nil }
  }

  /// A number with or without a fraction, times a power of ten.
  private static func decimal(_ text: String, worth: Int64) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = number(parts[0]) else {
      return floating(text, worth: worth)
    }
    let (total, overflows) = whole.multipliedReportingOverflow(by: worth)
    guard !overflows else { return nil }
    guard parts.count == 2 else { return total }
    guard let fraction = fraction(parts[1], worth: worth) else {
      return floating(text, worth: worth)
    }
    return total.addingReportingOverflow(fraction).overflow ? nil : total + fraction
  }

  /// A number with an exponent, as some languages print large ones.
  private static func floating(_ text: String, worth: Int64) -> Int64? {
    guard text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }), let value = Double(text)
    else { return nil }
    return Int64(exactly: (value * Double(worth)).rounded())
  }

  /// Digits after a point, as nanoseconds, for a unit of `worth` nanoseconds.
  static func fraction(_ digits: Substring, worth: Int64) -> Int64? {
    guard digits.utf8.allSatisfy(isDigit) else { return nil }
    var rest = worth
    var sum: Int64 = 0
    for digit in digits.utf8 {
      rest /= 10
      sum += Int64(digit - UInt8(ascii: "0")) * rest
    }
    return sum
  }

  /// Digits only; nil when there are none, or they do not fit.
  private static func number(_ text: Substring) -> Int64? {
    text.utf8.allSatisfy(isDigit) ? Int64(text) : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// `12:30:01`, with a fraction after a point or a comma, as nanoseconds since midnight.
  private static func timeOfDay(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = number(parts[0]), let minutes = number(parts[1]),
      hours < 24, minutes < 60
    else { return nil }
    let halves = parts[2].split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == "." || $0 == ","
    }
    // Accepts a leap second.
    guard let seconds = number(halves[0]), seconds <= 60,
      let fraction = halves.count == 2 ? fraction(halves[1], worth: 1_000_000_000) : 0
    else { return nil }
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction
  }

  /// `2024-03-01`, a `T` or a space, a time of day, and an optional zone.
  private static func date(_ text: String) -> Int64? {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == "T" || $0 == "t" || $0 == " " || $0 == "_"
    }
    guard parts.count == 2 else { return nil }
    let day = parts[0].split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "/" }
    guard day.count == 3, let year = number(day[0]), let month = number(day[1]),
      let dayOfMonth = number(day[2]), year >= 1970, year < 2116, (1...12).contains(month),
      (1...31).contains(dayOfMonth)
    else { return nil }
    let (clock, offsetMinutes) = zone(parts[1])
    guard let time = timeOfDay(clock), let offsetMinutes else { return nil }
    return daysSinceEpoch(year: year, month: month, day: dayOfMonth) * dayNanoseconds + time
      - offsetMinutes * 60_000_000_000
  }

  /// Splits off the zone at the end of a time; its minutes are nil when it is malformed.
  private static func zone(_ text: Substring) -> (clock: Substring, offsetMinutes: Int64?) {
    if text.hasSuffix("Z") || text.hasSuffix("z") { return (text.dropLast(), 0) }
    guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return (text, 0) }
    let digits = text[text.index(after: sign)...].filter { $0 != ":" }
    guard digits.utf8.count == 4 || digits.utf8.count == 2, let value = number(Substring(digits))
    else { return (text[..<sign], nil) }
    let minutes = digits.utf8.count == 2 ? value * 60 : value / 100 * 60 + value % 100
    return (text[..<sign], text[sign] == "-" ? -minutes : minutes)
  }

  /// Days of the Gregorian calendar since 1970-01-01.
  static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
    // Years begin in March, so that a leap day is a year's last day.
    let shifted = month > 2 ? year : year - 1
    let monthsSinceMarch = (month + 9) % 12
    let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}
