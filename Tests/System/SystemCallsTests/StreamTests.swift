import Synchronization
import SystemCalls
import Testing

/// Sockets and pipes, and waiting on them.
@Suite("Streams")
struct StreamTests {
  private static let word = "hello"

  @Test("Reads and writes move what they can, report the rest, and never wait")
  func progress() throws {
    let (one, other) = try Socket.pair()
    one.setNonBlocking()
    other.setNonBlocking()
    var room = [UInt8](repeating: 0, count: 100)
    func read(_ descriptor: Descriptor) throws -> Descriptor.Progress {
      try room.withUnsafeMutableBytes { bytes throws(SystemError) in
        try descriptor.readAvailable(into: bytes)
      }
    }
    #expect(try read(other) == .wouldBlock)
    try one.writeAll(Self.word)
    #expect(try read(other) == .bytes(5))
    #expect(String(decoding: room.prefix(5), as: UTF8.self) == Self.word)
    // A reader that does not read fills the socket.
    let much = [UInt8](repeating: 7, count: 1 << 16)
    func send(on descriptor: Descriptor) throws -> Descriptor.Progress {
      try much.withUnsafeBytes { bytes throws(SystemError) in
        try descriptor.sendAvailable(bytes)
      }
    }
    var progress = Descriptor.Progress.bytes(0)
    while case .bytes = progress { progress = try send(on: one) }
    #expect(progress == .wouldBlock)
    one.end()
    var last = try read(other)
    while case .bytes = last { last = try read(other) }
    #expect(last == .ended)
    // No signal ends this process for writing to a peer that is gone.
    let failure = #expect(throws: SystemError.self) { _ = try send(on: other) }
    #expect(failure?.isBrokenPipe == true)
    other.end()
  }

  @Test("A poller reports watched descriptors only, and returns at the first")
  func poller() throws {
    let poller = try Poller()
    let (one, other) = try Socket.pair()
    defer { for end in [one, other] { end.end() } }
    func ready() throws -> [String] {
      var found: [String] = []
      try poller.wait(nanoseconds: 0) { token, isReadable, isWritable in
        found.append("\(token)\(isReadable ? " reads" : "")\(isWritable ? " writes" : "")")
      }
      return found.sorted()
    }
    try poller.add(one, token: 7)
    #expect(try ready() == [])
    try other.writeAll(Self.word)
    #expect(try ready() == ["7 reads"])
    try poller.add(other, token: .max, reads: false, writes: true)
    #expect(try ready() == ["18446744073709551615 writes", "7 reads"])
    try poller.change(one, token: 8, reads: false, writes: false)
    poller.remove(other)
    #expect(try ready() == [])
    try poller.change(one, token: 8, reads: true, writes: true)
    #expect(try ready() == ["8 reads writes"])
  }

  @Test("Only one listener gets a port; each client has its own address")
  func ports() throws {
    var listener = try Listener(hosts: ["127.0.0.1"], port: 0)
    defer { listener.end() }
    let taken = #expect(throws: SystemError.self) {
      _ = try Listener(hosts: ["127.0.0.1"], port: listener.port)
    }
    #expect(taken?.isAddressInUse == true)
    #expect(taken?.subject == "127.0.0.1:\(listener.port)")
    let elsewhere = #expect(throws: SystemError.self) {
      _ = try Listener(hosts: ["192.0.2.1"], port: 0)
    }
    #expect(elsewhere?.isAddressElsewhere == true)
    #expect(try listener.accept() == nil)
    let client = try Socket.connect(host: "127.0.0.1", port: listener.port)
    defer { client.end() }
    let poller = try Poller()
    try listener.watch(with: poller, token: 1)
    try poller.wait(nanoseconds: nil) { token, isReadable, _ in #expect(token == 1 && isReadable) }
    let accepted = try #require(try listener.accept())
    #expect(accepted.origin == "127.0.0.1:\(Socket.localPort(of: client))")
    accepted.descriptor.end()
  }

  private final class Rung: Sendable {
    let count = Atomic(0)
  }

  @Test("No ring of a bell is lost, however close it is to the silence before")
  func bell() throws {
    let (bell, rung) = (try Bell(), Rung())
    let count = 200_000
    let thread = try SystemThread {
      for _ in 0..<count {
        rung.count.add(1, ordering: .sequentiallyConsistent)
        bell.ring()
      }
    }
    var heardCount = 0
    while heardCount < count {
      try #require(bell.descriptor.waitUntilReadable(milliseconds: 60_000), "\(heardCount)")
      bell.silence()
      heardCount = rung.count.load(ordering: .sequentiallyConsistent)
    }
    thread.join()
  }

  @Test("Only this user may open a Unix socket")
  func unixMode() throws {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-socket-")
    defer { try? FileSystem.removeTree(directory) }
    let socket = try Socket.listen(unixPath: directory + "/socket")
    defer { socket.end() }
    var status = stat()
    #expect(stat(directory + "/socket", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test("A path too long for a socket is refused before it is cut short")
  func longPath() {
    let failure = #expect(throws: SystemError.self) {
      _ = try Socket.listen(unixPath: "/tmp/" + String(repeating: "x", count: 200))
    }
    #expect(failure?.reason == "File name too long")
  }
}
