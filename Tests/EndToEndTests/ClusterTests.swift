import SystemCalls
import TestSupport
import Testing

/// Machines of a run on several hosts, all on the loopback here, started as users do.
@Suite("Several hosts, on the loopback", .ownThreads)
struct ClusterTests {
  @Test("Machines begin together in any start order, and their directories are one run")
  func bank() throws {
    let cluster = try Cluster(duration: "3s")
    let tools = try cluster.startAll([2, 0, 1])
    tools[1].type("snapshot\n")
    tools[0].type("snapshot 2\nsnapshot 9\nsnap\n")
    let remote = try cluster.snapshot(0)
    #expect(remote.exitCode == 0 && remote.error == "")
    let total = try SnapshotTotal(json: Array(remote.output.utf8))
    #expect(total.status == "complete" && total.total == cluster.totalMoney)
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0])
    for (machine, id) in ["0-1", "1-1", "2-1"].enumerated() {
      #expect(try cluster.money(in: id, of: machine) == cluster.totalMoney)
      #expect(try cluster.run(machine).manifest.snapshots == [id])
    }
    #expect(outcomes[0].error.contains("machine 2 was asked for a snapshot; its host prints and"))
    #expect(
      outcomes[0].error.contains("there is no machine 9; type snapshot and an id from 0 to 2"))
    #expect(outcomes[0].error.contains("'snap' is not a command"))
    let starts = try (0..<3).map { try cluster.run($0).manifest.startTime }
    #expect(starts[0] != nil && Set(starts).count == 1)
    #expect(try cluster.verdicts() == Cluster.allOK)
    try table(of: cluster)
    try comparison(of: cluster)
  }

  /// One run in the table, each machine once, in the order of ids; parts alone are refused.
  private func table(of cluster: Cluster) throws {
    let paths = [1, 2, 0].map { cluster.run($0).path }
    let table = try BuiltTool.analyze.run(paths).output.split(separator: "\n").dropFirst()
    #expect(table.map { $0.prefix(5) } == ["m0,0,", "m0,1,", "m0,2,"])
    #expect(table.allSatisfy { $0.contains(",300,5,hosts,900,") })
    #expect(
      try BuiltTool.analyze.run([cluster.directory.path]).output.split(separator: "\n").count == 4)
    let alone = try BuiltTool.analyze.run([paths[0]])
    #expect(
      alone.error == "analyze: error: '\(paths[0])' is one part of a run of 3 machines on several "
        + "hosts; give the directories of machine 0, 2 too\n")
    #expect(alone.exitCode == 66)
  }

  /// On both sides of a comparison the parts are one run as well.
  private func comparison(of cluster: Cluster) throws {
    let paths = [1, 2, 0].map { cluster.run($0).path }
    let compared = try BuiltTool.analyze.run(paths + ["--against"] + paths)
    #expect(compared.exitCode == 0)
    #expect(compared.error.hasPrefix("analyze: warning: a side with one run has no scatter"))
    #expect(isOneLine(compared.error))
    let rows = compared.output.split(separator: "\n").dropFirst()
    #expect(Set(rows.map { $0.prefix(2) }) == ["0,", "1,", "2,"])
    #expect(rows.contains { $0.hasPrefix("2,") && $0.contains(",rate_hz,1,300,") })
    let parts = try BuiltTool.analyze.run(paths + ["--against", paths[0]])
    #expect(
      parts.error == "analyze: error: '\(paths[0])' is one part of a run of 3 machines on several "
        + "hosts; give the directories of machine 0, 2 too\n")
    #expect(parts.exitCode == 66)
  }

  @Test("Accounts can be operated from any host")
  func accounts() throws {
    let cluster = try Cluster(duration: "60s")
    let tools = try cluster.startAll([0, 1, 2])
    func bank(_ words: String...) throws -> ToolProcess.Outcome {
      try BuiltTool.scalemodel.run(["bank", "--cluster", cluster.path] + words)
    }
    #expect(try bank("deposit", "1", "5000").output.hasPrefix("machine 1: balance $"))
    var transfer = try bank("transfer", "1", "2", "1")
    // Machine 1 goes on to give away what it has, by the time of the call perhaps all of it.
    for _ in 0..<100 where transfer.error.contains("insufficient funds") {
      transfer = try bank("transfer", "1", "2", "1")
    }
    #expect(transfer.exitCode == 0, "\(transfer.error)")
    #expect(try bank("withdraw", "2", "9999999").exitCode == 1)
    #expect(try bank("balance", "2").exitCode == 0)
    #expect(try bank("balance", "3").exitCode == 64)
    let total = try SnapshotTotal(json: Array(cluster.snapshot(2).output.utf8))
    #expect(total.total == cluster.totalMoney + 5000)
    let elsewhere = try BuiltTool.scalemodel.run(["bank", cluster.run(0).path, "balance", "1"])
    #expect(elsewhere.error.contains("machine 1 is on another host; ask it with --cluster\n"))
    #expect(try BuiltTool.scalemodel.run(["snapshot", cluster.run(1).path]).exitCode == 0)
    tools[1].process.signal(SIGINT)
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [130, 130, 130])
    #expect(
      try cluster.run(2).manifest.reason == "ended early by Ctrl-C on machine 1's host")
    #expect(try cluster.verdicts() == Cluster.allOK)
  }

  @Test("A machine that is killed ends the run, and the others name it")
  func killed() throws {
    let cluster = try Cluster(duration: "60s")
    let tools = try cluster.startAll([0, 1, 2])
    tools[1].process.signal(SIGKILL)
    for machine in [0, 2] {
      let outcome = tools[machine].finish(seconds: deadlineSeconds)
      #expect(outcome.exitCode == 1)
      #expect(outcome.error.contains("machine 1 is gone: "))
      #expect(try cluster.run(machine).manifest.status == "failed")
    }
    #expect(try cluster.verdicts().allSatisfy { !$0.contains("FAILED") })
  }

  @Test("With --on-failure continue the others go on, and a snapshot names what is missing", .long)
  func continued() throws {
    let cluster = try Cluster(duration: "forever")
    let tools = try cluster.startAll([0, 1, 2], ["--on-failure", "continue"])
    tools[0].process.signal(SIGKILL)
    #expect(
      tools[1].wait(seconds: deadlineSeconds) {
        tools[1].error.contains(/machine 0 is gone: .*; the others go on\n/)
      })
    let partial = try cluster.snapshot(2)
    #expect(partial.exitCode == 1)
    #expect(partial.error.contains("snapshot 2-1 is partial: machine 0: died before recording; "))
    #expect(try cluster.snapshot(0).exitCode == 69)
    #expect(tools[1].interrupt().exitCode == 130)
    #expect(tools[2].finish(seconds: deadlineSeconds).exitCode == 130)
    #expect(try cluster.verdicts().allSatisfy { !$0.contains("FAILED") })
  }

  @Test("A machine that never starts is named at the timeout")
  func neverStarts() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "1s")
    let outcome = try cluster.start(1).finish(seconds: deadlineSeconds)
    #expect(
      outcome.error == "scalemodel: error: the run did not begin within 1s: machine 0, 2 did not "
        + "come; see whether it runs and its port can be reached\n")
    #expect(outcome.exitCode == 69)
    #expect(try cluster.run(1).manifest.status == "failed")
  }

  @Test("A machine that leaves before the start may come back")
  func comesBack() throws {
    let cluster = try Cluster(duration: "1s")
    let waiting = try [0, 2].map { try cluster.start($0) }
    let first = try cluster.start(1, output: cluster.directory.path + "/first")
    // Without machine 0 no machine begins, and machine 0 could be too quick to catch earlier.
    first.process.signal(SIGKILL)
    _ = first.finish(seconds: deadlineSeconds)
    if waiting.contains(where: { $0.error.contains("is gone") }) { return }
    let second = try cluster.start(1)
    let outcomes = (waiting + [second]).map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0])
    #expect(try cluster.verdicts().allSatisfy { !$0.contains("FAILED") })
  }

  @Test(
    "A wrong token and another plan are refused, and told on both sides",
    arguments: [
      ("open sesame", "open barley", "it has another token", "it has another run's token"),
      (#""transfer": 0.4"#, #""transfer": 0.5"#, "it runs another plan", "runs another plan"),
    ])
  func refused(text: String, other: String, told: String, toldThere: String) throws {
    let cluster = try Cluster(machineCount: 2, duration: "60s", startTimeout: "2s")
    let variant = try cluster.variant(text, other)
    let tools = [try cluster.start(0), try cluster.start(1, file: variant)]
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [69, 69])
    #expect(outcomes[0].error.contains(toldThere))
    #expect(outcomes[1].error.contains("rejects us: \(told); give every machine the same"))
    // It retries twice a second; that is reported once, and once at the end.
    #expect(outcomes[0].error.split(separator: "\n").count == 2)
    #expect(outcomes[1].error.split(separator: "\n").count == 2)
  }

  @Test("Clients need the token and the plan, and must address the right machine")
  func clients() throws {
    let cluster = try Cluster(duration: "60s")
    let tools = try cluster.startAll([0, 1, 2])
    let outcome = try cluster.snapshot(1, file: cluster.variant("open sesame", "open"))
    #expect(outcome.error.contains("rejects us: it has another token"))
    #expect(outcome.exitCode == 69)
    let plan = try cluster.snapshot(1, file: cluster.variant(#""seed": 5"#, #""seed": 6"#))
    #expect(plan.error.contains("rejects us: it runs another plan"))
    tools[0].process.signal(SIGINT)
    #expect(tools.map { $0.finish(seconds: deadlineSeconds).exitCode } == [130, 130, 130])
    let over = try cluster.snapshot(1)
    #expect(over.error.contains("cannot be reached: Connection refused; see whether it runs\n"))
  }

  @Test("A duplicate id is refused with a hint at the existing machine")
  func sameID() throws {
    let cluster = try Cluster(machineCount: 2, duration: "60s")
    let tools = try cluster.startAll([0, 1])
    let second = try cluster.start(1, output: cluster.directory.path + "/second")
      .finish(seconds: deadlineSeconds)
    #expect(second.error.contains("see whether machine 1 runs here already"))
    #expect(second.exitCode == 69)
    tools[1].process.signal(SIGTERM)
    #expect(tools.map { $0.finish(seconds: deadlineSeconds).exitCode } == [130, 130])
  }

  @Test("cluster-init writes a usable file that only its owner can read")
  func example() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["cluster-init", "--machines", "2"], in: directory.path)
    #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("cluster.json\n"))
    let mode = try BuiltTool.start("/usr/bin/stat", ["-c", "%a", directory.path + "/cluster.json"])
    #expect(mode.finish(seconds: deadlineSeconds).output == "600\n")
    let text = String(
      decoding: try FileSystem.contents(directory.path + "/cluster.json"), as: UTF8.self)
    // Money is in flight most of the time, and accounts do not run dry.
    for words in [#""delay": "500ms...1500ms""#, #""transfer_max": 100"#, #""rate": 3"#] {
      #expect(text.contains(words))
    }
    let again = try BuiltTool.scalemodel.run(["cluster-init"], in: directory.path)
    #expect(again.error.contains("'cluster.json' is there already"))
    #expect(again.exitCode == 73)
    try RunDamage.shell("ln -s cluster.json '\(directory.path)/link.json'")
    let link = try BuiltTool.scalemodel.run(
      ["cluster-init", "--output", "link.json", "--force"], in: directory.path)
    #expect(link.exitCode == 73 && link.error.contains("'link.json' is a link"), "\(link.error)")
    let unknown = try BuiltTool.scalemodel.run(
      ["machine", "--cluster", "cluster.json", "--id", "2"], in: directory.path)
    #expect(unknown.error.contains("one of the cluster file's machines, 0 to 1"))
    #expect(unknown.exitCode == 64)
  }

  @Test(
    "A file that is wrong is named, with the key",
    arguments: [
      (#""port": "#, #""prt": "#, "column 'machines[0].prt': there is no such key"),
      (#""id": 1"#, #""id": 0"#, "column 'machines[1].id': machine 0 is there twice"),
      (#""host": "127.0.0.1""#, #""host": "no host""#, "column 'machines[0].host': 'no host' is"),
      ("{", "{{", "line 1"),
    ])
  func mistake(text: String, replacement: String, problem: String) throws {
    let cluster = try Cluster(duration: "60s")
    let variant = try cluster.variant(text, replacement)
    let outcome = try cluster.start(0, file: variant).finish(seconds: deadlineSeconds)
    #expect(outcome.error.hasPrefix("scalemodel: error: '\(variant)'"))
    #expect(outcome.error.contains(problem), "\(outcome.error)")
    #expect(outcome.exitCode == 65)
    #expect(!FileSystem.exists(cluster.run(0).path))
  }

  @Test("The status of a machine says where the run is and which machines are dead")
  func status() throws {
    let cluster = try Cluster(duration: "forever")
    func status(_ machine: Int) throws -> String {
      try BuiltTool.scalemodel.run(
        ["snapshot", "--status", "--cluster", cluster.path, "--machine", "\(machine)"]
      ).output
    }
    #expect(
      try BuiltTool.scalemodel.run(["snapshot", "--status", "--cluster", cluster.path]).exitCode
        == 69)
    let alone = try cluster.start(1, ["--on-failure", "continue"])
    #expect(try waitUntil { try status(1) == "machine 1 of 3: starting\n" })
    var tools = try [2, 0].map { try cluster.start($0, ["--on-failure", "continue"]) }
    #expect(try waitUntil { try status(0) == "machine 0 of 3: running\n" })
    tools.removeFirst().process.signal(SIGKILL)
    #expect(try waitUntil { try status(0) == "machine 0 of 3: running; dead: 2\n" })
    let json = try BuiltTool.scalemodel.run(
      ["snapshot", "--status", cluster.run(1).path, "--json"])
    let text = String(json.output.filter { !$0.isWhitespace })
    #expect(text == #"{"dead":[2],"machine":1,"machines":3,"state":"running"}"#)
    #expect(!FileSystem.exists(cluster.run(1).path + "/snapshots"))
    for tool in tools + [alone] { tool.process.signal(SIGTERM) }
    for tool in tools + [alone] {
      #expect(tool.finish(seconds: deadlineSeconds).exitCode == 130)
    }
  }
}
