/// A condition on global states that a workload declares, by its name.
///
/// Its text is an expression as `analyze --possibly` takes it: `count(phase == inside) <= 1`.
public struct NamedPredicate: Codable, Hashable, Sendable {
  /// What is claimed of a condition.
  public enum Claim: String, Codable, Sendable {
    /// It holds in every global state that a run passes through.
    case invariant
    /// When it holds once, it holds from then on: a snapshot that finds it proves that it holds at
    /// the snapshot's end (Chandy & Lamport 1985, section 4).
    case stable
  }

  /// Its name: lower-case words joined by hyphens.
  public let name: String
  /// What is claimed of it.
  public let claim: Claim
  /// The condition.
  public let expression: String

  private init(_ name: String, _ claim: Claim, _ expression: String) {
    (self.name, self.claim, self.expression) = (name, claim, expression)
  }

  /// Declares a condition that always holds.
  public static func invariant(_ name: String, _ expression: String) -> NamedPredicate {
    NamedPredicate(name, .invariant, expression)
  }

  /// Declares a condition that holds for ever once it holds.
  public static func stable(_ name: String, _ expression: String) -> NamedPredicate {
    NamedPredicate(name, .stable, expression)
  }
}
