import RunRecord
import TestSupport
import Testing

/// Reports of planned faults: their effects, and which can have none.
@Suite("Reports of what faults did", .ownThreads)
struct FaultReportTests {
  @Test("Summary, manifest and JSON count what each fault did")
  func counts() throws {
    let directory = try TemporaryDirectory()
    let words =
      Self.run + [
        "--partition", "1s...3s@0", "--pause", "1s...2s@1", "--kill", "4s@2", "--on-failure",
        "continue", "--output", directory.run.path,
      ]
    let outcome = try BuiltTool.scalemodel.run(words)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    let held = try #require(
      outcome.output.firstMatch(
        of: /\n--partition 1s\.\.\.3s@0: ([1-9][0-9]*) messages? held, 0 markers held\n/))
    #expect(outcome.output.contains("\n--pause 1s...2s@1: 3 ticks delayed, 0 ticks missed\n"))
    #expect(
      outcome.output.contains(/\n--kill 4s@2: 5 ticks missed, [0-9]+ messages? lost\n/))
    let effects = try #require(
      try RunRecord.Manifest.read(from: .init(path: directory.run.path)).faultEffects)
    #expect(
      effects.map(\.fault) == ["--kill 4s@2", "--pause 1s...2s@1", "--partition 1s...3s@0"])
    #expect(effects[1].ticksDelayed == 3)
    #expect(effects[2].messagesHeld.map { "\($0)" } == String(held.1))
    #expect(effects[2].ticksDelayed == nil)
    let json = try BuiltTool.scalemodel.run(words + ["--json", "--force"])
    #expect(json.output.contains("\"messages_held\" : \(held.1)"))
  }

  @Test(
    "A fault that can do nothing is warned about, with the reason",
    arguments: [
      ("--partition 1s...3s@0,1,2", "all machines are on one side"),
      ("--partition 1s...3s@0:0", "no link leads that way"),
      ("--partition 1s...3s@2,0,1,1", "all machines are on one side"),
      ("--pause 1100ms...1200ms@0", "machine 0 has no tick in it"),
      ("--kill 1s@1 --on-failure continue --pause 2s...3s@1", "machine 1 is dead by then"),
      ("--kill 1s@1 --on-failure continue --kill 2s@1", "machine 1 is dead by then"),
      ("--kill 1s@1 --on-failure continue --kill 1s@1", "machine 1 is dead by then"),
      (
        "--kill 1s@0 --on-failure continue --partition 2s...3s@0",
        "all machines of one side are dead by then"
      ),
    ])
  func nothing(words: String, reason: String) throws {
    let directory = try TemporaryDirectory()
    let words = words.split(separator: " ").map(String.init)
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + words + ["--output", directory.run.path])
    let fault = words.suffix(2).joined(separator: " ")
    #expect(outcome.error == "scalemodel: warning: \(fault) has no effect: \(reason)\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("Faults planned after the death that ends the run cause a warning")
  func afterTheEnd() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + [
        "--kill", "1s@1", "--kill", "1s@2", "--kill", "2s@0", "--pause", "500ms...3s@0",
        "--partition", "1s...3s@0", "--output", directory.run.path,
      ])
    let warnings = outcome.error.split(separator: "\n").filter { $0.contains("warning") }
    #expect(
      warnings
        == ["--kill 1s@2", "--kill 2s@0", "--partition 1s...3s@0"].map {
          "scalemodel: warning: \($0) has no effect: the run ends at 1s, when machine 1 dies"
        })
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("\n--pause 500ms...3s@0: 0 ticks delayed, 1 tick missed\n"))
  }

  @Test("The summary lists twenty faults, and how many more run.json has")
  func many() throws {
    let directory = try TemporaryDirectory()
    let faults = (1...22).flatMap { ["--pause", "\($0 * 100)ms...4s@0"] }
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + faults + ["--output", directory.run.path])
    #expect(outcome.output.matches(of: #/\n--pause /#).count == 20)
    #expect(outcome.output.contains("\n… and 2 faults more: see run.json\n"))
    #expect(
      try RunRecord.Manifest.read(from: .init(path: directory.run.path)).faultEffects?.count == 22)
  }

  @Test("A partition of machines without a link between the sides causes a warning")
  func noLink() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("0 1\n1 0\n2 3\n3 2\n", to: "pairs.links")
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--machines", "4", "--topology", file, "--duration", "5s",
      "--seed", "1", "--partition", "1s...3s@0,1", "--output", directory.run.path,
    ])
    #expect(
      outcome.error.contains(
        "warning: --partition 1s...3s@0,1 has no effect: no link leads from one side to the "
          + "other\n"))
  }

  @Test("A partition without anything to hold causes a warning afterwards")
  func nothingCrossed() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + [
        "--die", "1000000000", "--partition", "1s...3s@0", "--output", directory.run.path,
      ])
    #expect(
      outcome.error
        == "scalemodel: warning: --partition 1s...3s@0 had no effect: no message was to "
        + "arrive across it\n")
  }

  private static let run = [
    "run", "--runtime", "virtual", "--seed", "1", "--rates", "2,3,4", "--duration", "5s",
  ]
}
