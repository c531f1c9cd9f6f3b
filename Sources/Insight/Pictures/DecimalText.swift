/// Number formats of figures: short, and the same everywhere.
package enum DecimalText {
  /// A number with at most so many decimals, without trailing zeros.
  ///
  /// NaN becomes `–`; numbers of 10¹⁵ and more, which no figure shows, are written in full.
  package static func short(_ number: Double, decimals: Int = 1) -> String {
    guard number.isFinite else { return "–" }
    let unit = (0..<decimals).reduce(1.0) { unit, _ in unit * 10 }
    guard abs(number) * unit < 1e15 else { return "\(number)" }
    let units = Int64((number * unit).rounded())
    let (whole, rest) = units.magnitude.quotientAndRemainder(dividingBy: UInt64(unit))
    var digits = "\(rest)"
    digits = String(repeating: "0", count: decimals - min(decimals, digits.count)) + digits
    while digits.last == "0" { digits.removeLast() }
    let fraction = rest == 0 || digits.isEmpty ? "" : "." + digits
    return (units < 0 ? "−" : "") + grouped(whole) + fraction
  }

  /// A number with about so many significant digits, and no more decimals than they need.
  package static func digits(_ number: Double, _ count: Int = 3) -> String {
    var decimals = count
    var magnitude = abs(number)
    while magnitude >= 1 && decimals > 0 {
      magnitude /= 10
      decimals -= 1
    }
    magnitude = abs(number)
    while magnitude > 0 && magnitude < 0.1 && decimals < 12 {
      magnitude *= 10
      decimals += 1
    }
    return short(number, decimals: decimals)
  }

  /// The same of a number that may be missing: `–` without one.
  package static func digits(_ number: Double?, _ count: Int = 3) -> String {
    number.map { digits($0, count) } ?? "–"
  }

  /// A count with a comma between every three digits.
  package static func grouped(_ count: some BinaryInteger) -> String {
    let digits = "\(count)"
    guard count >= 10_000 || count <= -10_000 else { return digits }
    var text = ""
    for (index, digit) in digits.enumerated() {
      let left = digits.count - index
      if index > 0 && left % 3 == 0 && text != "-" { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A length of time with its unit: `40 µs`, `1.5 s`.
  package static func time(seconds: Double) -> String {
    let magnitude = abs(seconds)
    if magnitude == 0 { return "0 s" }
    if magnitude < 999.5e-9 { return "\(digits(seconds * 1e9)) ns" }
    if magnitude < 999.5e-6 { return "\(digits(seconds * 1e6)) µs" }
    if magnitude < 0.9995 { return "\(digits(seconds * 1e3)) ms" }
    return "\(digits(seconds, 4)) s"
  }

  /// A coordinate for SVG, in tenths of a unit: with an ASCII minus and no grouping.
  static func coordinate(_ number: Double) -> String { coordinate(tenths: tenths(number)) }

  /// The nearest tenth of a unit, as a whole number of them.
  static func tenths(_ number: Double) -> Int {
    Int((min(max(number.isFinite ? number : 0, -1e6), 1e6) * 10).rounded())
  }

  static func coordinate(tenths: Int) -> String {
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return (tenths < 0 ? "-" : "")
      + (rest == 0 ? "\(whole)" : whole == 0 ? ".\(rest)" : "\(whole).\(rest)")
  }
}
