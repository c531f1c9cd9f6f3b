import TestSupport
import Testing

/// Verdicts of runs whose channels promise less than usual.
@Suite("Verdicts by plan", .ownThreads)
struct ChannelPromisesToolTests {
  @Test(
    "What the plan gives up is not claimed; what still holds is checked",
    arguments: [
      ("--order none", ["delivery", "cut", "channels", "money"]),
      ("--loss 0.3", ["delivery", "cut", "channels", "money"]),
      ("--loss 1", ["delivery", "cut", "channels", "money"]),
      ("--duplicate 0.5", ["delivery", "channels", "money"]),
      ("--duplicate 1 --order none", ["delivery", "cut", "channels", "money"]),
    ])
  func notClaimed(words: String, checks: [String]) throws {
    let directory = try TemporaryDirectory()
    let run = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--workload", "bank", "--rates", "5,5,5", "--seed", "3",
        "--delay", "~400ms", "--snapshot-every", "7s", "--quiet", "--output", directory.run.path,
      ] + words.split(separator: " ").map(String.init))
    #expect(run.exitCode == 0, "\(run.error)")
    let outcome = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(outcome.exitCode == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for check in ["clock", "delivery", "pace", "cut", "channels", "money", "manifest"] {
      let line = try #require(lines.first { $0.contains(": \(check): ") })
      #expect(line.contains(": not claimed: ") == checks.contains(check), "\(line)")
      #expect(!line.contains("FAILED"))
    }
    let all = try BuiltTool.analyze.run(
      [directory.run.path, "--output", directory.path + "/tables"])
    #expect(all.exitCode == 0, "\(all.error)")
  }
}
