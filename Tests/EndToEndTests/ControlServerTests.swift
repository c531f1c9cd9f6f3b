import SystemCalls
import TestSupport
import Testing

/// Clients of a run's control socket, well-behaved and not.
@Suite("The control socket", .ownThreads)
struct ControlServerTests {
  private static let request = #"{"command":"snapshot","timeout_ns":10000000000}"#

  @Test("Garbage gets a one-line error or a disconnect, and the run goes on to its end")
  func rubbish() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run, duration: "forever")
    let notJSON = #"{"refused":{"reason":"a request is a line of JSON"}}"# + "\n"
    let tooLong =
      #"{"refused":{"reason":"a request is one line of at most 4096 bytes"}}"# + "\n"
    let notACommand =
      #"{"refused":{"reason":"the commands are snapshot, status, view, state, tell, kill, pause, resume, cut, join, lose"}}"#
      + "\n"
    let noTime =
      #"{"refused":{"reason":"timeout_ns is a number from 1 to 1152921504606846975"}}"# + "\n"
    let noWords = #"{"refused":{"reason":"the words are missing"}}"# + "\n"
    let noneByHand =
      #"{"refused":{"reason":"its workload takes no instructions by hand"}}"# + "\n"
    let noSuchMachine = #"{"unknownMachine":{"machineCount":3}}"# + "\n"
    let random = (0..<2000).map { _ in UInt8(truncatingIfNeeded: ThisProcess.randomWord() | 16) }
    let visits: [(bytes: [UInt8], answer: String)] = [
      (random + [10], notJSON), ([10], notJSON), (Array("[]\n".utf8), notJSON),
      (Array(repeating: UInt8(ascii: "["), count: 4000) + [10], notJSON),
      (Array(repeating: UInt8(ascii: "x"), count: 1_000_000), tooLong),
      (Array(#"{"command":"halt","timeout_ns":1}"#.utf8) + [10], notACommand),
      (Array(#"{"command":"snapshot","timeout_ns":0}"#.utf8) + [10], noTime),
      (Array(#"{"command":"tell","machine":0,"timeout_ns":9}"#.utf8) + [10], noWords),
      (Array(#"{"command":"tell","machine":0,"words":["x"]}"#.utf8) + [10], noneByHand),
      (Array(#"{"command":"snapshot","machine":-1,"timeout_ns":9}"#.utf8) + [10], noSuchMachine),
      (
        Array(#"{"command":"snapshot","machine":99999999999,"timeout_ns":9}"#.utf8) + [10],
        noSuchMachine
      ),
      (
        Array(#"{"command":"snapshot","machine":9223372036854775807,"timeout_ns":9}"#.utf8) + [10],
        noSuchMachine
      ),
      (Array(#"{"command":"snapshot","machine":1e99,"timeout_ns":9}"#.utf8) + [10], notJSON),
    ]
    for (bytes, answer) in visits {
      let client = try Client(run)
      client.say(bytes)
      #expect(client.hear() == answer, "to \(String(decoding: bytes.prefix(60), as: UTF8.self))")
    }
    try Client(run).leave()
    let silent = try (0..<3).map { _ in try Client(run) }
    for client in silent { client.say(Array(Self.request.utf8.prefix(20))) }
    #expect(try BuiltTool.scalemodel.run(["snapshot", run.path]).exitCode == 0)
    let outcome = tool.interrupt()
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.snapshots == ["0-1"])
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  @Test("A hundred concurrent clients each get their own snapshot")
  func hundred() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("processes", run, duration: "60s")
    let clients = try (0..<100).map { _ in try Client(run) }
    for client in clients { client.say(Array((Self.request + "\n").utf8)) }
    let answers = clients.map { $0.hear() }
    #expect(answers.allSatisfy { $0.hasPrefix(#"{"settled":"#) && $0.contains("complete") })
    #expect(Set(answers).count == 100)
    try end(tool, run, snapshotCount: 100)
  }

  private static let busy =
    #"{"refused":{"reason":"busy: another client came while this one was silent"}}"# + "\n"

  @Test("The oldest of many silent clients are disconnected, and a request is served")
  func crowd() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run, duration: "60s")
    let crowd = try (0..<300).map { _ in try Client(run) }
    #expect(crowd[0].hear() == Self.busy)
    let taken = try BuiltTool.scalemodel.run(["snapshot", run.path])
    #expect(taken.error == "" && taken.exitCode == 0)
    for client in crowd.dropFirst() { client.leave() }
    #expect(try BuiltTool.scalemodel.run(["snapshot", run.path]).exitCode == 0)
    try end(tool, run, snapshotCount: 2)
  }

  @Test("Clients do not take the files that the run itself needs")
  func fewOpenFiles() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      afterShell: "ulimit -n 120",
      [
        "run", "--rates", "50,50,50", "--duration", "60s", "--quiet", "--output", run.path,
        "--commands", "-",
      ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let crowd = try (0..<120).map { _ in try Client(run) }
    #expect(crowd[0].hear() == Self.busy)
    tool.type("snapshot\n")
    #expect(waitUntil { FileSystem.exists(run.path + "/snapshots/0-1.json") })
    for client in crowd.dropFirst() { client.leave() }
    try end(tool, run, snapshotCount: 1)
  }

  @Test("A client that leaves early gets no answer, and the snapshot is still taken")
  func leavesEarly() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run, duration: "60s")
    let client = try Client(run)
    client.say(Array((Self.request + "\n").utf8))
    client.leave()
    let asker = try BuiltTool.scalemodel.start(["snapshot", run.path])
    #expect(waitUntil { (try? run.journal(0).lines.contains { $0.event == "snapshot" }) == true })
    _ = asker.interrupt()
    #expect(waitUntil { FileSystem.exists(run.path + "/snapshots/0-1.json") })
    #expect(tool.interrupt().exitCode == 130)
    #expect(try run.snapshot("0-1").status == "complete")
  }

  @Test("A client that shuts down its sending side gets the answer, even to a line without end")
  func halfClosed() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run, duration: "60s")
    for text in [Self.request + "\n", Self.request] {
      let client = try Client(run)
      client.say(Array(text.utf8))
      client.sayNothingMore()
      #expect(client.hear().hasPrefix(#"{"settled":"#))
    }
    let silent = try Client(run)
    silent.sayNothingMore()
    #expect(silent.hear() == "", "who has asked nothing is not answered")
    try end(tool, run, snapshotCount: 2)
  }

  private func start(
    _ runtime: String, _ run: FinishedRun, duration: String
  ) throws -> ToolProcess {
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", runtime, "--rates", "50,50,50", "--duration", duration, "--quiet",
      "--output", run.path,
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    return tool
  }

  private func end(_ tool: ToolProcess, _ run: FinishedRun, snapshotCount: Int) throws {
    #expect(tool.interrupt().exitCode == 130)
    let journals = try run.journals()
    let snapshots = try run.snapshots()
    #expect(snapshots.count == snapshotCount)
    #expect(snapshots.flatMap { SnapshotRules(snapshot: $0, journals: journals).breaches } == [])
  }
}

/// A client at a run's control socket.
private struct Client {
  private let descriptor: Descriptor

  init(_ run: FinishedRun) throws {
    // A client that is disconnected while sending must not die of SIGPIPE.
    ThisProcess.ignoreWriteSignals()
    // While the backlog is full, `connect` reports EAGAIN.
    var connection: Descriptor?
    _ = waitUntil {
      connection = try? Socket.connect(unixPath: run.path + "/control.sock")
      return connection != nil
    }
    descriptor = try #require(connection)
  }

  /// Sends bytes.
  func say(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { try? descriptor.writeAll($0) }
  }

  /// Shuts down the sending side, and keeps listening.
  func sayNothingMore() {
    #expect(shutdown(descriptor.number, Int32(SHUT_WR)) == 0)
  }

  /// Reads until the run disconnects, then closes the connection.
  func hear() -> String {
    defer { leave() }
    var heard: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while descriptor.waitUntilReadable(milliseconds: Int32(deadlineSeconds * 1000)) {
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else { break }
      heard += chunk[..<count]
    }
    return String(decoding: heard, as: UTF8.self)
  }

  func leave() {
    descriptor.end()
  }
}
