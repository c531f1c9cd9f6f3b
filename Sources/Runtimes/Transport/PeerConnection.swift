import LogicalTime
import RunControl
import SystemCalls

/// One link to a machine of a mesh, for whoever stands in for its peer.
///
/// It dials, says the peer's hello, and from then on is the other end of the machine's link: the
/// same frames, in the same order. It never waits: its owner's loop tells it when the descriptor is
/// ready (``handle``) and when to write what has gathered (``flush()``).
package final class PeerConnection {
  /// What comes on the link.
  package enum Arrival: Hashable, Sendable {
    /// The machine has said hello: it is a link from here on.
    case linked
    case message(reading: UInt64, amount: Int64?)
    case marker(initiator: MachineID, number: UInt32)
    case letter([UInt8])
  }

  private let stream: PolledStream
  /// The machine at the other end.
  private let machine: MachineID
  private let reader = FrameReader(byteCountMax: FragmentedMessages.frameByteCountMax)
  private var letters = FragmentedMessages()
  private let buffer = ReadBuffer(byteCount: 1 << 16)
  private var isConnecting = true
  private var isLinked = false

  /// Starts to dial.
  ///
  /// - Parameters:
  ///   - machine: The machine to be linked with.
  ///   - endpoint: Where it listens.
  ///   - hello: Says whom the other end is to take us for.
  ///   - poller: The owner's poller.
  ///   - token: What the poller is to call the link.
  /// - Throws: ``SystemError`` when there is no descriptor left.
  package init(
    to machine: MachineID, at endpoint: Endpoint, hello: WireMessage.Hello, poller: Poller,
    token: UInt64
  ) throws(SystemError) {
    self.machine = machine
    stream = PolledStream(try Socket.connect(host: endpoint.host, port: endpoint.port))
    _ = WireMessage.hello(hello).append(to: stream.outgoing)
    try stream.watch(with: poller, token: token, isConnecting: true)
  }

  /// Ends the link.
  package func end() { stream.end() }

  /// Puts a message on the link; it leaves at the next ``flush()``.
  ///
  /// - Returns: Whether there was room for it.
  package func send(_ message: WireMessage) -> Bool { message.append(to: stream.outgoing) }

  /// Puts a letter on the link, behind the letters before it; at the bound of what may wait the
  /// link ends.
  package func post(_ letter: [UInt8]) {
    if !letters.post(letter) { end() }
  }

  /// Handles the descriptor when the poller found it ready.
  ///
  /// - Parameters:
  ///   - isReadable: Whether something can be read.
  ///   - isWritable: Whether something can be written.
  ///   - take: Called with what came, in order.
  /// - Returns: Whether the other end is still there.
  /// - Throws: ``FrameError`` when the link is broken, or we are turned away.
  package func handle(
    isReadable: Bool, isWritable: Bool, _ take: (Arrival) -> Void
  ) throws(FrameError) -> Bool {
    guard stream.isOpen else { return false }
    if isWritable {
      if isConnecting, let failure = Socket.connectFailure(of: stream.descriptor) {
        throw .broken(reason: failure.reason)
      }
      isConnecting = false
      flush()
    }
    guard isReadable else { return true }
    // Whoever sends without a pause must not starve the others.
    for _ in 0..<8 {
      let outcome = try reader.read(from: stream.descriptor, through: buffer.bytes) {
        frame throws(FrameError) in
        if let arrival = try arrival(frame) { take(arrival) }
      }
      switch outcome {
      case .drained: return true
      case .ended: return false
      case .more: break
      }
      if !stream.isOpen { return false }
    }
    return true
  }

  private func arrival(_ frame: UnsafeRawBufferPointer) throws(FrameError) -> Arrival? {
    if isLinked && frame.first == FragmentedMessages.kind {
      return try letters.take(frame).map { .letter($0) }
    }
    switch try WireMessage(frame) {
    case .hello(let other) where !isLinked && other.id == machine:
      isLinked = true
      return .linked
    case .message(let reading, let amount) where isLinked:
      return .message(reading: reading, amount: amount)
    case .marker(let initiator, let number) where isLinked:
      return .marker(initiator: initiator, number: number)
    case .refusal(let refusal) where !isLinked:
      throw .broken(reason: "\(refusal)")
    default:
      throw .malformed
    }
  }

  /// Writes what has gathered, as far as the stream takes it.
  package func flush() {
    guard !isConnecting else { return }
    // Reading on tells of the end.
    try? stream.flush { letters.fill($0) }
  }
}
