/// A machine's own stream of chance: all that a workload may draw from.
///
/// Every draw has finitely many outcomes, so that all of them can be enumerated. Drawing affects no
/// other machine.
@frozen
public struct Chance: Hashable, Sendable {
  @usableFromInline var random: SplitMix64

  /// Draws from this stream.
  @inlinable
  public init(_ random: SplitMix64) { self.random = random }

  /// The stream's state; ``SplitMix64/init(state:)`` continues it.
  package var state: UInt64 { random.state }

  /// Draws a number from 0 up to and without `count`; every one is equally likely.
  ///
  /// - Precondition: `count` is greater than zero.
  @inlinable
  public mutating func draw(below count: UInt64) -> UInt64 { random.draw(below: count) }

  /// Draws whether something happens that does so with `probability`, from 0 to 1.
  @inlinable
  public mutating func happens(_ probability: Double) -> Bool {
    random.drawFraction() < probability
  }
}
