import ScaleModel
import Snapshots
import Testing

@testable import RunControl

/// No client is told what may be undone.
@Suite("Answers that wait for a snapshot")
struct HeldAnswersTests {
  private func answer(_ tick: UInt64) -> HandAnswer {
    .state(StateReport(machine: 0, values: [], tick: tick, clock: tick))
  }

  @Test("A complete snapshot covers what was answered before the machine recorded, and no more")
  func covered() {
    var held = HeldAnswers()
    let (first, second) = (
      SnapshotID(initiator: 1, number: 1), SnapshotID(initiator: 0, number: 1)
    )
    held.hold(1, answer(1))
    held.hold(2, answer(2))
    held.recorded(first)
    held.hold(3, answer(3))
    held.recorded(second)
    held.hold(4, answer(4))
    #expect(held.ended(first, isComplete: true).map(\.number) == [1, 2])
    #expect(held.ended(first, isComplete: true).isEmpty)
    let covered = held.ended(second, isComplete: true)
    #expect(covered.map(\.number) == [3] && covered[0].answer == answer(3))
    #expect(!held.isEmpty)
  }

  @Test("A partial snapshot covers nothing; at the machine's end no answer is given")
  func refused() {
    var held = HeldAnswers()
    let id = SnapshotID(initiator: 0, number: 1)
    held.hold(1, answer(1))
    held.recorded(id)
    #expect(held.ended(id, isComplete: false).isEmpty)
    let rest = held.end()
    #expect(rest.map(\.number) == [1] && rest[0].answer == .refused(.notCovered))
    #expect(held.isEmpty && held.end().isEmpty)
  }
}
