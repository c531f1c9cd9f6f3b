extension Manifest.Plan {
  /// The plan with what older versions did not record taken from another.
  ///
  /// - Parameter other: A plan of this version.
  /// - Returns: This plan, unless it was recorded by an older version; then with the other's
  ///   snapshots and `on_failure`, so that the two are equal when all that was recorded is.
  package func filledIn(from other: Self) -> Self {
    guard onFailure == nil else { return self }
    var plan = self
    (plan.snapshotEvery, plan.snapshotAt) = (other.snapshotEvery, other.snapshotAt)
    (plan.onFailure, plan.grpc) = (other.onFailure, other.grpc)
    (plan.linkTimeout, plan.foreign) = (other.linkTimeout, other.foreign)
    return plan
  }
}
