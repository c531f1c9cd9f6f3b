/// A small, fast random number generator whose whole state is one seedable word.
///
/// Each use of randomness in a run has its own *stream*, derived from the run's seed, so one
/// machine's draws never depend on another's. The same seed gives the same numbers on every
/// platform and in every version. Not for secrets.
///
/// - SeeAlso: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators",
///   OOPSLA 2014. <https://doi.org/10.1145/2660193.2660195>
@frozen
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
  @usableFromInline var state: UInt64

  /// Makes the generator that continues from `state`.
  @inlinable
  public init(state: UInt64) {
    self.state = state
  }

  /// Makes the generator of one stream of a run.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - purpose: What the numbers are for; different purposes never share numbers.
  ///   - index: Which stream of that purpose: a machine's or a channel's number.
  @inlinable
  public init(seed: UInt64, purpose: StreamPurpose, index: UInt64 = 0) {
    state = Self.mixed(
      Self.mixed(seed &+ purpose.rawValue &* Self.increment) &+ index &* Self.increment)
  }

  /// What a stream's numbers are for.
  @frozen
  public enum StreamPurpose: UInt64, Sendable {
    /// Drawing the machines' rates.
    case rates = 1
    /// What a machine does on its free ticks; the index is the machine's id.
    case ticks = 2
    /// How long messages are on their way; the index names a channel.
    case delays = 3
    /// Drawing a random topology.
    case topology = 4
    /// What becomes of each message on channels that are not reliable; the index names a channel.
    case fates = 5
    /// The same of each marker.
    case markerFates = 6
    /// Where in its period a machine ticks; the index is the machine's id.
    case phases = 8
    /// How far physical clocks are from true time; the index is the machine's id.
    case physicalClocks = 9
    /// By how much they are set wrong; the index is the machine's id.
    case clockSyncs = 10
    /// When machines record for naive snapshots; the index is the machine's id.
    case snapshotMoments = 7
  }

  /// The odd constant nearest to 2⁶⁴ divided by the golden ratio.
  @inlinable static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  /// Scrambles a word so that every bit of the result depends on every bit of it.
  @inlinable
  public static func mixed(_ word: UInt64) -> UInt64 {
    var mixed = word
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Draws the next word; every value of 64 bits is equally likely.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// Draws a number from 0 up to and without `count`, by one multiplication.
  ///
  /// Some numbers are likelier than others by `count` in 2⁶⁴: less than any run can show.
  ///
  /// - Precondition: `count` is greater than zero.
  @inlinable
  public mutating func draw(below count: UInt64) -> UInt64 { Self.number(below: count, of: next()) }

  /// Draws a fraction from 0 up to and without 1, in steps of 2⁻⁵³.
  @inlinable
  public mutating func drawFraction() -> Double { Self.fraction(of: next()) }

  /// The number below `count` that a drawn word stands for.
  @inlinable
  static func number(below count: UInt64, of word: UInt64) -> UInt64 {
    precondition(count > 0, "There is no number to draw below zero")
    return word.multipliedFullWidth(by: count).high
  }

  /// The fraction that a drawn word stands for.
  @inlinable
  static func fraction(of word: UInt64) -> Double { Double(word >> 11) * 0x1p-53 }
}
