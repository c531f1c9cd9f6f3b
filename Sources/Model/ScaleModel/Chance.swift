/// A machine's own stream of chance: all that a workload may draw from.
///
/// Every draw has finitely many outcomes, so that all of them can be enumerated. Drawing affects no
/// other machine.
@frozen
public struct Chance: Hashable, Sendable {
  @usableFromInline var random: SplitMix64
  /// Where outcomes come from instead of chance; see ``init(outcome:drawMax:)``.
  @usableFromInline var choice = ChosenOutcomes()

  /// Draws from this stream.
  @inlinable
  public init(_ random: SplitMix64) { self.random = random }

  /// The stream's state; ``SplitMix64/init(state:)`` continues it.
  package var state: UInt64 { random.state }

  /// Draws a number from 0 up to and without `count`; every one is equally likely.
  ///
  /// - Precondition: `count` is greater than zero.
  @inlinable
  @inline(__always)
  public mutating func draw(below count: UInt64) -> UInt64 {
    choice.isOn ? chosen(below: count) : random.draw(below: count)
  }

  /// Draws whether something happens that does so with `probability`, from 0 to 1.
  @inlinable
  public mutating func happens(_ probability: Double) -> Bool {
    choice.isOn ? chosen(probability) : random.drawFraction() < probability
  }
}

/// How outcomes are chosen that are not left to chance.
@usableFromInline
@frozen
struct ChosenOutcomes: Hashable, Sendable {
  /// How many outcomes the draws so far could have had together; zero while they are random.
  @usableFromInline var count: UInt32 = 0
  /// The most outcomes of one draw that are chosen among.
  @usableFromInline var drawMax: UInt16 = 0
  /// Whether a draw had more.
  @usableFromInline var isCut = false

  @usableFromInline init() {}

  /// Whether outcomes are chosen.
  @usableFromInline var isOn: Bool { count > 0 }
}

extension Chance {
  /// Draws what `outcome` says: in the number system whose digits are the draws, in their order,
  /// the lowest first.
  ///
  /// With all numbers below the largest ``outcomeCount`` seen so far, every sequence of outcomes
  /// comes up; that of a number not below its own count has come up before.
  ///
  /// - Parameters:
  ///   - outcome: Which outcomes.
  ///   - drawMax: How many outcomes of a draw are chosen among, spread evenly, when it has more.
  @inlinable
  package init(outcome: UInt64, drawMax: UInt16) {
    self.init(SplitMix64(state: outcome))
    choice.count = 1
    choice.drawMax = max(1, drawMax)
  }

  /// How many sequences of outcomes the draws so far could have had, if each had those of the
  /// sequence drawn; at most 2³² − 1.
  package var outcomeCount: UInt32 { choice.count }

  /// Whether a draw had more outcomes than are chosen among.
  package var isCut: Bool { choice.isCut }

  @usableFromInline
  mutating func chosen(below count: UInt64) -> UInt64 {
    let base = max(1, min(count, UInt64(choice.drawMax)))
    if base < count { choice.isCut = true }
    let (digit, rest) = (random.state % base, random.state / base)
    random = SplitMix64(state: rest)
    let (product, overflows) = choice.count.multipliedReportingOverflow(by: UInt32(base))
    choice.count = overflows ? .max : product
    return digit * (count / base)
  }

  @usableFromInline
  mutating func chosen(_ probability: Double) -> Bool {
    if probability <= 0 { return false }
    return probability >= 1 || chosen(below: 2) == 1
  }
}
