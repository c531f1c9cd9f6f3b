import ScaleModel

/// The measure of an option's value, by which values are ordered and drawn along an axis.
package enum Quantity: Hashable, Sendable {
  /// A number without a unit.
  case number(Double)
  /// A time, such as 50ms.
  case time(TimeSpan)
  /// Any other text: it can be compared for equality only.
  case text(String)

  /// Parses a value as its option spells it.
  package init(_ text: String) {
    if let number = Double(text), number.isFinite, text.first?.isLetter == false {
      self = .number(number)
    } else if let time = TimeSpan(text) {
      self = .time(time)
    } else {
      self = .text(text)
    }
  }

  /// The number, or the time in seconds; nil for a text.
  package var magnitude: Double? {
    switch self {
    case .number(let number): number
    case .time(let time): time.seconds
    case .text: nil
    }
  }

  /// Whether both can be ordered: two numbers, two times, or a time and 0.
  func isCommensurable(with other: Quantity) -> Bool {
    switch (self, other) {
    case (.number, .number), (.time, .time), (.time, .number(0)), (.number(0), .time): true
    default: false
    }
  }
}
