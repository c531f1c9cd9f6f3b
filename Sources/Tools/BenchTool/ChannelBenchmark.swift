import LogicalTime
import ScaleModel
import SystemCalls
import Transport

/// Messages between two machines through the mesh, against a plain socket loop in the same process.
struct ChannelBenchmark: Benchmark {
  static let name = "channel"
  static let summary = "messages one way and round trips, compared with a plain socket loop"

  private let messageCount: Int
  private let roundTripCount = 20_000
  private let repetitions = 5
  /// How many messages make a batch.
  private static let batch = 512

  init(options: BenchmarkOptions) {
    messageCount = 8_000_000
  }

  func measure() throws -> [BenchmarkTable] {
    var oneWay: [(ours: Double, plain: Double)] = []
    var roundTrip: [(ours: Double, plain: Double)] = []
    for _ in 0..<repetitions {
      oneWay.append((try meshOneWay(), try plainOneWay()))
      roundTrip.append(
        (try meshRoundTrip(), try PlainSocket.roundTripMicroseconds(count: roundTripCount)))
    }
    return [
      table(
        "channel: million messages per second, one way, batches of \(Self.batch)", oneWay,
        note: "ratio: ours / plain, at least 0.8 is asked for"),
      table(
        "channel: microseconds per round trip", roundTrip,
        note: "ratio: ours / plain, at most 1.5 is asked for"),
    ]
  }

  private func table(
    _ title: String, _ pairs: [(ours: Double, plain: Double)], note: String
  ) -> BenchmarkTable {
    func row(_ name: String, _ values: [Double]) -> [String] {
      let sorted = values.sorted()
      return [name]
        + [sorted[0], Figure.median(values), sorted[sorted.count - 1]].map {
          Figure.text($0, digits: 2)
        }
    }
    return BenchmarkTable(
      title: title, columns: ["", "min", "median", "max"],
      rows: [
        row("mesh", pairs.map(\.ours)), row("plain socket", pairs.map(\.plain)),
        row("ratio", pairs.map { $0.ours / $0.plain }),
      ], notes: [note])
  }

  // MARK: Ours

  private func meshOneWay() throws -> Double {
    let count = messageCount
    let (one, other) = try MeshEnd.linkedPair()
    let start = SystemClock.monotonicNanoseconds
    let sender = try SystemThread {
      for number in 0..<count {
        // No message waits between batches, so there is always room.
        _ = one.mesh.send(.message(reading: UInt64(number), content: .none), to: 1)
        if number % Self.batch == Self.batch - 1 {
          one.mesh.flush()
          while one.mesh.hasUnwrittenBytes { one.step() }
        }
      }
      one.mesh.flush()
      while one.mesh.hasUnwrittenBytes { one.step() }
    }
    while other.arrivedCount < count { other.step() }
    let elapsed = SystemClock.monotonicNanoseconds - start
    sender.join()
    one.mesh.close()
    other.mesh.close()
    return Double(count) / Double(elapsed) * 1000
  }

  private func meshRoundTrip() throws -> Double {
    let count = roundTripCount
    let (one, other) = try MeshEnd.linkedPair()
    let echo = try SystemThread {
      for number in 1...count {
        while other.arrivedCount < number { other.step() }
        _ = other.mesh.send(.message(reading: UInt64(number), content: .none), to: 0)
        other.mesh.flush()
      }
    }
    let start = SystemClock.monotonicNanoseconds
    for number in 1...count {
      _ = one.mesh.send(.message(reading: UInt64(number), content: .none), to: 1)
      one.mesh.flush()
      while one.arrivedCount < number { one.step() }
    }
    let elapsed = SystemClock.monotonicNanoseconds - start
    echo.join()
    one.mesh.close()
    other.mesh.close()
    return Double(elapsed) / Double(count) / 1000
  }

  // MARK: The plain loop: blocking sockets and frames of one length, whose readings are written and
  // read one by one, as any program must; no kinds, no bounds, no checks.

  private static let frameByteCount = PlainSocket.frameByteCount

  private func plainOneWay() throws -> Double {
    let (one, other) = try PlainSocket.connectedPair()
    let byteCount = Self.frameByteCount * Self.batch
    let total = messageCount / Self.batch * byteCount
    let start = SystemClock.monotonicNanoseconds
    let sender = try SystemThread {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
      defer { bytes.deallocate() }
      var reading: UInt64 = 0
      for _ in 0..<(total / byteCount) {
        for offset in stride(from: 0, to: byteCount, by: Self.frameByteCount) {
          bytes.storeBytes(of: UInt32(9), toByteOffset: offset, as: UInt32.self)
          bytes.storeBytes(of: reading, toByteOffset: offset + 5, as: UInt64.self)
          reading += 1
        }
        try? one.writeAll(UnsafeRawBufferPointer(bytes))
      }
    }
    let sum = PlainSocket.readFrames(of: Self.frameByteCount, total: total, from: other)
    let elapsed = SystemClock.monotonicNanoseconds - start
    sender.join()
    let count = UInt64(total / Self.frameByteCount)
    precondition(sum == count * (count - 1) / 2, "The plain loop must read what it wrote")
    one.end()
    other.end()
    return Double(total / Self.frameByteCount) / Double(elapsed) * 1000
  }
}

/// One of two machines that only count what arrives.
private final class MeshEnd: MeshObserver, @unchecked Sendable {
  // One thread at a time drives each end: its maker until it is linked, then the thread it is
  // handed to, and its maker again after joining that thread.
  let poller: Poller
  let mesh: Mesh
  private(set) var arrivedCount = 0

  private init(id: MachineID, peer: MachineID) throws {
    poller = try Poller()
    mesh = try Mesh(
      hello: WireMessage.Hello(id: id, token: RunToken(high: 1, low: 2), planDigest: 0),
      peers: [peer], machineCount: 2, endpoint: Endpoint(host: "127.0.0.1", port: 0),
      poller: poller, firstToken: 0)
    mesh.observer = self
  }

  static func linkedPair() throws -> (MeshEnd, MeshEnd) {
    let one = try MeshEnd(id: 0, peer: 1)
    let other = try MeshEnd(id: 1, peer: 0)
    let endpoints = [one, other].map { Endpoint(host: "127.0.0.1", port: $0.mesh.port) }
    one.mesh.connect(to: endpoints)
    other.mesh.connect(to: endpoints)
    while !one.mesh.isComplete || !other.mesh.isComplete {
      one.step(nanoseconds: 1_000_000)
      other.step(nanoseconds: 1_000_000)
    }
    return (one, other)
  }

  /// Waits for the next event on the links, and handles it.
  func step(nanoseconds: Int64? = nil) {
    _ = try? poller.wait(nanoseconds: nanoseconds) { token, isReadable, isWritable in
      mesh.handle(token: token, isReadable: isReadable, isWritable: isWritable)
    }
  }

  func arrived(from peer: MachineID, reading: UInt64, content: MessageContent) { arrivedCount += 1 }
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {}
  func linked(to peer: MachineID) {}
  func lostLink(to peer: MachineID, reason: FrameError?) {}
  func refused(origin: String, reason: String) {}
}
