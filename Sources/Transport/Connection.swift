import LogicalTime
import SystemCalls

/// One TCP connection of a mesh: first to somebody unknown, then, after the hellos, a link.
final class Connection {
  /// Who opened it.
  enum Role: Hashable {
    /// We did, to reach this peer.
    case dialled(MachineID)
    /// The other side did.
    case accepted
  }

  let descriptor: Descriptor
  let role: Role
  /// Where it leads to, or came from, as `host:port`.
  let origin: String
  /// When it was opened, on the monotonic clock.
  let since: Int64
  var place = 0
  /// The peer behind it; nil before its hello.
  var peer: MachineID?
  /// Why the other side turns us away; nil when it does not.
  var refusal: Refusal?
  let reader = FrameReader(byteCountMax: WireMessage.helloByteCount)
  let outgoing = OutgoingQueue()
  /// What travels beside the messages, between hosts.
  var letters = Letters()
  /// Whether the connection is still being made.
  var isConnecting = false
  /// Whether the poller still waits for the connection to be made.
  var isNewlyConnected: Bool
  /// Whether the poller waits until bytes can be written.
  var waitsToWrite = false
  /// Whether it stands in the mesh's list of links to write to.
  var isUnwritten = false

  init(_ descriptor: Descriptor, role: Role, origin: String, since: Int64) {
    self.descriptor = descriptor
    self.role = role
    self.origin = origin
    self.since = since
    isNewlyConnected = role != .accepted
  }
}
