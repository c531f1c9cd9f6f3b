import LogicalTime
import RunControl
import ScaleModel

/// Decides which machine dials which and when, and which hellos are rejected: a value without a
/// socket or a clock.
///
/// Of two machines the one with the larger id dials, or the one that listens nowhere.
struct LinkPolicy {
  /// Why a hello is rejected: the code for the other side, and the reason for this one.
  typealias Rejection = (refusal: Refusal, reason: String)

  /// The identity of this machine, and its run.
  let hello: WireMessage.Hello
  /// The machines it shares a channel with, ascending.
  let peers: [MachineID]
  /// How the machines' hosts are linked; nil when all are on one.
  let hostLinks: HostLinks?
  /// Whether this machine dials lost links again; true only before the run begins.
  var linksAgain = false
  /// Whether there is a link to each machine of the run, indexed by id.
  private(set) var isLinked: [Bool]
  /// How often each machine was dialled, indexed by id.
  private var dialCounts: [Int]
  /// The peers to dial again, in the order their dials failed.
  private var redials: [(peer: MachineID, time: MonotonicInstant)] = []

  static let redialPause = TimeSpan.milliseconds(20)
  /// A peer that rejected this machine is dialled again only after 500 ms.
  static let rejectedRedialPause = TimeSpan.milliseconds(500)

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

  /// The peers without a link, ascending.
  var missingPeers: [MachineID] { peers.filter { !isLinked[$0.index] } }

  // MARK: Dialling

  /// Whether this machine dials the peer; otherwise the peer dials this machine.
  func dials(_ peer: MachineID) -> Bool {
    peer < hello.id && hostLinks?.diallers.contains(peer) != true
  }

  /// Counts a dial; returns the index of the address to try, each time the peer's next one.
  mutating func nextAddress(of peer: MachineID, count: Int) -> Int {
    defer { dialCounts[peer.index] += 1 }
    return dialCounts[peer.index] % count
  }

  /// Schedules another dial, after one that led to no link.
  mutating func dialFailed(_ peer: MachineID, isRejected: Bool, now: MonotonicInstant) {
    let wait = isRejected ? Self.rejectedRedialPause : Self.redialPause
    redials.append((peer, now + wait))
  }

  /// Schedules another dial after one that may get no answer.
  ///
  /// Each waits twice as long as the one before, 640 ms at most, so that hellos never crowd out the
  /// answers.
  mutating func repeatDial(of peer: MachineID, now: MonotonicInstant) {
    let wait = TimeSpan(
      nanoseconds: Self.redialPause.nanoseconds << Int64(min(dialCounts[peer.index], 5)))
    dialCounts[peer.index] += 1
    redials.append((peer, now + wait))
  }

  /// When the next dial is due; `.never` when none is.
  var nextRedial: MonotonicInstant { redials.map(\.time).min() ?? .never }

  /// Removes and returns the peers to dial now, in the order their dials failed.
  mutating func takeRedials(now: MonotonicInstant) -> [MachineID] {
    defer { redials.removeAll { $0.time <= now } }
    return redials.filter { $0.time <= now }.map(\.peer)
  }

  // MARK: Links

  /// Records that there is a link to a peer.
  mutating func linked(to peer: MachineID) { isLinked[peer.index] = true }

  /// Records that the link to a peer has ended; schedules a dial if `isDialled` by this machine.
  mutating func unlinked(from peer: MachineID, isDialled: Bool, now: MonotonicInstant) {
    isLinked[peer.index] = false
    if linksAgain && isDialled { dialFailed(peer, isRejected: false, now: now) }
  }

  // MARK: Hellos

  /// Decides whether a hello is accepted.
  ///
  /// - Parameters:
  ///   - other: The other side's hello.
  ///   - dialled: The peer that this machine dialled; nil when the other side dialled.
  /// - Returns: Why it is rejected; nil when the connection becomes a link.
  func rejection(of other: WireMessage.Hello, dialled: MachineID?) -> Rejection? {
    guard other.token == hello.token else { return (.wrongToken, "it has another run's token") }
    guard peers.contains(other.id) else {
      return (.notAPeer, "machine \(other.id) is not one of our peers")
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

  /// Decides whether a control client's hello is accepted; nil when it is.
  func rejection(ofClient clientHello: WireMessage.Hello) -> Rejection? {
    guard clientHello.token == hello.token else {
      return (.wrongToken, "it has another run's token")
    }
    guard hostLinks != nil else {
      return (.noClients, "it is a control client, and a run on one host accepts none here")
    }
    guard clientHello.id == hello.id else {
      return (.wrongMachine, "it looks for machine \(clientHello.id)")
    }
    return clientHello.planDigest == hello.planDigest
      ? nil : (.anotherPlan, "it has another cluster file")
  }
}
