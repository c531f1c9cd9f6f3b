import SystemCalls
import TestSupport
import Testing

/// Runs on several hosts whose machines go back when a host dies: `restarts` in the cluster file.
@Suite("Hosts that come back, on the loopback", .ownThreads)
struct HostComebackTests {
  @Test(
    "Hosts are killed and started again by the same command, and no money is lost or doubled"
  )
  func killed() throws {
    let cluster = try Cluster(duration: "12s", restarts: 9)
    var tools = try cluster.startAll([0, 1, 2])
    // One that follows, the one that leads, both at once, and all.
    for (round, victims) in [[1], [0], [0, 2], [0, 1, 2]].enumerated() {
      let total = try SnapshotTotal(json: Array(try cluster.snapshot(0).output.utf8))
      #expect(total.status == "complete" && total.total == cluster.totalMoney)
      for victim in victims {
        kill(tools[victim])
        _ = tools[victim].finish(seconds: deadlineSeconds)
      }
      for victim in victims { tools[victim] = try cluster.start(victim) }
      #expect(waitUntil { (0..<3).allSatisfy { epochs(cluster, $0).last == round + 1 } })
    }
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    for outcome in outcomes { #expect(outcome.exitCode == 0, "\(outcome.error)") }
    #expect(outcomes[0].error.contains("machine 0 comes back to the run in "))
    #expect(try cluster.verdicts() == Cluster.allOK)
    for machine in 0..<3 { #expect(epochs(cluster, machine) == [1, 2, 3, 4]) }
    // No id is used twice, and the list names those taken before the host was killed.
    let ids = try cluster.run(0).manifest.snapshots
    #expect(ids.count == 4 && Set(ids).count == 4)
    for id in ids { #expect(try cluster.money(in: id, of: 0) == cluster.totalMoney) }
    for machine in 1..<3 { #expect(try cluster.run(machine).manifest.snapshots == []) }
  }

  @Test("A host that does not come back ends the run, and the others say so")
  func staysAway() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "2s", restarts: 9)
    let tools = try cluster.startAll([0, 1, 2])
    kill(tools[2])
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.prefix(2).map(\.exitCode) == [69, 69])
    for outcome in outcomes.prefix(2) {
      #expect(outcome.error.contains("all machines go back once all are there again, 2s at most"))
      #expect(outcome.error.contains("machine 2"), "\(outcome.error)")
    }
  }

  @Test("A host whose machines die more often than the file allows ends the run")
  func tooOften() throws {
    let cluster = try Cluster(duration: "60s", restarts: 0)
    let tools = try cluster.startAll([0, 1, 2])
    kill(tools[1])
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect([0, 2].map { outcomes[$0].exitCode } == [1, 1])
    #expect(outcomes[0].error.contains("after 0 restarts; see why, or allow more restarts"))
  }

  @Test("A host that starts anew without its directory is refused what it has not", .long)
  func withoutItsFiles() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "3s", restarts: 9)
    let tools = try cluster.startAll([0, 1, 2])
    _ = try cluster.snapshot(0)
    kill(tools[1])
    let stranger = try cluster.start(1, output: cluster.directory.path + "/other")
    let outcome = stranger.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 1)
    #expect(outcome.error.contains("give the --output that this machine had"), "\(outcome.error)")
    for machine in [0, 2] {
      #expect(tools[machine].finish(seconds: deadlineSeconds).exitCode == 69)
    }
  }

  @Test(
    "A deposit at any host is acknowledged once a snapshot of all covers it, and then lasts", .long)
  func outputCommit() throws {
    let cluster = try Cluster(duration: "8s", restarts: 9)
    var tools = try cluster.startAll([0, 1, 2])
    let deposit = try BuiltTool.scalemodel.run(
      ["bank", "--cluster", cluster.path, "deposit", "1", "70"])
    #expect(deposit.exitCode == 0, "\(deposit.error)")
    kill(tools[1])
    _ = tools[1].finish(seconds: deadlineSeconds)
    tools[1] = try cluster.start(1)
    #expect(waitUntil { epochs(cluster, 1) == [1] })
    let total = try SnapshotTotal(json: Array(try cluster.snapshot(0).output.utf8))
    #expect(total.total == cluster.totalMoney + 70)
    for tool in tools { #expect(tool.finish(seconds: deadlineSeconds).exitCode == 0) }
  }

  @Test("The words of a call and the file agree")
  func words() throws {
    let (with, without) = (
      try Cluster(duration: "1s", restarts: 1), try Cluster(duration: "1s")
    )
    let stop = try with.start(0, ["--on-failure", "stop"]).finish(seconds: deadlineSeconds)
    #expect(stop.exitCode == 64 && stop.error.contains("has 'restarts', so its machines go back"))
    let back = try without.start(0, ["--on-failure", "restore"]).finish(seconds: deadlineSeconds)
    #expect(back.exitCode == 64 && back.error.contains("--on-failure restore needs 'restarts' in"))
  }

  private func kill(_ tool: ToolProcess) { tool.process.signal(SIGKILL) }

  /// The epochs that a host has recorded.
  private func epochs(_ cluster: Cluster, _ machine: Int) -> [Int] {
    (try? cluster.run(machine).restartEpochs) ?? []
  }
}
