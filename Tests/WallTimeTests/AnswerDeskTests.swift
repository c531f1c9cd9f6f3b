import Snapshots
import Testing

@testable import WallTime

@Suite("Who waits for which answer")
struct AnswerDeskTests {
  /// What everybody heard, by name.
  private final class Ear {
    var heard: [String: [ControlAnswer]] = [:]
  }

  private let ear = Ear()
  private var desk = AnswerDesk()

  private func listener(_ name: String) -> AnswerDesk.Answer {
    { [ear] in ear.heard[name, default: []].append($0) }
  }

  @Test("An account's answer goes to whoever asked, once")
  mutating func accounts() {
    let first = desk.await(accountOf: 1, answer: listener("first"))
    let second = desk.await(accountOf: 1, answer: listener("second"))
    #expect(first != second)
    let state = AccountState(machine: 1, balance: 5, tick: 6, clock: 7)
    desk.pass(.state(state), to: second)
    desk.pass(.refused(.timedOut), to: second)
    desk.pass(.state(state), to: 99)
    #expect(ear.heard == ["second": [.account(state)]])
    desk.pass(.refused(.runEnded), to: first)
    #expect(
      ear.heard["first"] == [.refused(reason: "the run ended before a tick could carry it out")])
  }

  @Test("Whoever waits for a machine that dies hears of it, and nobody else does")
  mutating func death() {
    _ = desk.await(accountOf: 1, answer: listener("one"))
    let other = desk.await(accountOf: 2, answer: listener("two"))
    desk.died(1)
    desk.died(1)
    #expect(
      ear.heard == [
        "one": [
          .refused(
            reason: "machine 1 died before it answered; its journal says whether it was carried out"
          )
        ]
      ])
    desk.pass(.refused(.timedOut), to: other)
    #expect(ear.heard["two"] == [.refused(reason: "no tick could carry it out in time")])
  }

  @Test("Snapshots and accounts do not get in each other's way")
  mutating func snapshots() {
    let id = SnapshotID(initiator: 1, number: 1)
    desk.await(id, answer: listener("snapshot"))
    _ = desk.await(accountOf: 1, answer: listener("account"))
    desk.settle(SnapshotID(initiator: 1, number: 2), with: .refused(reason: "another"))
    desk.settle(id, with: .settled(id, .complete))
    desk.settle(id, with: .settled(id, .partial))
    #expect(ear.heard == ["snapshot": [.settled(id, .complete)]])
  }
}
