import ScaleModel

/// What is claimed of a computation, and what is measured.
extension DijkstraScholten {
  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [
      .invariant("never-early", "!detected(0) || !any(active) && sum(deficit) == 0"),
      .stable("terminated", "!any(active) && sum(deficit) == 0"),
      .stable("detected", "detected(0)"),
    ]
  }

  /// The signals for each message of work, and how long after the last machine has become passive
  /// the root knows it, and a snapshot finds it.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    let ends = FieldMatch("active", is: .boolean(false))
    let detects = FieldMatch("detected", is: .boolean(true), at: 0)
    return [
      .messages(
        "signals_per_work_message", of: FieldMatch("kind", is: Letter.signal.fieldValue),
        per: FieldMatch("kind", is: Letter.work.fieldValue), until: detects, predicted: 1),
      .lag("detection_latency_s", from: ends, to: detects),
      .lag("snapshot_latency_s", from: ends, toSnapshotOf: "terminated"),
    ]
  }
}
