import LogicalTime
import RunControl
import ScaleModel

/// The links of one machine to its peers, over whatever carries them.
///
/// They never wait: their owner's loop tells them when a descriptor is ready (``handle``) and when
/// to write what has gathered (``flush()``).
package protocol MachineLinks: AnyObject {
  /// The port it listens on.
  var port: UInt16 { get }
  /// Hears of everything that happens on the links; it owns them, so it must ``close()`` them.
  var observer: (any MeshObserver)? { get set }
  /// Whether lost links are made again; true only before the run begins.
  var linksAgain: Bool { get set }
  /// When ``handleTime(now:)`` should be called next.
  var nextTime: MonotonicInstant { get }

  /// Makes the links.
  ///
  /// - Parameter endpoints: Where each machine of the run listens, in id order.
  func connect(to endpoints: [Endpoint])
  /// Does what is due by then.
  func handleTime(now: MonotonicInstant)
  /// Handles a descriptor that the poller found ready, if its token is one of the links'.
  func handle(token: UInt64, isReadable: Bool, isWritable: Bool)
  /// Enqueues a frame for a peer; it leaves at the next ``flush()``.
  func send(_ message: WireMessage, to peer: MachineID) -> SendOutcome
  /// Enqueues a fragmented message for the supervisor of a peer.
  func enqueue(_ message: [UInt8], to peer: MachineID) -> SendOutcome
  /// Writes what waits for all peers.
  func flush()
  /// Discards what was enqueued since the last ``flush()``, but no fragmented messages.
  func discardUnflushed()
  /// Links a peer that lives in the same loop; `receiver` is not owned.
  ///
  /// - Throws: ``FrameError/broken(reason:)`` when the peer is rejected.
  func link(_ peer: MachineID, to receiver: any LocalPeer) throws(FrameError) -> LocalLink
  /// Ends the link to a peer that is dead, as its supervisor has found; over TCP it ends by itself.
  func end(with peer: MachineID)
  /// Ends all links; the observer hears nothing more.
  func close()
}

/// What became of a message.
package enum SendOutcome: Hashable, Sendable {
  /// It leaves with the next flush.
  case queued
  /// The peer's link has ended, or never was.
  case noLink
  /// The peer reads too slowly: no more bytes may wait for it.
  case tooManyBytesWait
  /// The frame has this many bytes, more than a datagram holds.
  case tooLong(byteCount: Int)
}
