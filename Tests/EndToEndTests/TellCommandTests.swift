import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// Instructions by hand at running machines of any workload.
@Suite("scalemodel tell", .ownThreads)
struct TellCommandTests {
  private struct Standing: Decodable {
    struct State: Decodable { var phase: String }
    var machine: Int
    var tick: Int
    var clock: Int
    var state: State
  }

  private static func words(_ text: String) -> [String] {
    text.split(separator: " ").map(String.init)
  }

  /// Starts a run whose machines want nothing by themselves, and waits until all have ticked.
  private func start(_ words: [String], in run: FinishedRun) throws -> ToolProcess {
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--want", "0", "--inside", "2", "--rates", "50,50,50", "--duration", "60s"]
        + ["--quiet", "--output", run.path] + words)
    try #require(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    return tool
  }

  private func tell(_ words: String, in run: FinishedRun) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.run(["tell", run.path] + Self.words(words))
  }

  @Test(
    "A machine that is told to want asks in its next tick, and enters",
    arguments: LongTests.first(
      1,
      of: [
        "--workload mutex-lamport --runtime threads",
        "--workload mutex-ricart-agrawala --runtime processes",
        "--workload program --program \(Repository.path)/experiments/programs/mutex.py",
      ]))
  func want(text: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    var words = Self.words(text)
    if let last = words.last, last.hasSuffix(".py") { words[words.count - 1] = "python3 \(last)" }
    let tool = try start(words, in: run)
    let outcome = try tell("1 want --json", in: run)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    let standing = try JSONDecoder().decode(Standing.self, from: Data(outcome.output.utf8))
    #expect(standing.machine == 1 && standing.state.phase == "waiting")
    #expect(waitUntil { (try? tell("1", in: run).output.contains("phase idle")) == true })
    let refused = try tell("1 wnat", in: run)
    #expect(refused.exitCode == 1)
    #expect(refused.error.hasPrefix("scalemodel: error: wnat refused by '\(run.path)': "))
    #expect(tool.interrupt().exitCode == 130)
    let journal = String(decoding: try FileSystem.contents(run.journalPath(1)), as: UTF8.self)
    let line = try #require(
      journal.split(separator: "\n").first { $0.hasPrefix("\(standing.tick),") })
    #expect(line.contains(",send,\(standing.clock),") && line.hasSuffix(",request,waiting"))
    #expect(journal.contains(",inside\n"))
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
  }

  @Test("A workload without instructions by hand says so; a run that is over takes none")
  func none() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.words("run --rates 50,50,50 --duration 60s --quiet --output \(run.path)"))
    try #require(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    expect(
      try tell("0 deposit 5", in: run), 1,
      "deposit refused by '\(run.path)': its workload takes no instructions by hand")
    expect(
      try tell("3 x", in: run), 64,
      "MACHINE: '3' is not possible; expected one of the run's machines, 0 to 2")
    let state = try tell("2", in: run)
    #expect(state.output.hasPrefix("machine 2: tick ") && state.exitCode == 0)
    expect(
      try tell("0 x \(String(repeating: "y", count: 1000))", in: run), 64,
      "INSTRUCTION has 1001 bytes; a machine is told 1000 at most")
    #expect(tool.interrupt().exitCode == 130)
    expect(
      try tell("0 x", in: run), 69,
      "the run in '\(run.path)' is over (interrupted); instructions by hand are taken while it runs"
    )
  }

  @Test(
    "Words that are wrong, or no run: one line, nothing done",
    arguments: [
      ("", 64, "MACHINE is missing; see 'scalemodel tell --help'"),
      ("runs/x", 64, "MACHINE is missing; see 'scalemodel tell --help'"),
      ("-- -1 want", 64, "MACHINE: '-1' is not possible; expected a machine's id, from 0 to"),
      ("a b want", 64, "MACHINE: 'b' is not possible; expected a machine's id, from 0 to"),
      ("0 want", 66, "there is no run in 'runs/latest'; start one with 'scalemodel run'"),
      ("a 0 want", 66, "there is no run in 'a'; start one with 'scalemodel run'"),
    ])
  func usage(words: String, exitCode: Int, message: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["tell"] + Self.words(words), in: directory.path)
    #expect(outcome.error.hasPrefix("scalemodel: error: \(message)"), "\(outcome.error)")
    #expect(outcome.exitCode == Int32(exitCode))
  }
}
