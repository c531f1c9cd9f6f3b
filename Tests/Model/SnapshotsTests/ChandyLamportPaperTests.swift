import LogicalTime
import Snapshots
import Testing

/// The examples of the paper, built and run.
///
/// K. M. Chandy, L. Lamport, "Distributed Snapshots: Determining Global States of Distributed
/// Systems", ACM TOCS 3(1), 1985. <https://doi.org/10.1145/214451.214456>
@Suite("Chandy–Lamport 1985, the paper's examples")
struct ChandyLamportPaperTests {
  /// Process p and process q, channel c from p to q, channel c′ from q to p.
  private let p: MachineID = 0
  private let q: MachineID = 1
  private let c = ChannelID(from: 0, to: 1)
  private let cPrime = ChannelID(from: 1, to: 0)

  /// Section 2, example 2.1, figures 2 to 4: one token goes round between p and q.
  private func singleToken(initiator: MachineID) -> ModelScenario {
    ModelScenario(
      "single token", machineCount: 2, channels: [c, cPrime], balances: [1, 0],
      payments: [(p, q, 1), (q, p, 1), (p, q, 1)], initiators: [initiator])
  }

  /// Section 2, example 2.2, figures 5 to 7: p sends M, q sends M′, and neither waits for the other.
  private var nondeterministic: ModelScenario {
    ModelScenario(
      "nondeterministic", machineCount: 2, channels: [c, cPrime],
      payments: [(p, q, 10), (q, p, 10)], initiators: [p])
  }

  @Test("Section 2, example 2.1: every snapshot has one token, in one of the four places it can be")
  func singleTokenConservation() {
    var states: Set<[Int]> = []
    for initiator in [p, q] {
      let explorer = Explorer(singleToken(initiator: initiator)) { world in
        let parts = world.parts.sorted { $0.machine < $1.machine }
        let inChannels = parts.map { part in part.channels.map(\.messages.count).reduce(0, +) }
        states.insert(parts.map(\.state.balance) + inChannels)
      }
      #expect(explorer.violationCounts.isEmpty)
    }
    // In p, in q, in c′ (which p records), in c (which q records): the states of figure 4.
    #expect(states == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
  }

  @Test(
    "Section 3.1, example 3.1: recording p and c at different times doubles the token or loses it",
    arguments: [
      // p recorded with the token still there, c when the token was in it: two tokens.
      (sentBeforeRecordingP: [], recordedInC: ["token"]),
      // c recorded while the token was in p, p when it was gone: none.
      (sentBeforeRecordingP: ["token"], recordedInC: []),
    ] as [(sentBeforeRecordingP: [String], recordedInC: [String])])
  func recordingAtDifferentTimes(
    row: (sentBeforeRecordingP: [String], recordedInC: [String])
  ) {
    let account = ChannelHistory(channel: c, sent: row.sentBeforeRecordingP)
    #expect(account.violation(recorded: row.recordedInC) == .contentsDiffer(c, index: 0))
    #expect(account.violation(recorded: row.sentBeforeRecordingP) == nil)
  }

  @Test("Section 3.1, relation 3: no more can be received along a channel than was sent along it")
  func moreReceivedThanSent() {
    let account = ChannelHistory(channel: c, sent: [], received: ["token"])
    #expect(account.violation(recorded: []) == .receivedNotSent(c, index: 0))
  }

  /// Section 4, figure 7: p records and its marker stays in c while p sends M, q sends M′, and p receives
  /// M′; then the markers arrive.
  private func runOfFigure7() throws -> (ModelWorld, GlobalSnapshot<ModelWorld.State, Payment>) {
    let scenario = nondeterministic
    var world = ModelWorld(scenario)
    let onC = scenario.index(from: p, to: q)
    let onCPrime = scenario.index(from: q, to: p)
    let actions: [ModelWorld.Action] = [
      .initiate(index: 0), .pay(p), .pay(q), .deliver(channel: onCPrime),
      .deliver(channel: onC), .deliver(channel: onCPrime),
    ]
    for action in actions { world.perform(action) }
    let id = SnapshotID(initiator: p, number: 1)
    var snapshot = GlobalSnapshot<ModelWorld.State, Payment>(
      id: id, machines: [p, q], channels: scenario)
    for part in world.parts { try snapshot.add(part) }
    return (world, snapshot)
  }

  @Test("Section 4, figure 8: the recorded state holds M′ in c′ and nothing in c")
  func recordedState() throws {
    let (_, snapshot) = try runOfFigure7()
    #expect(snapshot.status == .complete)
    #expect(snapshot.part(of: p)?.state.balance == 100)
    #expect(snapshot.part(of: q)?.state.balance == 90)
    #expect(snapshot.state(of: c)?.messages.isEmpty == true)
    #expect(snapshot.state(of: cPrime)?.messages.map(\.amount) == [10])
  }

  @Test("Section 4: the recorded state is none the system was ever in")
  func recordedStateNeverOccurred() throws {
    let (world, snapshot) = try runOfFigure7()
    let theorem = TheoremOne(
      events: world.events, scenario: nondeterministic, parts: snapshot.parts)
    var replay = Replay(nondeterministic)
    #expect(!theorem.isAtSnapshot(replay))
    for event in world.events {
      let isPossible = replay.perform(event)
      #expect(isPossible)
      #expect(!theorem.isAtSnapshot(replay))
    }
  }

  @Test(
    "Section 4, theorem 1, example 4.1: but q's send, which is prerecording, could have come first")
  func theoremOne() throws {
    let (world, snapshot) = try runOfFigure7()
    let theorem = TheoremOne(
      events: world.events, scenario: nondeterministic, parts: snapshot.parts)
    // e0, p sends M; e1, q sends M′; e2, p receives M′: only e1 is prerecording.
    #expect(theorem.arePrerecording == [false, true, false])
    #expect(theorem.permuted.prerecording.map(\.machine) == [q])
    #expect(theorem.permuted.postrecording.map(\.machine) == [p, p])
    #expect(theorem.passesThroughSnapshot(finalBalances: world.balances))
  }

  @Test(
    "Section 4, theorem 1: each step of the permutation, one exchange of neighbours, is legal itself"
  )
  func exchangesAreLegal() throws {
    var exchangeCount = 0
    _ = Explorer(nondeterministic) { world in
      var snapshot = GlobalSnapshot<ModelWorld.State, Payment>(
        id: SnapshotID(initiator: 0, number: 1), machines: [0, 1], channels: world.scenario)
      for part in world.parts { #expect(throws: Never.self) { try snapshot.add(part) } }
      var theorem = TheoremOne(
        events: world.events, scenario: world.scenario, parts: snapshot.parts)
      while let index = zip(theorem.arePrerecording, theorem.arePrerecording.dropFirst())
        .enumerated().first(where: { !$0.element.0 && $0.element.1 })?.offset
      {
        var events = theorem.events
        events.swapAt(index, index + 1)
        theorem = TheoremOne(events: events, scenario: world.scenario, parts: snapshot.parts)
        var replay = Replay(world.scenario)
        let areLegal = events.map { replay.perform($0) }
        #expect(!areLegal.contains(false))
        exchangeCount += 1
      }
    }
    #expect(exchangeCount > 0)
  }

  @Test("Section 3.3: with a path from the initiator to every process, every process records")
  func termination() {
    let reachable = ChannelList([c, cPrime])
    #expect(reachable.machinesOutOfReach(of: p, among: [p, q]).isEmpty)
    let explorer = Explorer(nondeterministic)
    #expect(explorer.totals.completeCount == explorer.checkedCount)
  }
}
