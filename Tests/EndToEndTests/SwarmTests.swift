import Testing

@Suite("The swarm: random runs in virtual time, every one checked from its journals")
struct SwarmTests {
  @Test("Sixty random runs hold, and some of their snapshots caught messages on channels")
  func sixtySeeds() throws {
    let outcome = try BuiltTool.bench.run(["swarm", "--seeds", "60", "--first-seed", "1000"])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.error)")
    let figures = try #require(
      outcome.output.split(separator: "\n").first { $0.hasPrefix("60 ") })
    let numbers = figures.split(separator: " ").compactMap { Int($0) }
    try #require(numbers.count == 7)
    #expect(numbers[0] == 60 && numbers[1] == 0)
    // Complete, partial, with messages on channels, with messages in inboxes.
    #expect(numbers[3] > 60 && numbers[4] > 0 && numbers[5] > 30 && numbers[6] > 30)
  }
}
