import SystemCalls
import TestSupport
import Testing

/// `--transport udp` with the tools as built.
@Suite("Runs over UDP", .ownThreads)
struct DatagramTests {
  private static let run = [
    "run", "--transport", "udp", "--rates", "50,50,50", "--die", "4", "--seed", "3", "--quiet",
  ]

  /// The verdict of a check, as a line.
  private static func verdict(_ name: String, of run: FinishedRun) throws -> Substring {
    let outcome = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(outcome.exitCode == 0, "\(outcome.output)")
    #expect(!outcome.output.contains("FAILED"))
    return try #require(
      outcome.output.split(separator: "\n").first { $0.contains(": \(name): ") })
  }

  @Test(
    "A run ends with its snapshots, and claims only what datagrams keep",
    arguments: ["threads", "processes"])
  func ends(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--duration", "1s", "--delay", "~5ms"]
        + ["--snapshot-at", "300ms", "--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try run.manifest.status == "finished")
    let manifest = String(
      decoding: try FileSystem.contents(run.path + "/run.json"), as: UTF8.self)
    #expect(manifest.contains(#""transport" : "udp""#))
    #expect(try run.manifest.machines.map(\.ticks) == [50, 50, 50])
    for name in ["clock", "pace", "manifest"] {
      #expect(try Self.verdict(name, of: run).hasSuffix(": ok"))
    }
    for name in ["delivery", "cut", "channels"] {
      #expect(
        try Self.verdict(name, of: run).contains(
          ": not claimed: it needs channels that keep order and messages; the plan has "
            + "--transport udp"))
    }
    let words =
      #/ ([0-9]+) messages sent on channels and ([0-9]+) receipts; ([0-9]+) waited in/#
    let counts = try #require(try Self.verdict("delivery", of: run).firstMatch(of: words))
    let (sent, received) = (try #require(Int(counts.1)), try #require(Int(counts.2)))
    let waiting = try run.manifest.machines.reduce(0) { $0 + $1.finalQueueLength }
    #expect(Int(counts.3) == waiting)
    #expect(0 < received && received + waiting <= sent)
  }

  @Test("UDP goes with a plan that loses and doubles; both are told")
  func withLoss() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--loss", "1", "--duplicate", "0.5", "--duration", "300ms"]
        + ["--output", directory.run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let line = try Self.verdict("delivery", of: directory.run)
    #expect(line.contains("the plan has --loss 1.0 --duplicate 0.5 --transport udp; "))
    #expect(line.hasSuffix(" and 0 receipts; 0 waited in inboxes at the end"))
  }

  @Test("Rubbish, 64 KiB and another run's token are refused, and the run goes on")
  func strangers() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let port = FreePorts.first(of: 3)
    let tool = try BuiltTool.scalemodel.start(
      Self.run + ["--duration", "forever", "--port", "\(port)", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let (socket, own) = try Socket.bindDatagrams(host: "127.0.0.1", port: 0)
    defer { socket.end() }
    let machine = try DatagramAddress(host: "127.0.0.1", port: port + 1)
    for bytes in [[], [1, 2, 3], [UInt8](repeating: 0, count: 65_507)] as [[UInt8]] {
      let isSent = bytes.withUnsafeBytes { Socket.sendDatagram($0, to: machine, on: socket) }
      #expect(isSent)
    }
    #expect(tool.wait(seconds: deadlineSeconds) { tool.error.count { $0 == "\n" } == 3 })
    let outcome = tool.interrupt()
    let warning = "scalemodel: warning: machine 1 refused a datagram from 127.0.0.1:\(own): it "
    #expect(
      outcome.error.split(separator: "\n").map(String.init) == [
        warning + "sent a malformed frame", warning + "sent a malformed frame",
        warning + "has another run's token",
      ])
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.status == "interrupted")
  }

  @Test("A port that another program has ends the call with 69 and its number")
  func portInUse() throws {
    let directory = try TemporaryDirectory()
    let (socket, port) = try Socket.bindDatagrams(host: "127.0.0.1", port: 0)
    defer { socket.end() }
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--duration", "1s", "--port", "\(port)", "--output", directory.run.path])
    #expect(outcome.exitCode == 69)
    #expect(outcome.error.contains("port \(port) is in use: another program listens on 127.0.0.1"))
  }

  @Test("No connection shows that a machine died; its supervisor does", arguments: [true, false])
  func death(goesOn: Bool) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.run + ["--runtime", "processes", "--duration", goesOn ? "2s" : "60s"]
        + ["--on-failure", goesOn ? "continue" : "stop", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    #expect(kill(machines[2], SIGKILL) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    let reason = "machine 2 (process \(machines[2])) was killed by signal 9 (SIGKILL)"
    #expect(
      outcome.error
        == (goesOn
          ? "scalemodel: warning: \(reason); the others go on\n"
          : "scalemodel: error: \(reason)\n"))
    #expect(outcome.exitCode == (goesOn ? 0 : 1))
    guard goesOn else { return }
    #expect(try run.manifest.machines.map(\.ticks).prefix(2) == [100, 100])
    // Once they know, the others send it nothing more.
    let last = try run.journal(0).lines.last { $0.event == "send" && $0.peer == "2" }
    let death = try #require(try run.manifest.deaths?.first)
    #expect(last.map { $0.systemTime < death.time + 1_000_000_000 } ?? true)
  }

  @Test("A machine that is stopped loses messages and stops no other")
  func stopped() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.run.map { $0 == "50,50,50" ? "4000,4000,100" : $0 }
        + ["--runtime", "processes", "--duration", "2s", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    #expect(kill(machines[2], SIGSTOP) == 0)
    let isLong = waitUntil {
      (try? FileSystem.contents(run.journalPath(0)).count).map { $0 > 100_000 } ?? false
    }
    #expect(isLong)
    #expect(kill(machines[2], SIGCONT) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try run.manifest.machines.map(\.ticks) == [8000, 8000, 200])
  }

  @Test("Virtual time and a run on several hosts refuse UDP, with the remedy")
  func refused() throws {
    let directory = try TemporaryDirectory()
    let virtual = try BuiltTool.scalemodel.run(Self.run + ["--runtime", "virtual"])
    #expect(virtual.exitCode == 64)
    #expect(
      virtual.error.contains(
        "--transport udp is for wall time; in virtual time take --loss, --duplicate and --order "
          + "none"))
    let path = directory.path + "/cluster.json"
    try FileSystem.replace(
      path,
      with: """
        {"transport": "udp", "machines": [{"id": 0, "host": "127.0.0.1", "port": 1},
         {"id": 1, "host": "127.0.0.1", "port": 2}]}
        """)
    let cluster = try BuiltTool.scalemodel.run(["machine", "--cluster", path, "--id", "0"])
    #expect(cluster.exitCode == 65)
    #expect(cluster.error.contains("expected 'tcp', which the supervisors' notes need, not 'udp'"))
  }
}
