import SystemCalls
import TestSupport
import Testing

/// Strangers that connect to a machine: each is rejected with a warning, and the run goes on.
@Suite("A stranger connects", .ownThreads)
struct StrangerTests {
  /// A stranger's actions, and the reason for its rejection.
  struct ClientHello: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8] = []
    var stays = true
    var reason: String
  }

  /// A hello in this version's format, with a token that is not the run's.
  private static let hello: [UInt8] =
    [0, 0, 0, 33, 4] + Array("SM01".utf8) + [0, 0, 0, 2] + Array(repeating: 7, count: 24)

  static let visits = [
    ClientHello(testDescription: "leaves at once", stays: false, reason: "it left without a hello"),
    ClientHello(
      testDescription: "asks for a web page", bytes: Array("GET / HTTP/1.1\r\n\r\n".utf8),
      reason: "it announced a frame of 1195725856 bytes (at most 33)"),
    ClientHello(
      testDescription: "announces 4 GiB", bytes: [255, 255, 255, 255],
      reason: "it announced a frame of 4294967295 bytes (at most 33)"),
    ClientHello(
      testDescription: "leaves after half a frame", bytes: Array(hello.prefix(20)), stays: false,
      reason: "it ended inside a frame, after 20 bytes"),
    ClientHello(
      testDescription: "sends an empty frame", bytes: [0, 0, 0, 0],
      reason: "it sent a malformed frame"),
    ClientHello(
      testDescription: "sends a message without a hello",
      bytes: [0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 5],
      reason: "it sent a malformed frame"),
    ClientHello(
      testDescription: "sends a marker of an unknown snapshot without a hello",
      bytes: [0, 0, 0, 9, 3, 0, 0, 0, 0, 0, 0, 0, 7],
      reason: "it sent a malformed frame"),
    ClientHello(
      testDescription: "says hello for another run", bytes: hello,
      reason: "it has another run's token"),
  ]

  @Test("During the run", arguments: LongTests.first(1, of: ["threads", "processes"]), visits)
  func duringRun(runtime: String, clientHello: ClientHello) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let port = FreePorts.first(of: 3)
    let tool = try start(runtime, run, port: port)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let stranger = try Stranger(clientHello, port: port + 1)
    defer { stranger.leave() }
    try expectRefusal(of: stranger, by: 1, tool, run)
  }

  @Test("While the machines link up", .long, arguments: visits)
  func duringStart(clientHello: ClientHello) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let count = 12
    let port = FreePorts.first(of: count)
    let tool = try start("processes", run, port: port, machineCount: count)
    // Machine 0 listens while most others have not started yet.
    var stranger: Stranger?
    #expect(
      waitUntil {
        stranger = try? Stranger(clientHello, port: port); return stranger != nil
      })
    let arrival = SystemClock.epochNanoseconds
    defer { stranger?.leave() }
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    try expectRefusal(of: try #require(stranger), by: 0, tool, run)
    #expect(arrival < (try #require(try run.manifest.startTime)))
  }

  @Test("A silent stranger is disconnected after three seconds", .long)
  func silent() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let port = FreePorts.first(of: 3)
    let tool = try start("threads", run, port: port)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let visits = [
      ClientHello(testDescription: "silent", reason: "it did not say hello in 3 s"),
      ClientHello(testDescription: "half", bytes: [0, 0], reason: "it did not say hello in 3 s"),
    ]
    let strangers = try visits.map { try Stranger($0, port: port) }
    defer { for stranger in strangers { stranger.leave() } }
    #expect(tool.wait(seconds: deadlineSeconds) { tool.error.count { $0 == "\n" } == 2 })
    let outcome = tool.interrupt()
    #expect(
      Set(outcome.error.split(separator: "\n").map(String.init))
        == Set(strangers.map { $0.warning(by: 0) }))
    #expect(outcome.exitCode == 130)
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  @Test("Many strangers do no harm, and the number of warnings is limited")
  func crowd() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let port = FreePorts.first(of: 3)
    let tool = try start("threads", run, port: port)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let silent = ClientHello(testDescription: "silent", reason: "")
    let strangers = (0..<200).compactMap { _ in try? Stranger(silent, port: port + 2) }
    defer { for stranger in strangers { stranger.leave() } }
    #expect(strangers.count == 200)
    #expect(tool.wait(seconds: deadlineSeconds) { tool.error.contains("further warnings") })
    let outcome = tool.interrupt()
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 21)
    #expect(
      lines.dropLast().allSatisfy { $0.hasSuffix(": too many others wait to say hello") })
    #expect(lines.last == "scalemodel: warning: further warnings are not shown")
    #expect(outcome.exitCode == 130)
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  private func start(
    _ runtime: String, _ run: FinishedRun, port: UInt16, machineCount: Int = 3
  ) throws -> ToolProcess {
    try BuiltTool.scalemodel.start([
      "run", "--runtime", runtime, "--machines", "\(machineCount)", "--ticks", "50...50",
      "--port", "\(port)", "--duration", "forever", "--quiet", "--output", run.path,
    ])
  }

  private func expectRefusal(
    of stranger: Stranger, by machine: Int, _ tool: ToolProcess, _ run: FinishedRun
  ) throws {
    let warning = stranger.warning(by: machine) + "\n"
    #expect(tool.wait(seconds: deadlineSeconds) { tool.error == warning })
    let outcome = tool.interrupt()
    #expect(outcome.error == warning)
    #expect(outcome.output == run.path + "\n")
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.status == "interrupted")
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(try run.manifest.machines.map(\.ticks) == journals.map(\.lines.count))
  }
}

/// A connection that is no machine of the run.
struct Stranger {
  private let clientHello: StrangerTests.ClientHello
  private let descriptor: Descriptor
  private let origin: String

  /// Connects, and says what the client says.
  init(_ clientHello: StrangerTests.ClientHello, port: UInt16) throws {
    self.clientHello = clientHello
    descriptor = try Socket.connect(host: "127.0.0.1", port: port)
    if let failure = Socket.connectFailure(of: descriptor) {
      descriptor.end()
      throw failure
    }
    origin = "127.0.0.1:\(Socket.localPort(of: descriptor))"
    clientHello.bytes.withUnsafeBytes { try? descriptor.writeAll($0) }
    if !clientHello.stays { descriptor.end() }
  }

  /// The expected warning about the client.
  func warning(by machine: Int) -> String {
    "scalemodel: warning: machine \(machine) refused a connection from \(origin): \(clientHello.reason)"
  }

  func leave() {
    if clientHello.stays { descriptor.end() }
  }
}
