import LogicalTime

/// How long a message is in transit, in addition to the transport's own time.
public enum Delay: Hashable, Sendable {
  /// No time at all.
  case none
  /// Always the same.
  case constant(TimeSpan)
  /// Uniformly distributed from the first to the second.
  case uniform(TimeSpan, TimeSpan)
  /// Exponentially distributed with this mean.
  case exponential(mean: TimeSpan)

  /// Reads `0`, `50ms`, `10ms...100ms` or `~50ms`; nil for anything else, an empty range included.
  public init?(_ text: String) {
    if text == "0" || text == "none" {
      self = .none
    } else if text.hasPrefix("~") {
      guard let mean = TimeSpan(String(text.dropFirst())), mean.nanoseconds > 0 else { return nil }
      self = .exponential(mean: mean)
    } else if let dots = text.firstRange(of: "...") {
      guard let low = TimeSpan(String(text[..<dots.lowerBound])),
        let high = TimeSpan(String(text[dots.upperBound...])), low <= high
      else { return nil }
      self = low == high ? .constant(low) : .uniform(low, high)
    } else {
      guard let span = TimeSpan(text) else { return nil }
      self = span.nanoseconds == 0 ? .none : .constant(span)
    }
  }

  /// The least that a message can be on its way.
  public var shortest: TimeSpan {
    switch self {
    case .none, .exponential: .seconds(0)
    case .constant(let span), .uniform(let span, _): span
    }
  }

  /// How long a message is on its way in the mean.
  package var mean: TimeSpan {
    switch self {
    case .none: .seconds(0)
    case .constant(let span), .exponential(let span): span
    case .uniform(let low, let high):
      TimeSpan(nanoseconds: low.nanoseconds + (high.nanoseconds - low.nanoseconds) / 2)
    }
  }

  /// The delay of one message on one channel.
  ///
  /// It depends only on the seed, the channel and the message's index on it. So a marker can take
  /// the delay of the *next* message on its channel without drawing it: it waits like any message,
  /// and delays none.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - source: Where the channel starts.
  ///   - target: Where it leads to.
  ///   - messageIndex: How many messages the channel carried before.
  /// - Returns: How long the message is on its way.
  public func transit(
    seed: UInt64, source: MachineID, target: MachineID, messageIndex: UInt64
  ) -> TimeSpan {
    switch self {
    case .none: return .seconds(0)
    case .constant(let span): return span
    case .uniform, .exponential:
      var random = Self.stream(
        seed: seed, source: source, target: target, messageIndex: messageIndex)
      return transit(&random)
    }
  }

  /// A delay drawn from a stream of numbers.
  package func transit(_ random: inout SplitMix64) -> TimeSpan {
    switch self {
    case .none: return .seconds(0)
    case .constant(let span): return span
    case .uniform(let low, let high):
      let width = UInt64(high.nanoseconds - low.nanoseconds)
      return TimeSpan(nanoseconds: low.nanoseconds + Int64(random.draw(below: width + 1)))
    case .exponential(let mean):
      let draw = -naturalLogarithm(1 - random.drawFraction()) * Double(mean.nanoseconds)
      return TimeSpan(nanoseconds: draw < 9e18 ? Int64(draw) : 9_000_000_000_000_000_000)
    }
  }

  /// When something that enters a channel now arrives: after its delay, not before earlier ones.
  ///
  /// - Parameters:
  ///   - now: When it enters, on any clock.
  ///   - lastDue: When its predecessor arrives.
  ///   - delay: Its time in transit.
  /// - Returns: The later of both; the last instant but one when 64 bits cannot hold it.
  @inlinable
  package static func arrival<Time: Instant>(
    enteringAt now: Time, behind lastDue: Time = .always, after delay: TimeSpan
  ) -> Time {
    let (due, overflows) = now.nanoseconds.addingReportingOverflow(delay.nanoseconds)
    return max(Time(nanoseconds: overflows ? Int64.max - 1 : due), lastDue)
  }

  private static func stream(
    seed: UInt64, source: MachineID, target: MachineID, messageIndex: UInt64
  ) -> SplitMix64 {
    let channel = UInt64(source.number) << 32 | UInt64(target.number)
    let channelStream = SplitMix64(seed: seed, purpose: .delays, index: channel)
    return SplitMix64(state: channelStream.state &+ messageIndex &* SplitMix64.increment)
  }
}

extension Delay: CustomStringConvertible {
  /// The delay as an option takes it.
  public var description: String {
    switch self {
    case .none: "0"
    case .constant(let span): "\(span)"
    case .uniform(let low, let high): "\(low)...\(high)"
    case .exponential(let mean): "~\(mean)"
    }
  }
}

/// The natural logarithm of a number in 0 < x ≤ 1, by exactly rounded steps of arithmetic only.
///
/// The C library's logarithm may differ in the last bit from platform to platform, and a run must
/// not. It is off by at most 2⁻⁵⁰ of the true value: x = m·2ᵉ with m from √½ to √2, and
/// ln m = 2·artanh((m−1)/(m+1)).
func naturalLogarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var significand = x.significand
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  let ratio = (significand - 1) / (significand + 1)
  let square = ratio * ratio
  var sum = 0.0
  for denominator in stride(from: 27.0, through: 1.0, by: -2.0) {
    sum = sum * square + 1 / denominator
  }
  return 2 * ratio * sum + exponent * 0.693_147_180_559_945_3
}
