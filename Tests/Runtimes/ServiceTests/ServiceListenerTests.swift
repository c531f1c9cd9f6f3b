#if GRPC
  import RunControl
  import ScaleModel
  import SystemCalls
  import TestSupport
  import Testing
  import Transport

  @testable import Service

  /// A service on a free loopback port, run by hand in the test's own thread.
  @Suite("A service's listener, and clients that stay silent")
  final class ServiceListenerTests {
    private static let token = "secret"
    private static let minute: Int64 = 60_000_000_000
    private let poller: Poller
    private let listener: ServiceListener

    init() throws {
      ThisProcess.ignoreWriteSignals()
      _ = ThisProcess.raiseOpenFileLimit(to: 4096)
      poller = try Poller()
      var router = Router()
      router.unary(BankMethods.getBalance) { _, call in call.answer(GetBalanceResponse()) }
      listener = try ServiceListener(
        endpoint: Endpoint(host: "127.0.0.1", port: 0), router: router, token: Self.token,
        poller: poller, firstToken: 1)
    }

    deinit { listener.close() }

    /// Runs the service until `condition` holds.
    private func turn(until condition: () throws -> Bool) throws {
      let deadline = SystemClock.monotonicNanoseconds + Self.minute
      while try !condition() {
        try #require(SystemClock.monotonicNanoseconds < deadline, "It never came to that")
        try poller.wait(nanoseconds: 200_000) { token, isReadable, isWritable in
          listener.handle(token: token, isReadable: isReadable, isWritable: isWritable)
        }
        listener.flush()
      }
    }

    /// Connects, and waits for the service's settings.
    private func connect() throws -> SocketClient {
      let client = try SocketClient(port: listener.port)
      try turn { try client.exchange() > 0 }
      return client
    }

    /// Makes a call, and waits for its status.
    private func status(of client: SocketClient, token: String) throws -> String? {
      client.call(BankMethods.getBalance.path, token: token)
      try turn {
        _ = try client.exchange()
        return client.status != nil
      }
      return client.status
    }

    @Test("A client without a call or the token is disconnected after a minute; others stay")
    func minute() throws {
      let silent = try connect()
      let stranger = try connect()
      let owner = try connect()
      #expect(try status(of: stranger, token: "guess") == "16")
      #expect(try status(of: owner, token: Self.token) == "0")
      let now = MonotonicInstant.now
      listener.handleTime(now: now + Self.minute / 2)
      #expect(try [silent, stranger, owner].allSatisfy { try $0.exchange() >= 0 && !$0.isEnded })
      listener.handleTime(now: now + Self.minute + 1)
      try turn {
        for client in [silent, stranger] { _ = try client.exchange() }
        return silent.isEnded && stranger.isEnded
      }
      #expect(try owner.exchange() >= 0 && !owner.isEnded)
      #expect(try status(of: owner, token: Self.token) == "0")
    }

    @Test("In a flood of strangers the oldest is disconnected, and the owner is served")
    func flood() throws {
      let owner = try connect()
      #expect(try status(of: owner, token: Self.token) == "0")
      let strangers = try (0..<ServiceListener.strangerCountMax).map { _ in try connect() }
      #expect(try strangers.allSatisfy { try $0.exchange() >= 0 && !$0.isEnded })
      let late = try connect()
      #expect(try status(of: late, token: Self.token) == "0")
      try turn {
        _ = try strangers[0].exchange()
        return strangers[0].isEnded
      }
      #expect(try strangers[1].exchange() >= 0 && !strangers[1].isEnded)
      #expect(try status(of: owner, token: Self.token) == "0")
    }
  }

  /// A client of a service, over a nonblocking socket.
  private final class SocketClient {
    private let descriptor: Descriptor
    private let session = HTTP2Session(.client)
    /// The status of the latest call; nil while there is none.
    private(set) var status: String?
    /// Whether the service has ended the connection.
    private(set) var isEnded = false

    init(port: UInt16) throws {
      descriptor = try Socket.connect(host: "127.0.0.1", port: port)
    }

    deinit { descriptor.end() }

    /// Begins a call with an empty message.
    func call(_ path: String, token: String) {
      status = nil
      let stream = session.request([
        HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"),
        HTTP2Header(":path", path), HTTP2Header(":authority", "loopback"),
        HTTP2Header("content-type", "application/grpc"),
        HTTP2Header("authorization", "Bearer \(token)"),
      ])
      session.send([0, 0, 0, 0, 0], on: stream)
      session.end(stream)
    }

    /// Sends pending bytes, and receives.
    ///
    /// - Returns: How many bytes were received.
    func exchange() throws -> Int {
      if isEnded { return 0 }
      var bytes: [UInt8] = []
      try session.takePending(upTo: 1 << 16) { bytes += $0 }
      if !bytes.isEmpty { try? bytes.withUnsafeBytes { try descriptor.writeAll($0) } }
      var chunk = [UInt8](repeating: 0, count: 1 << 14)
      switch try? chunk.withUnsafeMutableBytes({ try descriptor.readAvailable(into: $0) }) {
      case .wouldBlock: return 0
      case .ended, nil:
        isEnded = true
        return 0
      case .bytes(let count):
        for event in try chunk[..<count].withUnsafeBytes({ try session.feed($0) }) {
          guard case .headers(_, let headers) = event else { continue }
          status = headers.first { $0.name == "grpc-status" }?.value ?? status
        }
        return count
      }
    }
  }
#endif
