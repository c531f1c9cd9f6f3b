import CommandLineKit
import ScaleModel

/// Which options are for virtual time, and which for wall time.
extension RunOptions {
  /// Refuses what is for the other kind of time.
  static func checkRuntime(
    _ words: ParsedWords, _ plan: RunPlan, _ runtime: RuntimeWord
  ) throws(UsageError) {
    if runtime == .virtual {
      if plan.duration == .forever {
        throw .contradiction("--duration forever never ends in virtual time; give it an end")
      }
      if words.has(CommandInput.option) {
        throw .contradiction(
          "--commands - is for wall time; in virtual time, plan snapshots with --snapshot-at")
      }
      return
    }
    // A run in wall time knows partitions.
    let needVirtualTime =
      faultOptions.map(\.shape).filter { $0.name != partition.name }
      + [checkDeterminism.shape, jobs.shape]
    if let first = needVirtualTime.first(where: { words.has(named: $0.name) }) {
      throw .contradiction("\(first.name) needs virtual time; add --runtime virtual")
    }
  }
}
