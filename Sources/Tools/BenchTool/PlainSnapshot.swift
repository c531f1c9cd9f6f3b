import RunControl
import ScaleModel
import SystemCalls
import Transport

/// The messages of a snapshot between plain threads that do nothing else: what no machine can beat.
///
/// There are as many threads as machines, with the same links, the same pollers and the same busy
/// polling. They keep no state and write no journal.
enum PlainSnapshot {
  /// The sizes of the messages on control links, in bytes; a marker is a frame of the mesh.
  private static let commandByteCount = 20
  private static let reportByteCount = 95

  /// Measures such snapshots, one at a time.
  ///
  /// - Parameters:
  ///   - machineCount: How many threads there are besides the caller's.
  ///   - count: How many snapshots they take.
  ///   - intervalNanoseconds: The time between two starts.
  /// - Returns: The median time from a command to the last report, in microseconds.
  /// - Throws: `SystemError` when the system has too little for the sockets or threads.
  static func medianMicroseconds(
    machineCount: Int, count: Int64, intervalNanoseconds: Int64
  ) throws -> Double {
    let controls = try (0..<machineCount).map { _ in try Socket.pair() }
    var links = Array(repeating: [Descriptor](), count: machineCount)
    for one in 0..<machineCount {
      for other in 0..<one {
        let (near, far) = try PlainSocket.connectedPair()
        links[one].append(near)
        links[other].append(far)
      }
    }
    let threads = try controls.indices.map { index in
      let (control, peers) = (controls[index].1, links[index])
      return try SystemThread { serve(control, peers, machineCount) }
    }
    let poller = try Poller()
    for (index, control) in controls.enumerated() {
      try poller.add(control.0, token: UInt64(index))
    }
    var latencies: [Double] = []
    var due = MonotonicInstant.now
    for number in 0..<Int(count) {
      due = due + TimeSpan(nanoseconds: intervalNanoseconds)
      while .now < due { try poller.wait(until: due) { _, _, _ in } }
      latencies.append(try latency(of: controls.map(\.0), by: number % machineCount, poller))
    }
    for (control, _) in controls { control.end() }
    for thread in threads { thread.join() }
    for descriptor in controls.map(\.1) + links.joined() { descriptor.end() }
    return Figure.median(latencies)
  }

  /// Commands one snapshot and waits for all reports; returns how long that took, in microseconds.
  private static func latency(
    of controls: [Descriptor], by initiator: Int, _ poller: Poller
  ) throws -> Double {
    let start = MonotonicInstant.now
    var alertness = alertness(of: controls.count)
    alertness.stir(at: start)
    send(commandByteCount, to: controls[initiator])
    var awaitedByteCount = controls.count * reportByteCount
    while awaitedByteCount > 0 {
      try wait(poller, alertness, isBusy: true) { token in
        awaitedByteCount -= read(from: controls[Int(token)]) ?? awaitedByteCount
      }
    }
    return Double(MonotonicInstant.now.since(start).nanoseconds) / 1000
  }

  /// Takes part in snapshots, until the control link ends.
  private static func serve(_ control: Descriptor, _ peers: [Descriptor], _ machineCount: Int) {
    guard let poller = try? Poller() else { return }
    for (index, descriptor) in ([control] + peers).enumerated() {
      try? poller.add(descriptor, token: UInt64(index))
    }
    var alertness = alertness(of: machineCount)
    var (isOpen, isRecording, openCount) = (true, false, 0)
    while isOpen {
      var records = false
      try? wait(poller, alertness, isBusy: isRecording) { token in
        guard let count = read(from: token == 0 ? control : peers[Int(token) - 1]) else {
          isOpen = false
          return
        }
        if count == 0 { return }
        if !isRecording { (records, isRecording, openCount) = (true, true, peers.count) }
        if token > 0 { openCount -= 1 }
        alertness.stir(at: .now)
      }
      if records { for peer in peers { send(PlainSocket.frameByteCount, to: peer) } }
      guard isRecording, openCount == 0 else { continue }
      isRecording = false
      send(reportByteCount, to: control)
    }
  }

  private static func alertness(of machineCount: Int) -> BusyPollPolicy {
    BusyPollPolicy(machineCount: machineCount, processorCount: HostFacts.current.cpus)
  }

  private static func wait(
    _ poller: Poller, _ alertness: BusyPollPolicy, isBusy: Bool, _ body: (UInt64) -> Void
  ) throws {
    let isAlert = alertness.isAlert(at: .now, whileWaiting: isBusy)
    if isAlert { SystemThread.yield() }
    try poller.wait(until: isAlert ? .now : .never) { token, _, _ in body(token) }
  }

  private static func send(_ byteCount: Int, to descriptor: Descriptor) {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 7)
      try? descriptor.writeAll(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Reads what has arrived; returns how many bytes, or nil at the end.
  private static func read(from descriptor: Descriptor) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: 1 << 10, alignment: 1) { bytes in
      switch try? descriptor.readAvailable(into: bytes) {
      case .bytes(let count): count
      case .wouldBlock: 0
      case .ended, nil: nil
      }
    }
  }
}
