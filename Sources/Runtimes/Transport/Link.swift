import LogicalTime
import SystemCalls

/// One end of a link of a mesh: what waits to go to a peer, and how it leaves.
package class Link {
  /// The frames that wait: every message of a run goes into such a queue.
  final let outgoing: OutgoingQueue
  /// The supervisors' notes, which travel beside the messages between hosts.
  final var fragments = FragmentedMessages()
  /// The peer at the other end; nil before its hello.
  final var peer: MachineID?
  /// Whether it is in the mesh's list of links to write to.
  final var isUnwritten = false

  init(to peer: MachineID? = nil, outgoing: OutgoingQueue) {
    self.peer = peer
    self.outgoing = outgoing
  }

  /// Writes what waits, as far as the peer takes it.
  func write() throws(SystemError) {}
}
