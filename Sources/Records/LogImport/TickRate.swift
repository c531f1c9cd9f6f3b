/// How often a machine ticks: a fraction, because a rate may be 2.5 a second, or every 0.3 s.
struct TickRate: Hashable, Sendable {
  /// Ticks in ``seconds`` seconds; at least 1.
  let ticks: Int
  /// At least 1.
  let seconds: Int

  /// The maximum of both parts, so that no due time of a tick overflows.
  private static let partMax = 1_000_000_000

  /// The rate of `ticks` in `seconds`, reduced; nil when no run can have that rate.
  init?(ticks: Int, seconds: Int) {
    guard ticks > 0, seconds > 0 else { return nil }
    var (larger, smaller) = (ticks, seconds)
    while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
    (self.ticks, self.seconds) = (ticks / larger, seconds / larger)
    guard self.ticks <= Self.partMax, self.seconds <= Self.partMax,
      self.ticks / self.seconds <= 1_000_000
    else { return nil }
  }

  /// Parses a rate of a map or a log; nil when the text is not a positive number, or no run can
  /// have that rate.
  ///
  /// - Parameters:
  ///   - text: A number with or without a fraction.
  ///   - interval: The unit of an interval between two ticks; nil when the number is a rate.
  init?(_ text: String, interval: LogTime.Unit?) {
    let second = 1_000_000_000
    guard let billionths = LogTime.nanoseconds(text, interval ?? .seconds) else { return nil }
    if interval == nil {
      self.init(ticks: Int(billionths), seconds: second)
    } else {
      self.init(ticks: second, seconds: Int(billionths))
    }
  }

  /// Nanoseconds from one tick to the next.
  var periodNanoseconds: Double { Double(seconds) / Double(ticks) * 1e9 }

  /// When a tick is due, in nanoseconds after the start; nil when that is 2⁶² or more.
  func dueNanoseconds(tick: UInt64) -> Int64? {
    let product = tick.multipliedFullWidth(by: 1_000_000_000 * UInt64(seconds))
    guard product.high < UInt64(ticks) else { return nil }
    let due = UInt64(ticks).dividingFullWidth(product).quotient
    return due < 1 << 62 ? Int64(due) : nil
  }
}

/// Where the machines' rates come from.
enum RateSource: Hashable, Sendable {
  /// In the map: one per machine, in the order of their names.
  case values([TickRate])
  /// In the file's name; the expression finds it there.
  case fileName(pattern: String)
  /// In the first line that the expression matches; its group `machine` may name the machine.
  case line(pattern: String)
  /// In a column of every line.
  case column
}
