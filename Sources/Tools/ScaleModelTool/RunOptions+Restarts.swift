import CommandLineKit
import ScaleModel

/// The option `--restarts`, and what goes with `--on-failure restore`.
extension RunOptions {
  static let restarts = Option.number(
    "--restarts", "N", in: 0...1_000_000_000,
    help: "restore: how often all machines may go back to the last snapshot (100)")

  private static let usualRestartCountMax = 100

  /// How often the machines may go back; nil without `--on-failure restore`.
  ///
  /// - Throws: `UsageError` for what a snapshot does not record.
  static func restartCountMax(
    _ words: ParsedWords, of plan: RunPlan
  ) throws(UsageError) -> Int? {
    guard try words.value(of: onFailure) == .restore else {
      if words.has(restarts) {
        throw .contradiction("--restarts needs --on-failure restore; add that, or leave it out")
      }
      return nil
    }
    let reason: String? =
      if !plan.promises.isUsual {
        "its channels must keep order and lose nothing; leave out --order, --loss, --duplicate and "
          + "--transport udp"
      } else if plan.snapshotAlgorithm != .chandyLamport || plan.markerHandling != .arrival {
        "it needs chandy-lamport's snapshots, with markers handled on arrival"
      } else if plan.tickClock != .trueTime {
        "a snapshot does not record what own clocks have done; leave out --ticks-by own-clock"
      } else if words.has(pause) {
        "a snapshot does not record pauses; leave out --pause"
      } else {
        nil
      }
    if let reason { throw .contradiction("--on-failure restore: \(reason)") }
    return try words.value(of: restarts) ?? usualRestartCountMax
  }
}
