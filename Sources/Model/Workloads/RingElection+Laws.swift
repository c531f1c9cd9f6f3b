import ScaleModel

/// What is claimed of an election, and what is measured.
extension RingElection {
  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [
      .invariant("one-leader", "min(leader) == max(leader)"),
      .stable("elected", "all(leader != nothing)"),
    ]
  }

  /// The messages that carry numbers until the first machine knows the leader: N·H_N on average.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    let count = Double(topology.machineCount)
    let harmonic = (1...topology.machineCount).reduce(0) { $0 + 1 / Double($1) }
    return [
      .messages(
        "messages_until_elected", of: FieldMatch("elected", is: .boolean(false)),
        until: FieldMatch("leader"), predicted: count * harmonic)
    ]
  }
}
