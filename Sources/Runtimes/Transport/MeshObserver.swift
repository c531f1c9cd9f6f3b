import LogicalTime
import RunControl
import Snapshots
import SystemCalls

/// Hears what happens on the links of a mesh, in the order it happens.
package protocol MeshObserver: AnyObject {
  /// A message arrived from a peer.
  func arrived(from peer: MachineID, reading: UInt64, content: MessageContent)
  /// The same of a message whose sender is in a round of a snapshot algorithm.
  func arrived(from peer: MachineID, of round: Round, reading: UInt64, content: MessageContent)
  /// A marker arrived from a peer, on the same stream as its messages.
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32)
  /// There is a link to a peer now.
  func linked(to peer: MachineID)
  /// The link to a peer has ended; `reason` is nil when the peer ended it between two frames.
  func lostLink(to peer: MachineID, reason: FrameError?)
  /// A connection did not become a link, or could not be accepted.
  func refused(origin: String, reason: String)
  /// A peer that this machine dialled rejects it; the mesh dials it again.
  func rejected(by peer: MachineID, origin: String, because refusal: Refusal)
  /// A fragmented message arrived from the supervisor of a peer.
  func arrivedFragmented(from peer: MachineID, _ message: [UInt8])
  /// A control client with the run's token has connected; the observer owns the descriptor.
  func clientArrived(on descriptor: Descriptor)
}

extension MeshObserver {
  /// On one host no peer rejects another.
  package func rejected(by peer: MachineID, origin: String, because refusal: Refusal) {}
  /// On one host no peer sends fragmented messages.
  package func arrivedFragmented(from peer: MachineID, _ message: [UInt8]) {}
  /// On one host control clients use the socket in the run directory.
  package func clientArrived(on descriptor: Descriptor) { descriptor.end() }
}

extension MeshObserver {
  /// Takes the message for one without a round, where runs have none.
  package func arrived(
    from peer: MachineID, of round: Round, reading: UInt64, content: MessageContent
  ) {
    arrived(from: peer, reading: reading, content: content)
  }
}
