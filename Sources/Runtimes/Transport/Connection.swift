import LogicalTime
import RunControl
import SystemCalls

/// One TCP connection of a mesh: to an unknown program at first, a link once both have said hello.
final class Connection {
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
  /// The stream's own queue, at hand without an indirection: every message of a run goes into one.
  let outgoing: OutgoingQueue
  let role: Role
  /// The other end's address, as `host:port`.
  let origin: String
  /// When it was opened, on the monotonic clock.
  let since: MonotonicInstant

  /// The socket behind the stream.
  var descriptor: Descriptor { stream.descriptor }

  /// The peer at the other end; nil before its hello.
  var peer: MachineID?
  /// Why the peer rejects this machine; nil when it does not.
  var refusal: Refusal?
  let reader = FrameReader(byteCountMax: WireMessage.helloByteCount)
  /// The supervisors' notes, which travel beside the messages between hosts.
  var fragments = FragmentedMessages()
  /// Whether the connection is still being made.
  var isConnecting: Bool
  /// Whether it is in the mesh's list of links to write to.
  var isUnwritten = false

  init(_ descriptor: Descriptor, role: Role, origin: String, since: MonotonicInstant) {
    stream = PolledStream(descriptor)
    outgoing = stream.outgoing
    self.role = role
    self.origin = origin
    self.since = since
    isConnecting = role != .accepted
  }
}
