import TestSupport
import Testing

/// The assignment's rates 1, 3, 6, a hundred times as fast, with the same die: every runtime must
/// follow the same law, which the fluid model states in closed form.
@Suite("Wall time and virtual time follow the same law", .ownThreads)
struct SameLawTests {
  /// The rows of the machine table, a dictionary per machine.
  private func table(runtime: String) throws -> [[String: Double]] {
    let directory = try TemporaryDirectory()
    let run = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--rates", "100,300,600", "--duration", "3s", "--seed", "5",
      "--quiet", "--output", directory.run.path,
    ])
    #expect(run.exitCode == 0, "\(run.error)")
    let analysis = try BuiltTool.analyze.run([directory.run.path])
    let lines = analysis.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let names = try #require(lines.first)
    return lines.dropFirst().map { words in
      Dictionary(
        uniqueKeysWithValues: zip(names, words).map { (String($0), Double($1) ?? .nan) })
    }
  }

  @Test(
    "Receive share, mean jump and queue growth",
    arguments: LongTests.first(1, of: ["threads", "processes", "virtual"]))
  func law(runtime: String) throws {
    let machines = try table(runtime: runtime)
    try #require(machines.count == 3)
    // Share of ticks receiving min(1, L / r); mean jump r_max / max(r, L).
    let expected: [(share: Double, jump: Double)] = [(1, 4), (0.375, 2), (0.0625, 1)]
    for (machine, law) in zip(machines, expected) {
      let share = try #require(machine["receives"]) / #require(machine["events"])
      #expect(abs(share - law.share) < 0.08)
      let jump = try #require(machine["jump_mean"])
      #expect(abs(jump / law.jump - 1) < 0.2)
      // A queue's deviation is about the root of its arrivals: 150 a second for the slowest.
      let queue = try #require(machine["queue_final"])
      let predicted = try #require(machine["predicted_queue_final"])
      #expect(abs(queue - predicted) < 5 * (150 * 3.0).squareRoot())
    }
    let events = machines.compactMap { $0["events"] }
    #expect(events == [300, 900, 1800])
  }

  /// The assignment's rate 6 ten times as fast: without delay the law does not depend on the rate,
  /// as long as lateness is short beside the time between two machines' ticks.
  @Test(
    "With random phases, equal machines have the same mean jump in wall and in virtual time", .long)
  func randomPhases() throws {
    let fixture = try SweepFixture(
      """
      "repetitions": 20, "options": { "rates": "60,60,60", "duration": "4s", "phases": "random" },
      "axes": { "runtime": ["threads", "virtual"] }
      """)
    let sweep = try fixture.sweep("all", ["--jobs", "10", "--quiet"])
    #expect(sweep.exitCode == 0, "\(sweep.error)")
    let outcome = try BuiltTool.analyze.run(["all"], in: fixture.path)
    let rows = outcome.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let names = try #require(rows.first)
    let (runtime, jump) = (
      try #require(names.firstIndex(of: "runtime")), try #require(names.firstIndex(of: "jump_mean"))
    )
    let means = try ["threads", "virtual"].map { word in
      let jumps = rows.dropFirst().filter { $0[runtime] == word }.compactMap { Double($0[jump]) }
      #expect(jumps.count == 60)
      return try #require(jumps.isEmpty ? nil : jumps.reduce(0, +) / Double(jumps.count))
    }
    // A run's mean has a deviation of 0.012, a mean of 20 runs 0.003. Aligned, they differ by 0.08.
    #expect(abs(means[0] - means[1]) < 0.02, "\(means)")
    #expect(means[1] > 1.1)
  }
}
