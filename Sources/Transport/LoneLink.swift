import LogicalTime
import SystemCalls

/// One link to a machine of a mesh, for whoever stands in for its peer.
///
/// It dials, says the peer's hello, and from then on is the other end of the machine's link: the
/// same frames, in the same order. It never waits: its owner's loop tells it when the descriptor is
/// ready (``handle``) and when to write what has gathered (``flush()``).
package final class LoneLink {
  /// What comes on the link.
  package enum Arrival: Hashable, Sendable {
    /// The machine has said hello: it is a link from here on.
    case linked
    case message(reading: UInt64, amount: Int64?)
    case marker(initiator: MachineID, number: UInt32)
    case letter([UInt8])
  }

  private let descriptor: Descriptor
  private let poller: Poller
  private let token: UInt64
  /// The machine at the other end.
  private let machine: MachineID
  private let reader = FrameReader(byteCountMax: Letters.frameByteCountMax)
  private let outgoing = OutgoingQueue()
  private var letters = Letters()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var isConnecting = true
  private var isLinked = false
  private var waitsToWrite = true
  private var isOpen = true

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
    self.poller = poller
    self.token = token
    descriptor = try Socket.connect(host: endpoint.host, port: endpoint.port)
    _ = WireMessage.hello(hello).append(to: outgoing)
    do throws(SystemError) {
      try poller.add(descriptor, token: token, writes: true)
    } catch {
      descriptor.end()
      throw error
    }
  }

  deinit {
    end()
    buffer.deallocate()
  }

  /// Ends the link.
  package func end() {
    guard isOpen else { return }
    isOpen = false
    poller.remove(descriptor)
    descriptor.end()
  }

  /// Puts a message on the link; it leaves at the next ``flush()``.
  ///
  /// - Returns: Whether there was room for it.
  package func send(_ message: WireMessage) -> Bool { message.append(to: outgoing) }

  /// Puts a letter on the link, behind the letters before it.
  package func post(_ letter: [UInt8]) { letters.post(letter) }

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
    guard isOpen else { return false }
    if isWritable {
      if isConnecting, let failure = Socket.connectFailure(of: descriptor) {
        throw .broken(reason: failure.reason)
      }
      isConnecting = false
      flush()
    }
    guard isReadable else { return true }
    // Whoever sends without a pause must not starve the others.
    for _ in 0..<8 {
      let outcome = try reader.read(from: descriptor, through: buffer) {
        frame throws(FrameError) in
        if let arrival = try arrival(frame) { take(arrival) }
      }
      switch outcome {
      case .drained: return true
      case .ended: return false
      case .more: break
      }
      if !isOpen { return false }
    }
    return true
  }

  private func arrival(_ frame: UnsafeRawBufferPointer) throws(FrameError) -> Arrival? {
    if isLinked && frame.first == Letters.kind {
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
    guard isOpen, !isConnecting else { return }
    do throws(SystemError) {
      repeat {
        letters.fill(outgoing)
        try outgoing.write(to: descriptor)
      } while outgoing.isEmpty && !letters.isEmpty
      guard waitsToWrite == outgoing.isEmpty else { return }
      waitsToWrite = !outgoing.isEmpty
      try poller.change(descriptor, token: token, reads: true, writes: waitsToWrite)
    } catch {
      // Reading on tells of the end.
      waitsToWrite = false
      try? poller.change(descriptor, token: token, reads: true, writes: false)
    }
  }
}
