import LogicalTime
import SystemCalls
import Testing

@testable import Transport

/// Whether this kernel has IPv6 on the loopback.
enum IPv6 {
  static let isAvailable: Bool = {
    guard let (listener, _) = try? Socket.listen(host: "::1", port: 0) else { return false }
    listener.end()
    return true
  }()
}

@Suite("Hosts, ports and the addresses behind them")
struct EndpointTests {
  @Test(
    "A host is a name or an address; an IPv6 one is kept in its shortest form",
    arguments: [
      ("localhost", "localhost"), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("[::1]", "::1"),
      ("0:0:0:0:0:0:0:1", "::1"), ("FD00:0::00A2", "fd00::a2"), ("::", "::"),
      ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("fe80::1%eth0", "fe80::1%eth0"),
      ("[fe80::1%2]", "fe80::1%2"), ("fe80::1", nil), ("fe80::1%", nil), ("fd00::1%eth0", nil),
      ("", nil), ("[]", nil), ("[localhost]", nil), ("[::1", nil), ("::1]", nil), ("a b", nil),
      ("a/b", nil), ("a,b", nil), ("a:7", nil), ("::1::", nil), ("[::1]:7", nil), ("1:2:3", nil),
      ("a\u{1B}b", nil), ("a\nb", nil), (String(repeating: "a", count: 254), nil),
    ] as [(String, String?)])
  func host(word: String, host: String?) {
    #expect(HostText.host(word) == host)
  }

  @Test(
    "A word is split into a host and a port; an IPv6 address needs its brackets",
    arguments: [
      ("50051", nil, 50051), ("0", nil, 0), ("localhost:1", "localhost", 1),
      ("[::]:50051", "::", 50051), ("[::1]:0", "::1", 0), ("[fe80::1%lo]:9", "fe80::1%lo", 9),
    ] as [(String, String?, UInt16)])
  func split(word: String, host: String?, port: UInt16) {
    #expect(HostText.split(word)?.host == host)
    #expect(HostText.split(word)?.port == port)
  }

  @Test(
    "A word that is no host and port is refused",
    arguments: [
      "", ":", ":1", "a:", "a:b", "65536", "-1", "a:65536", "::1", "::1:50051", "[::1]",
      "[::1]50051",
      "[fe80::1]:5", "[]:5", "[a]:5", "a b:5", "1:2:3",
    ])
  func noSplit(word: String) {
    #expect(HostText.split(word) == nil)
  }

  @Test("An endpoint is written with brackets around an IPv6 address")
  func text() {
    #expect("\(Endpoint(host: "::1", port: 7100))" == "[::1]:7100")
    #expect("\(Endpoint(host: "10.0.0.1", port: 7100))" == "10.0.0.1:7100")
  }

  @Test("An endpoint is a loopback one when all its addresses are")
  func loopback() {
    #expect(Endpoint(host: "::1", port: 1, otherHosts: ["127.0.0.1"]).isLoopback)
    #expect(!Endpoint(host: "::1", port: 1, otherHosts: ["10.0.0.1"]).isLoopback)
  }

  @Test("A name without an address is an error")
  func unknownName() {
    let name = "no.such.host.invalid"
    let error = #expect(throws: SystemError.self) { try Endpoint(host: name, port: 1).resolved() }
    #expect(error?.call == "getaddrinfo" && error?.subject == name)
  }

  @Test("Each of several consecutive free ports can be listened on")
  func freePorts() throws {
    let first = try Listener.freePorts(hosts: ["127.0.0.1"], count: 5)
    let listeners = try (0..<5).map { try Listener(hosts: ["127.0.0.1"], port: first + $0) }
    for listener in listeners { listener.end() }
    #expect(Set(listeners.map(\.port)).count == 5)
  }
}

@Suite(
  "Links over IPv6", .serialized, .enabled(if: IPv6.isAvailable, "this kernel has no IPv6"))
struct IPv6LinkTests {
  @Test("A connection over IPv6 tells its origin in brackets")
  func origin() throws {
    let listener = try Listener(hosts: ["::1"], port: 0)
    defer { listener.end() }
    #expect(listener.port != 0)
    #expect(try origin(of: "::1", at: listener).hasPrefix("[::1]:"))
  }

  @Test("A socket for all addresses takes connections of both families, each under its own name")
  func bothFamilies() throws {
    let listener = try Listener(hosts: ["::"], port: 0)
    defer { listener.end() }
    #expect(try origin(of: "127.0.0.1", at: listener).hasPrefix("127.0.0.1:"))
    #expect(try origin(of: "::1", at: listener).hasPrefix("[::1]:"))
  }

  @Test("A listener has the same port on all addresses of a host, also when the system chooses it")
  func severalAddresses() throws {
    let listener = try Listener(hosts: ["::1", "127.0.0.1"], port: 0)
    defer { listener.end() }
    #expect(try origin(of: "127.0.0.1", at: listener).hasPrefix("127.0.0.1:"))
    #expect(try origin(of: "::1", at: listener).hasPrefix("[::1]:"))
    let error = #expect(throws: SystemError.self) {
      try Listener(hosts: ["::1", "127.0.0.1"], port: listener.port)
    }
    #expect(error?.isAddressInUse == true && error?.subject == "[::1]:\(listener.port)")
  }

  @Test("A listener skips addresses of other hosts, unless there is no other")
  func elsewhere() throws {
    let listener = try Listener(hosts: ["2001:db8::1", "127.0.0.1"], port: 0)
    listener.end()
    let error = #expect(throws: SystemError.self) { try Listener(hosts: ["2001:db8::1"], port: 0) }
    #expect(error?.isAddressElsewhere == true)
  }

  @Test("Machines link over IPv6, and try each address of a peer until one answers")
  func mesh() throws {
    let world = try MeshWorld(machineCount: 3, host: "::1")
    let endpoints = world.endpoints.map {
      // No machine listens on the first address.
      Endpoint(host: "127.0.0.1", port: $0.port, otherHosts: ["::1"])
    }
    for node in world.nodes { node.mesh.connect(to: endpoints) }
    try world.turn { world.nodes.allSatisfy(\.mesh.isComplete) }
    #expect(world.nodes[0].mesh.send(.message(reading: 5, content: .none), to: 2) == .queued)
    try world.turn { world.nodes[2].heard.last == .message(from: 0, reading: 5, content: .none) }
  }

  private func origin(of host: String, at listener: Listener) throws -> String {
    let client = try Socket.connect(host: host, port: listener.port)
    defer { client.end() }
    var accepted: (descriptor: Descriptor, origin: String)?
    #expect(client.waitUntilWritable(milliseconds: 10_000))
    while accepted == nil { accepted = try listener.accept() }
    accepted?.descriptor.end()
    return try #require(accepted).origin
  }
}
