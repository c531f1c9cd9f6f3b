import LogicalTime
import SystemCalls

/// A peer of a mesh that lives in the same loop, as the proxy of a foreign machine does.
package protocol LocalPeer: AnyObject {
  /// A message or marker arrived from the mesh's machine.
  func arrived(_ message: WireMessage)
  /// A fragmented message arrived from the mesh's machine, whole.
  func arrivedFragmented(_ message: [UInt8])
}

/// A link of a mesh to a peer in the same loop: calls both ways, and no connection.
///
/// What the machine sends waits in the link's queue like any other's, and reaches the peer at the
/// mesh's ``Mesh/flush()``, after the journal's lines. What the peer sends arrives at once.
package final class LocalLink: Link {
  private weak var mesh: Mesh?
  private weak var receiver: (any LocalPeer)?

  init(to peer: MachineID, _ receiver: any LocalPeer, of mesh: Mesh) {
    self.mesh = mesh
    self.receiver = receiver
    super.init(to: peer, outgoing: OutgoingQueue())
  }

  /// Sends the machine a message or marker.
  package func send(_ message: WireMessage) { mesh?.receive(message, on: self) }

  /// Sends the machine's supervisor a note.
  package func send(note: [UInt8]) { mesh?.receive(note: note, on: self) }

  /// Ends the link; does nothing when it has ended.
  package func end() { mesh?.end(self) }

  override func write() throws(SystemError) {
    // The mesh's own frames are well formed.
    outgoing.takeFrames { frame in
      if let message = try? WireMessage(frame) { receiver?.arrived(message) }
    }
    for message in fragments.takeWaiting() { receiver?.arrivedFragmented(message) }
  }
}

extension Mesh {
  /// Links a peer in this loop, as if it had dialled and shown this run's token and plan.
  ///
  /// - Parameters:
  ///   - peer: The machine that the peer is.
  ///   - receiver: What it hears with; not owned.
  /// - Returns: The peer's end of the link.
  /// - Throws: ``FrameError/broken(reason:)`` when ``LinkPolicy`` rejects it.
  package func link(
    _ peer: MachineID, to receiver: any LocalPeer
  ) throws(FrameError) -> LocalLink {
    var hello = policy.hello
    hello.id = peer
    if let rejection = policy.rejection(of: hello, dialled: nil) {
      throw .broken(reason: "\(rejection.refusal)")
    }
    let link = LocalLink(to: peer, receiver, of: self)
    add(link, to: peer)
    observer?.linked(to: peer)
    return link
  }

  /// The peer at the other end of a link that has not ended.
  private func peer(of link: LocalLink) -> MachineID? {
    link.peer.flatMap { links[$0.index] === link ? $0 : nil }
  }

  fileprivate func receive(_ message: WireMessage, on link: LocalLink) {
    guard let peer = peer(of: link), let observer else { return }
    do throws(FrameError) {
      try Self.take(message, from: peer, for: observer)
    } catch {
      end(link, because: error)
    }
  }

  fileprivate func receive(note: [UInt8], on link: LocalLink) {
    if let peer = peer(of: link) { observer?.arrivedFragmented(from: peer, note) }
  }

  fileprivate func end(_ link: LocalLink, because reason: FrameError? = nil) {
    guard let peer = peer(of: link) else { return }
    unlink(peer, isDialled: false, now: .now)
    observer?.lostLink(to: peer, reason: reason)
  }
}
