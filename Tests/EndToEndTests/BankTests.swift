import SystemCalls
import TestSupport
import Testing

/// The bank in every runtime; files are read without the project's own readers.
@Suite("The running bank", .ownThreads)
struct BankTests {
  private func run(_ words: String, _ run: FinishedRun) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.run(
      ["run", "--workload", "bank"] + words.split(separator: " ").map(String.init)
        + ["--output", run.path])
  }

  private func check(_ run: FinishedRun) throws -> String {
    let path = FileSystem.parentPath(of: BuiltTool.scalemodel.path) + "/analyze"
    let outcome = try ToolProcess(path, [run.path, "--check"], directory: nil)
      .finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0)
    return outcome.output
  }

  @Test("Every snapshot finds all the money", arguments: ["threads", "processes", "virtual"])
  func conservation(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--runtime \(runtime) --rates 300,500,1000,1000 --duration 1s --seed 4 --balance 500 "
        + "--transfer 0.4 --delay 5ms --snapshot-every 20ms", directory.run)
    #expect(outcome.exitCode == 0)
    let snapshots = try directory.run.bankSnapshots()
    let complete = snapshots.filter { $0.status == "complete" }
    // On a busy host some are late, and are not begun or do not complete before the run's end.
    #expect(runtime == "virtual" ? complete.count >= 49 : complete.count > 0)
    #expect(complete.allSatisfy { $0.total == 2000 })
    #expect(complete.count { $0.amountOnChannels > 0 } > 0)
    let verdicts = try check(directory.run)
    for name in ["clock", "delivery", "pace", "cut", "channels", "money", "manifest"] {
      #expect(verdicts.contains(": \(name): ok\n"))
    }
    #expect(
      outcome.output.contains(
        "\(complete.count) of \(complete.count) complete snapshots find the total $2000; "))
    #expect(outcome.output.contains("\ntotal $2000: $"))
    // The first snapshots are printed one by one.
    #expect(outcome.error.split(separator: "\n").contains { $0.hasPrefix("  total $2000: $") })
    let journal = String(
      decoding: try FileSystem.contents(directory.run.journalPath(2)), as: UTF8.self)
    #expect(
      journal.hasPrefix(
        "tick,system_time_ns,event,clock,queue_length,peer,message,amount,balance\n"))
  }

  @Test(
    "Messages are told with --verbose, each with its balance",
    arguments: ["threads", "processes", "virtual"])
  func verbose(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--runtime \(runtime) --rates 20,30,40 --duration 1s --seed 2 --transfer 0.5 --verbose",
      directory.run)
    #expect(outcome.exitCode == 0)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count > 20)
    var balances = [1000, 1000, 1000]
    var onTheirWay = 0
    let pattern =
      /.+s machine (.) (sent|received) amount (\d+) (?:to|from) machine .: balance (\d+)/
    for line in lines {
      let told = try #require(line.wholeMatch(of: pattern))
      let machine = try #require(Int(told.1))
      let amount = try #require(Int(told.3))
      balances[machine] += told.2 == "sent" ? -amount : amount
      onTheirWay += told.2 == "sent" ? amount : -amount
      #expect("\(balances[machine])" == told.4)
      #expect(onTheirWay >= 0, "a receipt is told after its send")
    }
    let told = lines.count { $0.contains(" received ") }
    let received = try (0..<3).reduce(0) { count, machine in
      let text = String(
        decoding: try FileSystem.contents(directory.run.journalPath(machine)), as: UTF8.self)
      return count + text.split(separator: "\n").count { $0.contains(",receive,") }
    }
    #expect(told == received)
  }

  @Test("Messages too fast to print are counted, so that every message is accounted for")
  func tooFast() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--rates 20000,20000 --duration 500ms --transfer 1 --verbose", directory.run)
    #expect(outcome.exitCode == 0)
    var toldCount = 0
    var leftOutCount = 0
    for line in outcome.error.split(separator: "\n") {
      if let match = line.wholeMatch(of: /… and ([0-9]+) messages that came too fast to print/) {
        leftOutCount += try #require(Int(match.1))
      } else {
        toldCount += 1
      }
    }
    let journals = try (0..<2).map {
      String(decoding: try FileSystem.contents(directory.run.journalPath($0)), as: UTF8.self)
    }
    let transferCount = journals.reduce(0) { count, journal in
      count
        + journal.split(separator: "\n").count {
          $0.contains(",send,") || $0.contains(",receive,")
        }
    }
    #expect(toldCount + leftOutCount == transferCount)
    #expect(transferCount > 0)
    #expect(try check(directory.run).contains(": money: ok\n"))
  }

  @Test("With equal seed and plan, a bank's files in virtual time are the same to the byte")
  func determinism() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--runtime virtual --machines 5 --duration 20s --seed 9 --delay ~200ms --snapshot-every 3s "
        + "--kill 12s@2 --on-failure continue --check-determinism", directory.run)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("a second run was the same to the byte\n"))
    #expect(try check(directory.run).contains(": money: ok\n"))
  }

  @Test("A requested snapshot shows balances, the money in flight, and the total")
  func asked() throws {
    let directory = try TemporaryDirectory()
    let words =
      "run --workload bank --rates 200,200,200 --duration 30s --transfer 0.5 --delay 100ms "
      + "--output \(directory.run.path)"
    let running = try BuiltTool.scalemodel.start(words.split(separator: " ").map(String.init))
    #expect(running.wait(seconds: deadlineSeconds) { directory.run.isUnderWay() })
    let outcome = try BuiltTool.scalemodel.run(["snapshot", directory.run.path])
    #expect(running.interrupt().exitCode == 130)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains(/\nmachine  clock  tick  balance  inbox\n/))
    #expect(outcome.output.contains(/\n\$[0-9]+ on its way from [0-2] to [0-2]\n/))
    #expect(
      outcome.output.contains(
        /\ntotal \$3000: \$[0-9]+ on accounts, \$[0-9]+ in inboxes, \$[0-9]+ on its way\n$/))
  }
}
