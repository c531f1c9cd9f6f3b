extension Manifest.Plan {
  /// The plan, completed from another with what older versions did not record.
  ///
  /// - Parameter other: A plan of this version.
  /// - Returns: This plan; for one recorded by an older version, with the other's snapshots and
  ///   `on_failure`, so that the two are equal if all recorded values are.
  package func filledIn(from other: Self) -> Self {
    guard onFailure == nil else { return self }
    var plan = self
    (plan.snapshotEvery, plan.snapshotAt) = (other.snapshotEvery, other.snapshotAt)
    (plan.onFailure, plan.grpc) = (other.onFailure, other.grpc)
    (plan.linkTimeout, plan.foreign) = (other.linkTimeout, other.foreign)
    return plan
  }
}
