/// How two events relate in Lamport's "happened before".
///
/// - SeeAlso: L. Lamport, CACM 21(7), 1978, "The Partial Ordering".
///   <https://doi.org/10.1145/359545.359563>
public enum CausalOrder: Hashable, Sendable {
  /// They are the same event, or have the same history.
  case same
  /// The first could have influenced the second: it *happened before* it.
  case before
  /// The second could have influenced the first.
  case after
  /// Neither could have influenced the other.
  case concurrent
}
