import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// `scalemodel run --on-failure restore` as built.
@Suite("Machines that go back to a snapshot", .ownThreads)
struct RestartTests {
  private static let bank = [
    "run", "--workload", "bank", "--quiet", "--on-failure", "restore", "--output",
  ]

  private static func check(_ run: FinishedRun, money: Bool = true) throws {
    let outcome = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.error)")
    #expect(!money || outcome.output.contains(": money: ok\n"), "\(outcome.output)")
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(path), as: UTF8.self)
  }

  @Test("Killed processes, one or two at once and during a recovery: nothing is lost or doubled")
  func processes() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.bank + [run.path, "--runtime", "processes", "--duration", "4s"]
        + ["--rates", "100,150,200", "--delay", "1ms...20ms", "--snapshot-every", "100ms"])
    var gone: [Int32] = []
    for count in [1, 2, 1] {
      #expect(
        tool.wait(seconds: deadlineSeconds) {
          let living = (try? ProcessTable.children(of: tool.process.id)) ?? []
          return living.count == 3 && !living.contains(where: gone.contains) && run.isUnderWay()
        })
      let machines = try ProcessTable.children(of: tool.process.id)
      // A machine that is only paused is ended with the others: it never wakes up again.
      if count == 1, let paused = machines.last { _ = kill(paused, SIGSTOP) }
      for machine in machines.prefix(count) { _ = kill(machine, SIGKILL) }
      gone += machines
    }
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(gone.allSatisfy { ProcessTable.isGone($0) })
    #expect(outcome.error.contains("all machines go back to "))
    let manifest = try Self.text(run.path + "/run.json")
    #expect(manifest.contains("\"recovery_ns\"") && manifest.contains("\"restarts\" : 100"))
    #expect(try Self.text(run.journalPath(0)).contains(",epoch\n"))
    try Self.check(run)
  }

  @Test(
    "In virtual time any workload goes back, the same way each time",
    arguments: 1...(LongTests.areOn ? 6 : 1),
    ["bank", "chatter", "mutex-lamport", "token-ring"])
  func virtualTime(seed: Int, workload: String) throws {
    let directory = try TemporaryDirectory()
    let delay = seed % 2 == 0 ? "0" : "10ms...900ms"
    let phases = seed % 3 == 0 ? "random" : "aligned"
    let kills = ["5s@0", "20s@1", "20s@2", "33.3s@0", "34s@0", "59s@3"].map { "--kill=\($0)" }
    let words = [
      "run", "--workload", workload, "--on-failure", "restore", "--output", directory.run.path,
      "--runtime", "virtual", "--machines", "4", "--seed", "\(seed)", "--check-determinism",
      "--delay", delay, "--snapshot-every", "7s", "--phases", phases,
    ]
    let outcome = try BuiltTool.scalemodel.run(words + kills)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(outcome.output.contains("6 restarts; "), "\(outcome.output)")
    try Self.check(directory.run, money: workload == "bank")
    // Lateness counts from each epoch's own start, and in virtual time no tick is late.
    let rows = try BuiltTool.analyze.run([directory.run.path]).output.split(separator: "\n")
    #expect(rows.count == 5 && rows.dropFirst().allSatisfy { $0.hasSuffix(",0,0,0,0") }, "\(rows)")
  }

  /// A program that answers `begin`, and on machine 1 ends at its tick 5, again and again.
  private static let program = """
    while read -r question; do
      case $question in
        *'"machine":1,'*) bad=yes; echo '{"messages":{"n":"integer"}}' ;;
        *begin*) echo '{"messages":{"n":"integer"}}' ;;
        *'"tick":5,'*) [ $bad ] && exit 3; echo '{}' ;;
        *restore*) echo '{"state":{}}' ;;
        *) echo '{}' ;;
      esac
    done
    """

  @Test(
    "A machine that dies again and again ends the run after so many restarts",
    arguments: ["virtual", "threads", "processes"])
  func diesForEver(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(Self.program, to: "program.sh")
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--on-failure", "restore", "--restarts", "3", "--runtime", runtime, "--quiet"]
        + ["--workload", "program", "--program", "sh \(program)", "--rates", "20,20,20"]
        + ["--duration", "60s", "--snapshot-at", "100ms", "--output", directory.run.path])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.error.contains("ended with exit code 3")
        && outcome.error.contains(", after 3 restarts"),
      "\(outcome.error)")
    let manifest = try directory.run.manifest
    #expect(manifest.status == "failed" && manifest.deaths?.map(\.machine) == [1])
    #expect(try Self.text(directory.run.path + "/run.json").contains("\"snapshot\" : \"0-1\""))
    try Self.check(directory.run, money: false)
  }

  @Test(
    "A Ctrl-C during a recovery ends the run, and nothing is undone", .long,
    arguments: [0, 1, 2, 3])
  func interruptedRecovery(startedCount: Int) throws {
    let bank = try RunningBank(
      "--runtime processes --rates 100,150,200 --on-failure restore --snapshot-every 50ms")
    // Machines that go back to the start, and end there, leave nothing to check.
    #expect(waitUntil { (try? bank.snapshots().isEmpty) == false })
    let machines = try ProcessTable.children(of: bank.tool.process.id)
    _ = kill(try #require(machines.first), SIGKILL)
    let isUnderWay = waitUntil {
      let living = (try? ProcessTable.children(of: bank.tool.process.id)) ?? []
      return living.filter { !machines.contains($0) }.count >= startedCount
    }
    #expect(isUnderWay)
    try bank.end()
  }

  @Test("A death at the run's last instant leaves a directory that says what its journals say")
  func lastInstant() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--workload", "bank", "--rates", "5,10,20,40"]
        + ["--duration", "20s", "--delay", "10ms...100ms", "--snapshot-every", "1s", "--seed", "5"]
        + ["--on-failure", "restore", "--kill", "0s@0", "--kill", "20s@3", "--quiet"]
        + ["--output", directory.run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    try Self.check(directory.run)
  }

  @Test("The report has every undone event, and the cut that all machines went back to")
  func report() throws {
    struct Page: Decodable {
      struct Undone: Decodable {
        var cut: String?
        var kinds: [[Int]]
        var time: [[Int]]
        var messages: [[Int]]
      }
      var undone: [Undone]
    }
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--rates", "5,10,20", "--delay", "100ms", "--quiet"]
        + ["--snapshot-every", "3s", "--on-failure", "restore", "--kill", "2s@0", "--kill", "8s@1"]
        + ["--duration", "12s", "--output", directory.run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let analysis = try BuiltTool.analyze.run([directory.run.path, "--report"])
    #expect(analysis.exitCode == 0, "\(analysis.error)")
    let html = try Self.text(directory.run.path + "/analysis/report.html")
    #expect(html.contains("All machines went back 2 times."))
    #expect(html.contains("cut rolled back to"))
    let opening = try #require(html.firstRange(of: #"id="run-data">"#))
    let data = try #require(html[opening.upperBound...].split(separator: "</script>").first)
    let undone = try JSONDecoder().decode(Page.self, from: Data(data.utf8)).undone
    #expect(undone.map(\.cut) == [nil, "1-1"])
    for machine in 0..<3 {
      let lines = try Self.undone(of: machine, in: directory.run).map(\.count)
      #expect(undone.map { $0.kinds[machine].count } == lines && lines.allSatisfy { $0 > 0 })
    }
    #expect(undone.allSatisfy { !$0.messages.isEmpty })
    let times = undone[1].time.joined()
    #expect(times.allSatisfy { (6_000_000_000...8_000_000_000).contains($0) })
  }

  @Test("No client is told of a deposit that did not last", arguments: ["processes"])
  func outputCommit(runtime: String) throws {
    let bank = try RunningBank(
      "--runtime \(runtime) --rates 100,150,200 --delay 1ms...20ms --on-failure restore")
    var told: [Int] = []
    for amount in 1...24 {
      let client = try bank.startWork("deposit \(amount % 3) \(1000 + amount)")
      if amount % 4 == 0, let machine = try ProcessTable.children(of: bank.tool.process.id).first {
        _ = kill(machine, SIGKILL)
      }
      if client.finish(seconds: deadlineSeconds).exitCode == 0 { told.append(1000 + amount) }
    }
    #expect(bank.tool.interrupt().exitCode == 130)
    try bank.expectClean()
    #expect(told.count >= 12, "\(told)")
    // The history has each of these deposits, once.
    var kept: [Int] = []
    for machine in 0..<3 {
      let undone = try Self.undone(of: machine, in: bank.run)
      for (index, fields) in try bank.journal(machine).enumerated()
      where fields[2] == "deposit" && !undone.contains(where: { $0.contains(index + 2) }) {
        kept.append(try #require(Int(fields[7])))
      }
    }
    #expect(Set(kept).count == kept.count, "\(kept)")
    #expect(told.allSatisfy(kept.contains), "told \(told), kept \(kept)")
  }

  /// The line numbers that restarts undid, read without the project's own readers.
  private static func undone(of machine: Int, in run: FinishedRun) throws -> [ClosedRange<Int>] {
    struct Manifest: Decodable {
      struct Restart: Decodable { var undone: [[Int]] }
      var restarts: [Restart]?
    }
    let bytes = try FileSystem.contents(run.path + "/run.json")
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
    return (manifest.restarts ?? []).map { $0.undone[machine] }.filter { !$0.isEmpty }
      .map { $0[0]...$0[1] }
  }

  @Test(
    "What a snapshot does not record is refused",
    arguments: [
      (["--restarts", "3", "--on-failure", "stop"], "--restarts needs --on-failure restore"),
      (["--loss", "0.1"], "leave out --order, --loss"),
      (["--snapshot-algorithm", "lai-yang"], "it needs chandy-lamport's snapshots"),
      (["--marker-handling", "tick"], "with markers handled on arrival"),
      (["--runtime", "virtual", "--ticks-by", "own-clock"], "leave out --ticks-by own-clock"),
      (["--runtime", "virtual", "--pause", "1s...2s@0"], "leave out --pause"),
    ])
  func refusals(words: [String], complaint: String) throws {
    let directory = try TemporaryDirectory()
    let reaction = words.contains("--on-failure") ? [] : ["--on-failure", "restore"]
    let outcome = try BuiltTool.scalemodel.run(["run"] + words + reaction, in: directory.path)
    #expect(outcome.exitCode == 64 && outcome.error.contains(complaint), "\(outcome.error)")
  }
}
