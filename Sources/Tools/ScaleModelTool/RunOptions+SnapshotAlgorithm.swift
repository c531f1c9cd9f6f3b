import CommandLineKit
import ScaleModel
import Snapshots

extension RunOptions {
  static let snapshotAlgorithm = Option<SnapshotAlgorithm>.word(
    "--snapshot-algorithm", help: "how machines take snapshots (chandy-lamport)")
  static let checkpoints = Option<CheckpointWord>.word(
    "--checkpoints",
    help: "record together, or each machine alone (independent, induced: virtual) (coordinated)")
  static let snapshotSpread = Option<TimeSpan>(
    "--snapshot-spread", "TIME", help: "naive: machines record within TIME of the request (0s)",
    expected: "a time of 100 years at most, such as 2s"
  ) { word in TimeSpan(word).flatMap { $0 <= .forever ? $0 : nil } }
  static let snapshotCost = Option<TimeSpan>(
    "--snapshot-cost", "TIME",
    help: "virtual: a machine that has recorded misses the ticks of the next TIME (0s)",
    expected: "a time of 100 years at most, such as 500ms"
  ) { word in TimeSpan(word).flatMap { $0 <= .forever ? $0 : nil } }
  static let markerHandling = Option<MarkerHandling>.word(
    "--marker-handling",
    help: "handle a marker on arrival, or in its turn at a tick behind the inbox (arrival)")

  /// Who records when: all machines for one snapshot, or each by itself.
  enum CheckpointWord: String, CaseIterable {
    case coordinated, independent, induced
  }

  /// Puts the choice of the snapshot algorithm into a plan.
  ///
  /// - Throws: `UsageError` for invalid words, and for what the algorithm cannot do.
  static func chooseAlgorithm(
    _ words: ParsedWords, for plan: inout RunPlan, _ runtime: RuntimeWord
  ) throws(UsageError) {
    plan.snapshotAlgorithm = try words.value(of: snapshotAlgorithm) ?? .chandyLamport
    plan.snapshotSpread = try words.value(of: snapshotSpread) ?? .seconds(0)
    if words.has(snapshotSpread), plan.snapshotAlgorithm != .naive {
      throw .contradiction(
        "--snapshot-spread is for naive snapshots; add --snapshot-algorithm naive")
    }
    plan.markerHandling = try words.value(of: markerHandling) ?? .arrival
    if plan.markerHandling == .tick, plan.snapshotAlgorithm != .chandyLamport {
      throw .contradiction(
        "--marker-handling tick is for markers; \(plan.snapshotAlgorithm.rawValue) has none; "
          + "leave one of them out")
    }
    guard plan.snapshotAlgorithm != .synchronised || runtime == .virtual else {
      throw .contradiction(
        "--snapshot-algorithm synchronised needs virtual time, where machines record at an "
          + "instant; add --runtime virtual")
    }
    try chooseCheckpoints(words, for: &plan, runtime)
    plan.snapshotCost = try costOfSnapshots(words, in: plan, runtime)
    if let reason = plan.snapshotClaims.impossibility {
      throw .contradiction(
        "\(reason); run it without --loss, --duplicate and --transport udp, or take "
          + "--snapshot-algorithm lai-yang")
    }
  }
  /// For how long recording keeps a machine from its ticks.
  private static func costOfSnapshots(
    _ words: ParsedWords, in plan: RunPlan, _ runtime: RuntimeWord
  ) throws(UsageError) -> TimeSpan {
    guard let cost = try words.value(of: snapshotCost), cost > .seconds(0) else {
      return .seconds(0)
    }
    guard runtime == .virtual else {
      throw .contradiction("\(snapshotCost.name) needs virtual time; add --runtime virtual")
    }
    if words.has(pause) {
      throw .contradiction(
        "a pause's ticks are caught up on, those of \(snapshotCost.name) are not; leave one of "
          + "them out")
    }
    guard !plan.snapshots.isEmpty else {
      throw .contradiction(
        "\(snapshotCost.name) needs snapshots; add --snapshot-every TIME")
    }
    return cost
  }

  /// Makes each machine record alone, if the words ask for that.
  private static func chooseCheckpoints(
    _ words: ParsedWords, for plan: inout RunPlan, _ runtime: RuntimeWord
  ) throws(UsageError) {
    guard let word = try words.value(of: checkpoints), word != .coordinated,
      let algorithm = SnapshotAlgorithm(rawValue: word.rawValue)
    else { return }
    let option = "\(checkpoints.name) \(word.rawValue)"
    guard runtime == .virtual else {
      throw .contradiction("\(option) needs virtual time; add --runtime virtual")
    }
    let others = [snapshotAlgorithm.name, markerHandling.name, until.name]
    if let other = others.first(where: { words.has(named: $0) }) {
      throw .contradiction(
        "\(other) is of snapshots that machines take together, \(option) of each alone; leave one "
          + "of them out")
    }
    guard !plan.snapshots.isEmpty else {
      throw .contradiction("\(option) needs times; add --snapshot-every TIME")
    }
    plan.snapshotAlgorithm = algorithm
  }
}
