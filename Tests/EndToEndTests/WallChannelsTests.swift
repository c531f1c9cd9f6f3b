import SystemCalls
import TestSupport
import Testing

/// `--order`, `--loss` and `--duplicate` in wall time, with the tools as built.
@Suite("Channels by plan in wall time", .ownThreads)
struct WallChannelsTests {
  private static let run = ["run", "--rates", "40,50,60", "--seed", "5", "--quiet"]

  /// Which messages of the first, second … sent on each channel were received, and how often.
  private static func receipts(_ run: FinishedRun, count: Int) throws -> [[Int]] {
    let journals = try run.journals()
    return journals.indices.flatMap { source in
      journals.indices.filter { $0 != source }.map { target in
        let sends = journals[source].lines.filter {
          $0.event == "send" && ["*", "\(target)"].contains($0.peer)
        }
        return sends.prefix(count).map { send in
          journals[target].lines.count {
            $0.event == "receive" && $0.peer == "\(source)" && $0.message == send.message
          }
        }
      }
    }
  }

  @Test(
    "A run ends as planned, and its checks claim only what the plan keeps",
    arguments: LongTests.first(1, of: ["threads", "processes"]),
    [
      ("--loss 1", ["delivery", "cut", "channels"]),
      ("--duplicate 1", ["delivery", "channels"]),
      ("--order none --loss 0.1 --duplicate 0.2", ["delivery", "cut", "channels"]),
    ])
  func ends(runtime: String, row: (words: String, unclaimed: [String])) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--duration", "1s", "--delay", "~20ms"]
        + ["--die", "4", "--snapshot-at", "300ms", "--output", directory.run.path]
        + row.words.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try directory.run.manifest.status == "finished")
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
    for name in ["clock", "delivery", "pace", "cut", "channels", "manifest"] {
      let line = try #require(
        check.output.split(separator: "\n").first { $0.contains(": \(name): ") })
      #expect(line.contains(": not claimed: ") == row.unclaimed.contains(name), "\(line)")
      #expect(!line.contains("FAILED"))
    }
    let receiptCount = try directory.run.journals().reduce(0) { sum, journal in
      sum + journal.lines.count { $0.event == "receive" }
    }
    #expect((receiptCount == 0) == (row.words == "--loss 1"))
    #expect(
      try directory.run.snapshot("0-1").status
        == (row.words == "--duplicate 1" ? "complete" : "partial"))
  }

  @Test(
    "A partition of one way holds only that way",
    arguments: LongTests.first(1, of: ["processes", "threads"]),
    LongTests.first(1, of: ["--order fifo", "--order none"]))
  func oneWay(runtime: String, order: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--duration", "2s", "--die", "4", "--output", run.path]
        + ["--partition", "500ms...1500ms@0:1"] + order.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
    let start = try #require(try run.manifest.startTime)
    /// The times of receipt, since the start, of what was sent while the way was severed.
    func receipts(from source: Int, to target: Int) throws -> [Int64] {
      let sends = try run.journal(source).lines.filter {
        $0.event == "send" && ["*", "\(target)"].contains($0.peer)
          && 500_000_000..<1_500_000_000 ~= $0.systemTime - start
      }.map(\.message)
      return try run.journal(target).lines.filter {
        $0.event == "receive" && $0.peer == "\(source)" && sends.contains($0.message)
      }.map { $0.systemTime - start }
    }
    let severed = try receipts(from: 0, to: 1)
    #expect(severed.count > 3 && severed.allSatisfy { $0 >= 1_500_000_000 }, "\(severed)")
    #expect(try receipts(from: 1, to: 0).contains { $0 < 1_400_000_000 })
    #expect(try receipts(from: 0, to: 2).contains { $0 < 1_400_000_000 })
  }

  @Test("The n-th message of a channel has the same fate in every runtime", .long)
  func sameFates() throws {
    let directory = try TemporaryDirectory()
    let count = 6
    let all = try ["virtual", "threads", "processes"].map { runtime in
      let run = FinishedRun(path: "\(directory.path)/\(runtime)")
      let outcome = try BuiltTool.scalemodel.run(
        Self.run + ["--runtime", runtime, "--duration", "3s", "--die", "4", "--loss", "0.4"]
          + ["--duplicate", "0.4", "--output", run.path])
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      return try Self.receipts(run, count: count)
    }
    #expect(all[0].allSatisfy { $0.count == count })
    #expect(Set(all[0].joined()) == [0, 1, 2])
    #expect(all[1] == all[0])
    #expect(all[2] == all[0])
  }

  @Test(
    "A snapshot whose markers are lost ends at its time-out", arguments: ["threads", "processes"])
  func timeout(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.run + ["--runtime", runtime, "--loss", "1", "--duration", "60s", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let outcome = try BuiltTool.scalemodel.run(["snapshot", run.path, "--timeout", "200ms"])
    #expect(outcome.error.contains("partial"), "\(outcome.output)\(outcome.error)")
    #expect(tool.interrupt().exitCode == 130)
    let snapshot = try run.snapshot("0-1")
    #expect(snapshot.status == "partial")
    #expect(snapshot.reason?.contains("channel 1→0: timed out") == true)
  }

  @Test("A cluster file says what channels promise on all hosts: here nothing arrives")
  func hosts() throws {
    let cluster = try Cluster(
      machineCount: 2, duration: "1s", workload: #""die": 4, "order": "none", "loss": 1"#)
    let tools = try cluster.startAll([0, 1])
    #expect(tools.map { $0.finish(seconds: deadlineSeconds).exitCode } == [0, 0])
    let verdicts = try cluster.verdicts()
    #expect(verdicts.contains("clock: ok") && verdicts.contains("pace: ok"))
    let delivery = try #require(verdicts.first { $0.hasPrefix("delivery: not claimed: ") })
    #expect(delivery.contains("the plan has --order none --loss 1.0; "))
    #expect(delivery.contains(" and 0 receipts; "))
  }
}
