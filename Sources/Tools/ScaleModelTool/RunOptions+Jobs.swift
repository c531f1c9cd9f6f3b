import CommandLineKit
import SystemCalls

/// The option `--jobs`: on how many threads a run in virtual time is carried out.
///
/// It is no part of the plan: any number gives the same bytes.
extension RunOptions {
  static let jobs = Option.number(
    "--jobs", "N", in: 1...ThreadTeam.memberCountMax,
    help: "virtual: how many threads (from 100000 machines on one per processor, else 1)")

  /// The fewest machines for which a run takes several threads unasked.
  private static let sharedMachineCountMin = 100_000

  /// How many threads to take.
  static func jobCount(_ words: ParsedWords, machineCount: Int) throws(UsageError) -> Int {
    try words.value(of: jobs)
      ?? (machineCount < sharedMachineCountMin ? 1 : ThreadTeam.fullMemberCount)
  }
}
