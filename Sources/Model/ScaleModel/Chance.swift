/// A machine's own stream of chance: all that a workload may draw from.
///
/// Every draw has finitely many outcomes, so that all of them can be enumerated. Drawing affects no
/// other machine.
@frozen
public struct Chance: Hashable, Sendable {
  @usableFromInline var random: SplitMix64
  /// The stream's next word, drawn ahead: a branch on it need not wait until it is computed.
  ///
  /// Where outcomes are chosen, it says how.
  @usableFromInline var word: UInt64
  /// Whether outcomes are chosen; see ``init(outcome:drawMax:)``.
  @usableFromInline var isChosen = false

  /// Draws from this stream.
  @inlinable
  public init(_ random: SplitMix64) {
    self.random = random
    word = self.random.next()
  }

  /// The stream's state; ``SplitMix64/init(state:)`` continues it.
  @inlinable package var state: UInt64 {
    isChosen ? random.state : random.state &- SplitMix64.increment
  }

  /// Draws a number from 0 up to and without `count`; every one is equally likely.
  ///
  /// - Precondition: `count` is greater than zero.
  @inlinable
  @inline(__always)
  public mutating func draw(below count: UInt64) -> UInt64 {
    isChosen ? chosen(below: count) : SplitMix64.number(below: count, of: nextWord())
  }

  /// Draws whether something happens that does so with `probability`, from 0 to 1.
  @inlinable
  public mutating func happens(_ probability: Double) -> Bool {
    isChosen ? chosen(probability) : SplitMix64.fraction(of: nextWord()) < probability
  }

  @inlinable
  @inline(__always)
  mutating func nextWord() -> UInt64 {
    let next = word
    word = random.next()
    return next
  }
}

/// How outcomes are chosen that are not left to chance.
private struct ChosenOutcomes {
  /// How many outcomes the draws so far could have had together.
  var count: UInt32
  /// The most outcomes of one draw that are chosen among.
  var drawMax: UInt16
  /// Whether a draw had more.
  var isCut = false

  init(count: UInt32, drawMax: UInt16) { (self.count, self.drawMax) = (count, drawMax) }

  /// Takes them out of a word.
  init(word: UInt64) {
    count = UInt32(truncatingIfNeeded: word)
    drawMax = UInt16(truncatingIfNeeded: word >> 32)
    isCut = word >> 48 == 1
  }

  /// All of them in a word.
  var word: UInt64 { UInt64(count) | UInt64(drawMax) << 32 | (isCut ? 1 << 48 : 0) }
}

extension Chance {
  /// Draws what `outcome` says: in the number system whose digits are the draws, in their order,
  /// the lowest first.
  ///
  /// With all numbers below the largest ``outcomeCount`` seen so far, every sequence of outcomes
  /// comes up, of as many as `drawMax` allows; that of a number not below its own count has come up
  /// before.
  ///
  /// - Parameters:
  ///   - outcome: Which outcomes.
  ///   - drawMax: How many outcomes of a draw are chosen among, spread evenly, when it has more.
  @usableFromInline
  package init(outcome: UInt64, drawMax: UInt16) {
    random = SplitMix64(state: outcome)
    word = ChosenOutcomes(count: 1, drawMax: max(1, drawMax)).word
    isChosen = true
  }

  /// How many sequences of outcomes the draws so far could have had, if each had those of the
  /// sequence drawn; at most 2³² − 1.
  package var outcomeCount: UInt32 { isChosen ? ChosenOutcomes(word: word).count : 0 }

  /// Whether a draw had more outcomes than are chosen among.
  package var isCut: Bool { isChosen && ChosenOutcomes(word: word).isCut }

  @usableFromInline
  mutating func chosen(below count: UInt64) -> UInt64 {
    var choice = ChosenOutcomes(word: word)
    let base = max(1, min(count, UInt64(choice.drawMax)))
    if base < count { choice.isCut = true }
    let (digit, rest) = (random.state % base, random.state / base)
    random = SplitMix64(state: rest)
    let (product, overflows) = choice.count.multipliedReportingOverflow(by: UInt32(base))
    choice.count = overflows ? .max : product
    word = choice.word
    return digit * (count / base)
  }

  @usableFromInline
  mutating func chosen(_ probability: Double) -> Bool {
    if probability <= 0 { return false }
    return probability >= 1 || chosen(below: 2) == 1
  }
}
