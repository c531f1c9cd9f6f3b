import SystemCalls
import TestSupport
import Testing

/// Runs over IPv6, started as users do; skipped where the kernel has none.
@Suite(
  "Several hosts, over IPv6", .ownThreads,
  .enabled(if: IPv6Loopback.isAvailable, "this kernel has no IPv6"))
struct IPv6Tests {
  @Test("A bank on ::1 serves snapshots and accounts, and its directories are one run", .long)
  func loopback() throws {
    let cluster = try Cluster(duration: "forever", host: "::1")
    let tools = try cluster.startAll([2, 0, 1])
    let total = try SnapshotTotal(json: Array(cluster.snapshot(1).output.utf8))
    #expect(total.status == "complete" && total.total == cluster.totalMoney)
    let words = ["bank", "--cluster", cluster.path, "balance", "2"]
    #expect(try BuiltTool.scalemodel.run(words).exitCode == 0)
    #expect(tools.map { $0.interrupt().exitCode } == [130, 130, 130])
    #expect(try cluster.verdicts() == Cluster.allOK)
    let over = try cluster.snapshot(1)
    #expect(over.exitCode == 69)
    #expect(over.error.contains("machine 1 at [::1]:") && over.error.contains("refused"))
  }

  @Test("An address that is not this host's is a one-line error")
  func elsewhere() throws {
    let cluster = try Cluster(duration: "3s", host: "2001:db8::7")
    let outcome = try cluster.start(0).finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 69 && isOneLine(outcome.error))
    #expect(outcome.error.contains("'2001:db8::7' is not an address of this host"))
  }

  @Test("cluster-init takes IPv6 hosts, with brackets or without")
  func clusterInit() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["cluster-init", "--hosts", "[::1],0:0::1,localhost"], in: directory.path)
    #expect(outcome.exitCode == 0)
    let bytes = try FileSystem.contents(directory.path + "/cluster.json")
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains(#""id": 0, "host": "::1", "port": 7100"#))
    #expect(text.contains(#""id": 1, "host": "::1", "port": 7101"#))
    let scopeless = try BuiltTool.scalemodel.run(["cluster-init", "--hosts", "fe80::1,fe80::2"])
    #expect(scopeless.exitCode == 64 && isOneLine(scopeless.error))
  }
}

/// Three hosts with IPv6 addresses only.
@Suite(
  "Several hosts, in network namespaces over IPv6", .ownThreads,
  .enabled(
    if: HostNetwork.isAvailableWithIPv6,
    "network namespaces with IPv6 need root and the program ip"))
struct IPv6NetworkTests {
  @Test("A bank on three hosts finds all the money, and all checks pass")
  func bank() throws {
    let cluster = try Cluster(duration: "3s", on: HostNetwork(hostCount: 3, isIPv6: true))
    let tools = try cluster.startAll([1, 2, 0])
    let total = try SnapshotTotal(json: Array(cluster.snapshot(1).output.utf8))
    #expect(total.status == "complete" && total.total == cluster.totalMoney)
    let outcomes = tools.map { $0.finish(seconds: 60) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0])
    #expect(try cluster.verdicts() == Cluster.allOK)
  }
}

/// The kernel's loopback address of IPv6.
private enum IPv6Loopback {
  static let isAvailable: Bool = {
    guard let (listener, _) = try? Socket.listen(host: "::1", port: 0) else { return false }
    listener.end()
    return true
  }()
}
