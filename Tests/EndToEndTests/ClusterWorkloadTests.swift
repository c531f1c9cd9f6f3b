import SystemCalls
import TestSupport
import Testing

/// Workloads of the catalog, and programs, on several hosts.
@Suite("Named workloads on several hosts, on the loopback", .ownThreads)
struct ClusterWorkloadTests {
  private static let mutex =
    #""workload": "mutex-ricart-agrawala", "options": { "want": 0.2, "inside": 2 }"#

  @Test(
    "The laws of mutual exclusion are held against the events of all hosts, and a snapshot's", .long
  )
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

  @Test("Each host starts the program from its own directory; a client needs none", .long)
  func program() throws {
    let cluster = try Cluster(
      machineCount: 2, duration: "3s",
      workload: """
        "workload": "program",
        "options": { "program": "python3 m.py", "program_timeout": "60s", "want": 0.4 }
        """)
    let program = try FileSystem.contents(Repository.path + "/experiments/programs/mutex.py")
    let tools = try (0..<2).map { machine in
      let directory = cluster.directory.path + "/host-\(machine)"
      try FileSystem.makeDirectory(directory)
      try FileSystem.replace(directory + "/m.py", with: String(decoding: program, as: UTF8.self))
      return try cluster.start(machine, in: directory)
    }
    #expect(waitUntil { (0..<2).allSatisfy { cluster.isUnderWay($0) } })
    let remote = try cluster.snapshot(0)
    #expect(remote.exitCode == 0 && remote.error == "")
    #expect(tools.map { $0.finish(seconds: deadlineSeconds).exitCode } == [0, 0])
    #expect(try cluster.verdicts().contains("invariants: ok"))
    let missing = try BuiltTool.scalemodel.run(
      ["machine", "--cluster", cluster.path, "--id", "0"], in: cluster.directory.path)
    #expect(missing.exitCode == 65)
    #expect(missing.error.contains("column 'workload': program: the program 'python3 m.py' ended"))
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

  @Test("cluster-init refuses an option of another workload than the file's")
  func otherOption() throws {
    let directory = try TemporaryDirectory()
    expect(
      try BuiltTool.scalemodel.run(["cluster-init", "--want", "0.3"], in: directory.path), 64,
      "--want is for mutex-lamport and mutex-ricart-agrawala; add --workload mutex-lamport")
  }
}
