import RunRecord
import SystemCalls
import TestSupport
import Testing

@testable import WallTime

/// A control server for at most three clients, driven by the test.
@Suite("The bound on a control server's clients")
final class ControlServerRoomTests {
  private static let slotCount = 3
  private static let minute: Int64 = 60_000_000_000
  private static let request = #"{"command":"snapshot","timeout_ns":1}"# + "\n"
  private let directory: String
  private let path: String
  private let poller: Poller
  private let socket: ControlServer
  private var requests: [(ControlServer.Client, ControlRequest)] = []

  init() throws {
    ThisProcess.ignoreWriteSignals()
    directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-control-")
    path = directory + "/control.sock"
    poller = try Poller()
    socket = try ControlServer(path: path, clientCountMax: Self.slotCount, poller: poller)
  }

  deinit {
    socket.close()
    try? FileSystem.removeTree(directory)
  }

  /// Lets the server handle every descriptor that is ready.
  private func turn() throws {
    while try poller.wait(
      nanoseconds: 0, { token, _, _ in requests += socket.handle(token: token) }) > 0
    {}
  }

  private func connect(saying text: String = "") throws -> Descriptor {
    let client = try Socket.connect(unixPath: path)
    try client.writeAll(text)
    try turn()
    return client
  }

  /// What a client has received; nil while its connection is open and nothing has arrived.
  private func told(_ client: Descriptor) -> String? {
    var chunk = [UInt8](repeating: 0, count: 4096)
    switch try? chunk.withUnsafeMutableBytes({ try client.readAvailable(into: $0) }) {
    case .bytes(let count): return String(decoding: chunk[..<count], as: UTF8.self)
    case .wouldBlock: return nil
    case .ended, nil: return ""
    }
  }

  /// Whether a client's connection ends, and nothing more arrives.
  ///
  /// A program that another test is starting holds all descriptors for an instant.
  private func ends(_ client: Descriptor) -> Bool {
    let deadline = SystemClock.monotonicNanoseconds + 60_000_000_000
    while SystemClock.monotonicNanoseconds < deadline {
      if let text = told(client) { return text.isEmpty }
      SystemThread.yield()
    }
    return false
  }

  private static func refusal(_ reason: String) -> String {
    #"{"refused":{"reason":"\#(reason)"}}"# + "\n"
  }

  @Test("Clients without an answer are told that the run has ended, accepted or not")
  func runEnds() throws {
    let path = directory + "/other.sock"
    let socket = try ControlServer(path: path, clientCountMax: 3, poller: try Poller())
    let accepted = try Socket.connect(unixPath: path)
    #expect(socket.handle(token: ControlServer.firstToken).isEmpty)
    let late = try Socket.connect(unixPath: path)
    try late.writeAll(Self.request)
    socket.close()
    for client in [accepted, late] {
      #expect(told(client) == Self.refusal("the run has ended"))
      #expect(ends(client))
      client.end()
    }
    #expect(!FileSystem.exists(path))
  }

  @Test("At the run's end a client still gets the rest of its answer")
  func restOfAnswer() throws {
    let path = directory + "/other.sock"
    let poller = try Poller()
    let socket = try ControlServer(path: path, clientCountMax: 3, poller: poller)
    let client = try Socket.connect(unixPath: path)
    try client.writeAll(Self.request)
    var requests: [(ControlServer.Client, ControlRequest)] = []
    while requests.isEmpty {
      _ = try poller.wait(nanoseconds: 0) { token, _, _ in requests += socket.handle(token: token) }
    }
    // More than the socket takes at once.
    let reason = String(repeating: "x", count: 4_000_000)
    socket.answer(requests[0].0, .refused(reason: reason))
    client.setBlocking()
    let heardPath = directory + "/heard"
    let file = try FileSystem.create(heardPath)
    let reader = try ChildProcess.start(
      "/bin/cat", arguments: [], streams: .init(input: client, output: file))
    for descriptor in [client, file] { descriptor.end() }
    while (FileSystem.byteCount(heardPath) ?? 0) == 0 { SystemThread.yield() }
    socket.close()
    #expect(reader.waitForEnding() == .exited(code: 0))
    let heard = String(decoding: try FileSystem.contents(heardPath), as: UTF8.self)
    let isWhole = heard == Self.refusal(reason)
    #expect(isWhole)
  }

  @Test("The client that was silent longest is disconnected; clients that wait for answers stay")
  func oldestSilent() throws {
    let asked = try connect(saying: Self.request)
    let first = try connect(saying: "{")
    let second = try connect()
    let late = try connect(saying: Self.request)
    defer { for client in [asked, first, second, late] { client.end() } }
    #expect(told(first) == Self.refusal("busy: another client came while this one was silent"))
    #expect(ends(first))
    #expect(told(asked) == nil && told(second) == nil && told(late) == nil)
    #expect(requests.count == 2)
    for (client, _) in requests { socket.answer(client, .refused(reason: "done")) }
    #expect(told(asked) == Self.refusal("done") && told(late) == Self.refusal("done"))
  }

  @Test("When all clients wait for answers, a new client is told that the run is busy")
  func allAsked() throws {
    let asked = try (0..<Self.slotCount).map { _ in try connect(saying: Self.request) }
    let late = try connect(saying: Self.request)
    defer { for client in asked + [late] { client.end() } }
    #expect(told(late) == Self.refusal("busy: 3 clients wait for their answers; try again"))
    #expect(asked.allSatisfy { told($0) == nil })
    #expect(socket.nextTime == .never)
  }

  @Test("A client that sends no request in a minute is disconnected with the reason")
  func minute() throws {
    let silent = try connect()
    let asked = try connect(saying: Self.request)
    defer { for client in [silent, asked] { client.end() } }
    let time = socket.nextTime
    socket.handleTime(now: time - 1)
    #expect(told(silent) == nil)
    socket.handleTime(now: time)
    #expect(told(silent) == Self.refusal("no request came within 60 s"))
    #expect(told(asked) == nil && socket.nextTime == .never)
  }
}
