import LogicalTime
import RunControl
import SystemCalls

/// A proxy's link to one machine of a mesh.
///
/// It dials, says hello as the machine's peer, and then is the other end of the machine's link: the
/// same frames, in the same order. It never waits: its owner's loop tells it when the descriptor is
/// ready (``handle``) and when to write what has gathered (``flush()``).
package final class PeerConnection {
  /// What arrives on the link.
  package enum Arrival: Hashable, Sendable {
    /// The machine has answered the hello: the connection is a link from here on.
    case linked
    /// A message: its reading, and the values of its fields.
    case message(reading: UInt64, content: MessageContent)
    /// A marker for the snapshot that `initiator` began as its `number`-th.
    case marker(initiator: MachineID, number: UInt32)
    /// A fragmented message, whole.
    case fragmented([UInt8])
  }

  private let stream: PolledStream
  /// The machine at the other end.
  private let machine: MachineID
  private let reader = FrameReader(byteCountMax: FragmentedMessages.frameByteCountMax)
  private var fragments = FragmentedMessages()
  private let buffer = ReadBuffer(byteCount: 1 << 16)
  private var isConnecting = true
  private var isLinked = false

  /// Starts to dial.
  ///
  /// - Parameters:
  ///   - machine: The machine to link with.
  ///   - endpoint: Where it listens.
  ///   - hello: The hello of the peer that the proxy stands for.
  ///   - poller: The owner's poller.
  ///   - token: The link's token in the poller.
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

  /// Enqueues a message; it leaves at the next ``flush()``.
  ///
  /// - Returns: Whether there was room for it.
  package func send(_ message: WireMessage) -> Bool { message.append(to: stream.outgoing) }

  /// Enqueues a fragmented message, behind earlier ones; when too many bytes wait, ends the link.
  package func enqueue(_ message: [UInt8]) {
    if !fragments.enqueue(message) { end() }
  }

  /// Handles the descriptor when the poller found it ready.
  ///
  /// - Parameters:
  ///   - isReadable: Whether something can be read.
  ///   - isWritable: Whether something can be written.
  ///   - take: Called with what arrived, in order.
  /// - Returns: Whether the machine is still there.
  /// - Throws: ``FrameError`` when the link is broken, or the machine rejects the hello.
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
    // A machine that sends without a pause must not starve the others.
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
      return try fragments.receive(frame).map { .fragmented($0) }
    }
    switch try WireMessage(frame) {
    case .hello(let other) where !isLinked && other.id == machine:
      isLinked = true
      return .linked
    case .message(let reading, let content) where isLinked:
      return .message(reading: reading, content: content)
    case .marker(let initiator, let number) where isLinked:
      return .marker(initiator: initiator, number: number)
    case .refusal(let refusal) where !isLinked:
      throw .broken(reason: "\(refusal)")
    default:
      throw .malformed
    }
  }

  /// Writes what waits, as far as the stream takes it.
  package func flush() {
    guard !isConnecting else { return }
    // The next read reports the end of a broken stream.
    try? stream.flush { fragments.fill($0) }
  }
}
