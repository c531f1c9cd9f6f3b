import SystemCalls
import TestSupport
import Testing

/// Hosts of a run: a name known late, an open token, one address for two machines, a full disk.
@Suite("Hosts with problems", .ownThreads)
struct HostTroubleTests {
  @Test("A host's name without an address is looked up again, up to the start timeout")
  func unknownHost() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "1s")
    let variant = try cluster.variant("\"host\": \"127.0.0.1\"", "\"host\": \"no.invalid\"")
    let outcome = try cluster.start(0, file: variant).finish(seconds: deadlineSeconds)
    #expect(
      outcome.error == "machine 0 waits for machine 0's host 'no.invalid' to be known, 1s at most\n"
        + "scalemodel: error: '\(variant)', column 'machines': machine 0's host "
        + "'no.invalid' has no address; correct the name, or write an address\n")
    #expect(outcome.exitCode == 65)
    #expect(!FileSystem.exists(cluster.run(0).path))
  }

  @Test(
    "A machine that waits for a host to be known ends at a signal", arguments: [SIGTERM, SIGINT])
  func toldToStop(signal: Int32) throws {
    let cluster = try Cluster(duration: "60s")
    let variant = try cluster.variant("\"host\": \"127.0.0.1\"", "\"host\": \"no.invalid\"")
    let machine = try cluster.start(0, file: variant)
    #expect(machine.wait(seconds: deadlineSeconds) { machine.error.contains("to be known") })
    machine.process.signal(signal)
    let outcome = machine.finish(seconds: deadlineSeconds)
    #expect(outcome.error.contains("before all hosts were known"))
    #expect(outcome.exitCode == 130)
  }

  @Test("A cluster file that every user can read is warned of")
  func readableToken() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "1s")
    let text = String(decoding: try FileSystem.contents(cluster.path), as: UTF8.self)
    let open = try cluster.directory.write(text, to: "open.json")
    let outcome = try cluster.start(0, file: open).finish(seconds: deadlineSeconds)
    #expect(
      outcome.error.hasPrefix(
        "scalemodel: warning: every user of this host can read the token in '\(open)'"))
    let quiet = try cluster.start(0, ["--quiet", "--force"], file: open)
    #expect(!quiet.finish(seconds: deadlineSeconds).error.contains("warning"))
  }

  @Test("A partition of a cluster file that leads nowhere is warned of")
  func idlePartition() throws {
    let cluster = try Cluster(duration: "60s", startTimeout: "1s")
    let variant = try cluster.variant(
      "\"duration\"", "\"partition\": [\"10s...20s@0:0\"], \"duration\"")
    let outcome = try cluster.start(0, file: variant).finish(seconds: deadlineSeconds)
    #expect(
      outcome.error.contains(
        "warning: '\(variant)', 10s...20s@0:0 has no effect: no link leads that way"))
  }

  @Test("Of two machines whose hosts are names of one address, the second says so")
  func oneAddress() throws {
    let directory = try TemporaryDirectory()
    let port = FreePorts.first(of: 1)
    let machines = ["127.0.0.1", "localhost"].enumerated().map { id, host in
      #"{ "id": \#(id), "host": "\#(host)", "port": \#(port) }"#
    }
    let file = try directory.write(
      #"{ "machines": [\#(machines.joined(separator: ","))] }"#, to: "cluster.json")
    func start(_ id: Int) throws -> ToolProcess {
      try BuiltTool.scalemodel.start(
        ["machine", "--cluster", file, "--id", "\(id)", "--output", "\(directory.path)/m\(id)"])
    }
    let first = try start(0)
    #expect(
      try waitUntil {
        try BuiltTool.scalemodel.run(["snapshot", "--status", "--cluster", file]).exitCode == 0
      })
    let second = try start(1).finish(seconds: deadlineSeconds)
    #expect(second.error.contains("machine 1: another program listens on 127.0.0.1:\(port); "))
    #expect(second.exitCode == 69)
    #expect(first.interrupt().exitCode == 130)
  }

  @Test(
    "A full disk of one host ends its machine with its journal whole, and the others say why",
    .long,
    .enabled(if: SmallDisk.isPossible), arguments: ["stop", "continue"])
  func fullDisk(onFailure: String) throws {
    let cluster = try Cluster(duration: "forever", rate: 3000)
    let disk = try SmallDisk(kibibyteCount: 128)
    let paths = [cluster.run(0).path, disk.path + "/m1", cluster.run(2).path]
    let tools = try paths.enumerated().map { machine, path in
      try cluster.start(machine, ["--on-failure", onFailure], output: path)
    }
    let problem =
      "machine 1: cannot write '\(paths[1])/machine-1.csv': No space left on device; make room, or "
      + "choose another directory with --output"
    let full = tools[1].finish(seconds: deadlineSeconds)
    #expect(full.error.contains("error: \(problem)\n"))
    #expect(full.exitCode == 74)
    let others = [tools[0], tools[2]]
    for other in others {
      #expect(other.wait(seconds: deadlineSeconds) { other.error.contains(problem) })
    }
    if onFailure == "continue" { others[0].process.signal(SIGINT) }
    for other in others {
      let outcome = other.finish(seconds: deadlineSeconds)
      // The first to hear of it may tell the other, which then lost that machine.
      let codes: [Int32?] = onFailure == "stop" ? [74, 1] : [130]
      #expect(codes.contains(outcome.exitCode), "\(outcome.error)")
    }
    let checked = try BuiltTool.analyze.run(paths + ["--check"])
    #expect(checked.exitCode == 0)
    #expect(checked.output.hasPrefix("m0: clock: ok\nm0: delivery: ok\nm0: pace: ok\n"))
  }
}
