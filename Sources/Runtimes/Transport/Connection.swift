import LogicalTime
import RunControl
import ScaleModel
import SystemCalls

/// One TCP connection of a mesh: to an unknown program at first, a link once both have said hello.
final class Connection: Link {
  /// Which side opened it.
  enum Role: Hashable {
    /// This machine did, to reach this peer.
    case dialled(MachineID)
    /// The other side did.
    case accepted

    /// The peer that we dialled; nil when the other side opened the connection.
    var dialledPeer: MachineID? { if case .dialled(let peer) = self { peer } else { nil } }
  }

  let stream: PolledStream
  let role: Role
  /// The other end's address, as `host:port`.
  let origin: String
  /// When it was opened, on the monotonic clock.
  let since: MonotonicInstant

  /// The socket behind the stream.
  var descriptor: Descriptor { stream.descriptor }

  /// Why the peer rejects this machine; nil when it does not.
  var refusal: Refusal?
  let reader = FrameReader(byteCountMax: WireMessage.helloByteCount)
  /// Whether the connection is still being made.
  var isConnecting: Bool

  init(_ descriptor: Descriptor, role: Role, origin: String, since: MonotonicInstant) {
    stream = PolledStream(descriptor)
    self.role = role
    self.origin = origin
    self.since = since
    isConnecting = role != .accepted
    super.init(outgoing: stream.outgoing)
  }

  override func write() throws(SystemError) { try stream.flush { fragments.fill($0) } }
}
