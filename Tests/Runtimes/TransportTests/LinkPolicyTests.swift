import LogicalTime
import RunControl
import TestSupport
import Testing

@testable import Transport

@Suite("The policy of a machine's links")
struct LinkPolicyTests {
  private static let token = RunToken(high: 1, low: 2)
  private static let hosts = HostLinks(silenceMillisecondsMax: 1000, diallers: [0])

  /// Machine 2 of four, whose peers are 0, 1 and 3; on several hosts machine 0 listens nowhere.
  private static func policy(acrossHosts: Bool = false) -> LinkPolicy {
    LinkPolicy(
      hello: hello(2), peers: [0, 1, 3], machineCount: 4, hostLinks: acrossHosts ? hosts : nil)
  }

  private static func hello(
    _ id: MachineID, token: RunToken = token, digest: UInt64 = 7
  ) -> WireMessage.Hello {
    WireMessage.Hello(id: id, token: token, planDigest: digest)
  }

  @Test("The larger id dials, unless the smaller one listens nowhere")
  func direction() {
    func dialled(_ policy: LinkPolicy) -> [MachineID] { policy.peers.filter { policy.dials($0) } }
    #expect(dialled(Self.policy()) == [0, 1])
    #expect(dialled(Self.policy(acrossHosts: true)) == [1])
  }

  @Test(
    "Each hello is rejected for the first reason that holds",
    arguments: [
      (hello(1), 1, false, nil), (hello(3), nil, false, nil), (hello(0), nil, true, nil),
      (hello(9, token: RunToken(high: 1, low: 3), digest: 8), nil, false, .wrongToken),
      (hello(2), nil, false, .notAPeer), (hello(9), nil, false, .notAPeer),
      (hello(3, digest: 8), 1, false, .anotherPlan), (hello(3), 1, false, .wrongMachine),
      (hello(1), nil, true, .wrongWay), (hello(0), nil, false, .wrongWay),
    ] as [(WireMessage.Hello, MachineID?, Bool, Refusal?)])
  func hellos(
    row: (hello: WireMessage.Hello, dialled: MachineID?, acrossHosts: Bool, refusal: Refusal?)
  ) {
    let policy = Self.policy(acrossHosts: row.acrossHosts)
    #expect(policy.rejection(of: row.hello, dialled: row.dialled)?.refusal == row.refusal)
  }

  @Test("A dial that gets no answer is repeated after 20 ms, and each time after twice as long")
  func repeats() {
    var policy = Self.policy()
    let waits = (0..<8).map { _ in
      policy.repeatDial(of: 1, now: 5)
      defer { _ = policy.takeRedials(now: .never) }
      return (policy.nextRedial - 5).nanoseconds / 1_000_000
    }
    #expect(waits == [20, 40, 80, 160, 320, 640, 640, 640])
  }

  @Test("A second link of a peer is rejected until the first has ended")
  func secondLink() {
    var policy = Self.policy()
    policy.linked(to: 3)
    #expect(policy.rejection(of: Self.hello(3), dialled: nil)?.refusal == .linkedAlready)
    #expect(policy.missingPeers == [0, 1])
    policy.unlinked(from: 3, isDialled: false, now: 0)
    #expect(policy.rejection(of: Self.hello(3), dialled: nil) == nil)
    #expect(policy.missingPeers == [0, 1, 3] && policy.nextRedial == .never)
  }

  @Test(
    "A client needs the token, a run on several hosts, this machine and its plan",
    arguments: [
      (hello(2), true, nil), (hello(2), false, .noClients), (hello(1), true, .wrongMachine),
      (hello(2, digest: 8), true, .anotherPlan),
      (hello(2, token: RunToken(high: 0, low: 2)), true, .wrongToken),
    ] as [(WireMessage.Hello, Bool, Refusal?)])
  func visits(row: (clientHello: WireMessage.Hello, acrossHosts: Bool, refusal: Refusal?)) {
    let policy = Self.policy(acrossHosts: row.acrossHosts)
    #expect(policy.rejection(ofClient: row.clientHello)?.refusal == row.refusal)
  }

  @Test("A failed dial is repeated after 20 ms, one that was rejected after 500 ms")
  func redials() {
    var policy = Self.policy()
    policy.dialFailed(1, isRejected: true, now: 0)
    policy.dialFailed(0, isRejected: false, now: 5)
    #expect(policy.nextRedial == 20_000_005)
    #expect(policy.takeRedials(now: 20_000_004) == [])
    #expect(policy.takeRedials(now: 20_000_005) == [0])
    #expect(policy.nextRedial == 500_000_000)
    #expect(policy.takeRedials(now: .never) == [1])
    #expect(policy.nextRedial == .never)
  }

  @Test("A lost link is dialled again only before the run begins, and by the machine that dialled")
  func lostLinks() {
    for (linksAgain, isDialled) in [(true, true), (true, false), (false, true), (false, false)] {
      var policy = Self.policy()
      policy.linksAgain = linksAgain
      policy.linked(to: 1)
      policy.unlinked(from: 1, isDialled: isDialled, now: 0)
      #expect((policy.nextRedial != .never) == (linksAgain && isDialled))
    }
  }

  @Test("Each dial tries the next of the peer's addresses")
  func addresses() {
    var policy = Self.policy()
    #expect((0..<5).map { _ in policy.nextAddress(of: 1, count: 3) } == [0, 1, 2, 0, 1])
    #expect(policy.nextAddress(of: 0, count: 3) == 0)
  }
}
