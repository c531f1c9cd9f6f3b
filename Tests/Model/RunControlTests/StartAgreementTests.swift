import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import RunControl

@Suite("How hosts agree on the start")
struct StartAgreementTests {
  /// Answers all questions, each after its trip, until the run begins; counts them.
  private func play(
    _ trips: [MachineID: Int64], slower: Int64 = 0
  ) -> (agreement: StartAgreement, askedCount: Int) {
    var agreement = StartAgreement(with: trips.keys.sorted())
    var now: MonotonicInstant = 1000
    var waiting = agreement.begin(now: now)
    var askedCount = 0
    while let effect = waiting.first {
      waiting.removeFirst()
      guard case .ask(let machine, let number) = effect else {
        #expect(waiting.isEmpty, "beginning is the last thing to do")
        return (agreement, askedCount)
      }
      askedCount += 1
      // One question of each machine is answered at the fastest, the others later. Each machine has
      // one open question at a time, and all machines are asked at once: here all wait for it.
      now += (trips[machine] ?? 0) + (number == 3 ? 0 : slower)
      waiting += agreement.answered(by: machine, number: number, now: now)
    }
    Issue.record("It never began")
    return (agreement, askedCount)
  }

  @Test("Each machine is asked 8 times, and waits half its quickest round trip less")
  func halfTrip() {
    let (agreement, askedCount) = play([1: 400], slower: 9000)
    #expect(askedCount == 8)
    let lead = agreement.lead
    #expect(lead > .milliseconds(20))
    #expect(agreement.wait(of: 1, lead: lead).nanoseconds == lead.nanoseconds - 200)
  }

  @Test("The lead leaves time for the slowest message")
  func slowest() {
    let (agreement, askedCount) = play([1: 100, 2: 50_000_000, 3: 7])
    #expect(askedCount == 24)
    #expect(agreement.lead > .milliseconds(100))
  }

  @Test("Unexpected answers change nothing")
  func strayAnswers() {
    var agreement = StartAgreement(with: [1, 2])
    #expect(agreement.begin(now: 0) == [.ask(1, 1), .ask(2, 1)])
    #expect(agreement.answered(by: 3, number: 1, now: 5) == [])
    #expect(agreement.answered(by: 1, number: 2, now: 5) == [])
    #expect(agreement.answered(by: 1, number: 0, now: 5) == [])
    #expect(agreement.answered(by: 1, number: 1, now: 5) == [.ask(1, 2)])
    #expect(agreement.answered(by: 1, number: 1, now: 6) == [])
  }
}
