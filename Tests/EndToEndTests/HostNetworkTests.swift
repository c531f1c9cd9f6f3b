import SystemCalls
import TestSupport
import Testing

/// Three hosts, each in a network namespace; skipped where the system does not allow them.
@Suite(
  "Several hosts, in network namespaces", .ownThreads,
  .enabled(if: HostNetwork.isAvailable, "network namespaces need root and the program ip"))
struct HostNetworkTests {
  private let network: HostNetwork

  init() throws {
    network = try HostNetwork(hostCount: 3)
  }

  @Test(
    "A bank on three hosts: snapshots typed at each find all the money, and all checks pass", .long)
  func bank() throws {
    let cluster = try Cluster(duration: "30s", on: network)
    let tools = try cluster.startAll([1, 2, 0])
    for round in 1...3 {
      for machine in 0..<3 {
        tools[machine].type("snapshot\n")
        let path = "\(cluster.run(machine).path)/snapshots/\(machine)-\(round).json"
        #expect(waitUntil { FileSystem.exists(path) })
      }
    }
    let remote = try SnapshotTotal(json: Array(cluster.snapshot(1).output.utf8))
    #expect(remote.status == "complete" && remote.total == cluster.totalMoney)
    for tool in tools {
      let outcome = tool.finish(seconds: 60)
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(outcome.error.contains("\ntotal $\(cluster.totalMoney): $"))
    }
    for machine in 0..<3 {
      for round in 1...3 {
        #expect(try cluster.money(in: "\(machine)-\(round)", of: machine) == cluster.totalMoney)
      }
    }
    #expect(try cluster.verdicts() == Cluster.allOK)
  }

  @Test("A disconnected host ends the run, and both sides report it")
  func cutOff() throws {
    let cluster = try Cluster(duration: "60s", linkTimeout: "1s", on: network)
    let tools = try cluster.startAll([0, 1, 2])
    try network.setLink(of: 2, isUp: false)
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [1, 1, 1])
    for outcome in outcomes.prefix(2) { #expect(outcome.error.contains("machine 2 is gone: ")) }
    #expect(outcomes[2].error.contains(/error: machine [01] is gone: Connection timed out\n/))
    #expect(try cluster.run(0).manifest.status == "failed")
    #expect(try cluster.verdicts().first == "clock: ok")
  }

  @Test("With --on-failure continue the others go on without it, even when it comes back", .long)
  func goesOn() throws {
    let cluster = try Cluster(duration: "9s", linkTimeout: "1s", on: network)
    let tools = try cluster.startAll([2, 1, 0], ["--on-failure", "continue"])
    try network.setLink(of: 2, isUp: false)
    for tool in tools.prefix(2) {
      #expect(
        tool.wait(seconds: deadlineSeconds) { tool.error.contains("machine 2 is gone: ") })
    }
    try network.setLink(of: 2, isUp: true)
    let partial = try cluster.snapshot(0)
    #expect(partial.exitCode == 1)
    #expect(partial.error.contains("snapshot 0-1 is partial: machine 2: died before recording"))
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0])
    #expect(try (0..<3).allSatisfy { try cluster.run($0).manifest.status == "finished" })
    let verdicts = try cluster.verdicts()
    #expect(verdicts.filter { !$0.hasSuffix(": ok") } == ["cut: vacuous", "channels: vacuous"])
  }

  @Test(
    "With restarts, a host that was cut off goes back with the others once it is there again", .long
  )
  func goesBack() throws {
    let cluster = try Cluster(duration: "12s", linkTimeout: "1s", restarts: 3, on: network)
    let tools = try cluster.startAll([2, 1, 0])
    let before = try SnapshotTotal(json: Array(cluster.snapshot(0).output.utf8))
    #expect(before.status == "complete" && before.total == cluster.totalMoney)
    try network.setLink(of: 2, isUp: false)
    for tool in tools {
      #expect(tool.wait(seconds: deadlineSeconds) { tool.error.contains("all machines go back") })
    }
    try network.setLink(of: 2, isUp: true)
    let outcomes = tools.map { $0.finish(seconds: 60) }
    for outcome in outcomes { #expect(outcome.exitCode == 0, "\(outcome.error)") }
    for machine in 0..<3 { #expect(try cluster.run(machine).restartEpochs == [1]) }
    #expect(try cluster.verdicts() == Cluster.allOK)
  }

  @Test("A link that comes back in time has lost nothing")
  func comesBack() throws {
    let cluster = try Cluster(duration: "8s", linkTimeout: "8s", on: network)
    let tools = try cluster.startAll([0, 2, 1])
    try network.setLink(of: 1, isUp: false)
    // No message from it arrives for so long.
    #expect(!tools[0].wait(seconds: 2) { !tools[0].error.isEmpty })
    try network.setLink(of: 1, isUp: true)
    let whole = try SnapshotTotal(json: Array(cluster.snapshot(2).output.utf8))
    #expect(whole.status == "complete" && whole.total == cluster.totalMoney)
    let outcomes = tools.map { $0.finish(seconds: 60) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0])
    #expect(try cluster.verdicts() == Cluster.allOK)
  }
}
