import LogicalTime
import RunControl

/// Decides which machine dials which and when, and which hellos are rejected: a value without a
/// socket or a clock.
///
/// Of two machines the one with the larger id dials, or the one that listens nowhere. Times are
/// readings of the monotonic clock, in nanoseconds.
struct LinkPolicy {
  /// Why a hello is rejected: in the words for the other side, and in those for this one.
  typealias Rejection = (refusal: Refusal, reason: String)

  /// The identity of this machine, and its run.
  let hello: WireMessage.Hello
  /// The machines it shares a channel with, ascending.
  let peers: [MachineID]
  /// How the machines' hosts are linked; nil when all are on one.
  let hostLinks: HostLinks?
  /// Whether lost links are made again: until the run begins.
  var linksAgain = false
  /// Whether there is a link to each machine of the run, by its id.
  private var isLinked: [Bool]
  /// How often each machine was dialled, by its id.
  private var dialCounts: [Int]
  /// The peers to dial again, in the order their dials failed.
  private var redials: [(peer: MachineID, time: Int64)] = []

  static let redialNanoseconds: Int64 = 20_000_000
  /// A peer that rejected us is not dialled again at once.
  static let rejectedRedialNanoseconds: Int64 = 500_000_000

  /// Makes the policy of a machine without links.
  init(
    hello: WireMessage.Hello, peers: [MachineID], machineCount: Int, hostLinks: HostLinks?
  ) {
    self.hello = hello
    self.peers = peers
    self.hostLinks = hostLinks
    isLinked = Array(repeating: false, count: machineCount)
    dialCounts = Array(repeating: 0, count: machineCount)
  }

  /// The peers there is no link to, ascending.
  var missingPeers: [MachineID] { peers.filter { !isLinked[$0.index] } }

  // MARK: Dialling

  /// Whether this machine dials a peer, and not the peer this machine.
  func dials(_ peer: MachineID) -> Bool {
    peer < hello.id && hostLinks?.diallers.contains(peer) != true
  }

  /// Counts a dial, and chooses the address for it: each time the next of the peer's.
  mutating func nextAddress(of peer: MachineID, count: Int) -> Int {
    defer { dialCounts[peer.index] += 1 }
    return dialCounts[peer.index] % count
  }

  /// Takes in that a dial led to no link.
  mutating func dialFailed(_ peer: MachineID, isRejected: Bool, now: Int64) {
    let wait = isRejected ? Self.rejectedRedialNanoseconds : Self.redialNanoseconds
    redials.append((peer, now + wait))
  }

  /// When a peer is to be dialled next; nil when none is.
  var nextRedial: Int64? { redials.map(\.time).min() }

  /// Takes out the peers to dial now, in the order they failed.
  mutating func takeRedials(now: Int64) -> [MachineID] {
    defer { redials.removeAll { $0.time <= now } }
    return redials.filter { $0.time <= now }.map(\.peer)
  }

  // MARK: Links

  /// Takes in that there is a link to a peer.
  mutating func linked(to peer: MachineID) { isLinked[peer.index] = true }

  /// Takes in that the link to a peer has ended, which this machine had dialled or not.
  mutating func unlinked(from peer: MachineID, isDialled: Bool, now: Int64) {
    isLinked[peer.index] = false
    if linksAgain && isDialled { dialFailed(peer, isRejected: false, now: now) }
  }

  // MARK: Hellos

  /// Decides on a hello.
  ///
  /// - Parameters:
  ///   - other: What the other side says.
  ///   - dialled: The peer that was dialled; nil when the other side dialled.
  /// - Returns: Why it is rejected; nil when the connection is a link.
  func rejection(of other: WireMessage.Hello, dialled: MachineID?) -> Rejection? {
    guard other.token == hello.token else { return (.wrongToken, "it has another run's token") }
    guard peers.contains(other.id) else {
      return (.notAPeer, "machine \(other.id) is none of our peers")
    }
    guard other.planDigest == hello.planDigest else {
      return (
        .anotherPlan,
        "machine \(other.id) runs another plan; give every machine the same cluster file"
      )
    }
    if let dialled, dialled != other.id {
      return (.wrongMachine, "machine \(other.id) answers for machine \(dialled)")
    }
    if dialled == nil, dials(other.id) {
      return (.wrongWay, "machine \(other.id) dials, but we dial it")
    }
    return isLinked[other.id.index]
      ? (.linkedAlready, "machine \(other.id) is linked already") : nil
  }

  /// Decides on a client that asks for this machine; nil when it is admitted.
  func rejection(ofVisit clientHello: WireMessage.Hello) -> Rejection? {
    guard clientHello.token == hello.token else {
      return (.wrongToken, "it has another run's token")
    }
    guard hostLinks != nil else { return (.noClients, "it is a client, and this run has none") }
    guard clientHello.id == hello.id else {
      return (.wrongMachine, "it looks for machine \(clientHello.id)")
    }
    return clientHello.planDigest == hello.planDigest
      ? nil : (.anotherPlan, "it has another cluster file")
  }
}
