import SystemCalls
import TestSupport
import Testing

/// Workloads of the catalog, and programs, on several hosts.
@Suite("Named workloads on several hosts, on the loopback")
struct ClusterWorkloadTests {
  private static let mutex =
    #""workload": "mutex-ricart-agrawala", "options": { "want": 0.2, "inside": 2 }"#

  @Test("The laws of mutual exclusion are held against the events of all hosts, and a snapshot's")
  func mutex() throws {
    let cluster = try Cluster(machineCount: 2, duration: "3s", workload: Self.mutex)
    let tools = try cluster.startAll([1, 0])
    let remote = try cluster.snapshot(1)
    #expect(remote.exitCode == 0 && remote.error == "")
    #expect(remote.output.contains("\"complete\""))
    #expect(remote.output.contains("\"phase\""))
    #expect(tools.map { $0.finish(seconds: deadlineSeconds).exitCode } == [0, 0])
    let verdicts = try cluster.verdicts()
    #expect(verdicts.contains("invariants: ok"))
    #expect(verdicts.filter { $0.hasSuffix(": ok") || $0.hasSuffix(": vacuous") } == verdicts)
    #expect(try cluster.run(1).manifest.plan.options == ["inside": "2", "want": "0.2"])
  }

  @Test("Hosts whose options differ do not join, and clients need the same ones")
  func otherOptions() throws {
    let cluster = try Cluster(
      machineCount: 2, duration: "60s", startTimeout: "2s", workload: Self.mutex)
    let variant = try cluster.variant(#""want": 0.2"#, #""want": 0.3"#)
    let outcomes = try [cluster.start(0), cluster.start(1, file: variant)].map {
      $0.finish(seconds: deadlineSeconds)
    }
    #expect(outcomes.map(\.exitCode) == [69, 69])
    #expect(outcomes[1].error.contains("rejects us: it runs another plan"))
  }

  @Test("cluster-init writes a file for any workload, with the options that it is given")
  func written() throws {
    let directory = try TemporaryDirectory()
    let words = ["cluster-init", "--machines", "2", "--workload", "mutex-lamport", "--want", "0.3"]
    #expect(try BuiltTool.scalemodel.run(words, in: directory.path).exitCode == 0)
    let text = String(
      decoding: try FileSystem.contents(directory.path + "/cluster.json"), as: UTF8.self)
    #expect(text.contains(#""workload": "mutex-lamport""#))
    #expect(text.contains(#""options": { "want": 0.3 }"#))
  }
}
