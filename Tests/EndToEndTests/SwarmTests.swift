import TestSupport
import Testing

@Suite("The swarm: random runs in virtual time, every one checked from its journals", .ownThreads)
struct SwarmTests {
  @Test("Random runs hold, and some of their snapshots caught messages on channels", .long)
  func randomRuns() throws {
    let count = 60
    let outcome = try BuiltTool.bench.run(["swarm", "--seeds", "\(count)", "--first-seed", "1000"])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.error)")
    let figures = try #require(
      outcome.output.split(separator: "\n").first { $0.hasPrefix("\(count) ") })
    let numbers = figures.split(separator: " ").compactMap { Int($0) }
    try #require(numbers.count == 7)
    #expect(numbers[0] == count && numbers[1] == 0)
    // Complete, partial, with messages on channels, with messages in inboxes.
    #expect(numbers[3] > count && numbers[4] > 0 && min(numbers[5], numbers[6]) > count / 2)
  }
}
