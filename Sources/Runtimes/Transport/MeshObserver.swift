import LogicalTime
import RunControl
import SystemCalls

/// Hears what happens on the links of a mesh, in the order it happens.
package protocol MeshObserver: AnyObject {
  /// A message came from a peer.
  func arrived(from peer: MachineID, reading: UInt64, amount: Int64?)
  /// A marker came from a peer, on the same stream as its messages.
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32)
  /// There is a link to a peer now.
  func linked(to peer: MachineID)
  /// The link to a peer has ended; nil when the peer ended it in order, between two frames.
  func lostLink(to peer: MachineID, reason: FrameError?)
  /// Somebody who is no peer of this run was turned away.
  func refused(origin: String, reason: String)
  /// A peer that was dialled turns us away; it is dialled again.
  func turnedAway(by peer: MachineID, origin: String, because refusal: Refusal)
  /// A letter came from a peer on another host.
  func arrivedLetter(from peer: MachineID, _ letter: [UInt8])
  /// Somebody with the run's token has a request; whoever hears this owns the descriptor.
  func clientArrived(on descriptor: Descriptor)
}

extension MeshObserver {
  /// On one host nobody is turned away but strangers.
  package func turnedAway(by peer: MachineID, origin: String, because refusal: Refusal) {}
  /// On one host nobody writes letters.
  package func arrivedLetter(from peer: MachineID, _ letter: [UInt8]) {}
  /// On one host requests come through the run directory.
  package func clientArrived(on descriptor: Descriptor) { descriptor.end() }
}
