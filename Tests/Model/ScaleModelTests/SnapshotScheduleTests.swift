import LogicalTime
import ScaleModel
import Testing

@Suite("When snapshots are taken")
struct SnapshotScheduleTests {
  private func entry(_ seconds: Int64, _ initiator: MachineID) -> SnapshotSchedule.Entry {
    SnapshotSchedule.Entry(time: .seconds(seconds), initiator: initiator)
  }

  @Test("A plan schedules no snapshot by default")
  func empty() {
    #expect(SnapshotSchedule().isEmpty)
    #expect(SnapshotSchedule().resolved(duration: .seconds(60), machineCount: 3).isEmpty)
    #expect(!SnapshotSchedule(entries: [entry(90, 0)]).isEmpty)
    #expect(!SnapshotSchedule(interval: .seconds(90)).isEmpty)
  }

  @Test("Single and periodic snapshots are sorted by time, and none is at the end or later")
  func resolved() {
    let schedule = SnapshotSchedule(
      entries: [entry(20, 2), entry(60, 1), entry(10, 1), entry(61, 0), entry(0, 2)],
      interval: .seconds(20))
    #expect(
      schedule.resolved(duration: .seconds(60), machineCount: 3) == [
        entry(0, 2), entry(10, 1), entry(20, 0), entry(20, 2), entry(40, 1),
      ])
  }

  @Test("Each machine in turn begins a periodic snapshot")
  func turns() {
    let schedule = SnapshotSchedule(interval: .seconds(1))
    let initiators = schedule.resolved(duration: .seconds(8), machineCount: 3).map(\.initiator)
    #expect(initiators == [0, 1, 2, 0, 1, 2, 0])
  }

  @Test("The count equals the number of resolved snapshots", arguments: 0..<50)
  func count(seed: UInt64) {
    var random = SplitMix64(state: seed)
    let duration = TimeSpan(nanoseconds: 1 + Int64(random.draw(below: 200)))
    let entries = (0..<random.draw(below: 20)).map { _ in
      SnapshotSchedule.Entry(
        time: TimeSpan(nanoseconds: Int64(random.draw(below: 250))),
        initiator: MachineID(Int(random.draw(below: 3))))
    }
    let interval = TimeSpan(nanoseconds: 1 + Int64(random.draw(below: 60)))
    for schedule in [
      SnapshotSchedule(entries: entries), SnapshotSchedule(interval: interval),
      SnapshotSchedule(entries: entries, interval: interval),
    ] {
      let resolved = schedule.resolved(duration: duration, machineCount: 3)
      #expect(schedule.count(duration: duration) == resolved.count)
      #expect(resolved == resolved.sorted() && resolved.allSatisfy { $0.time < duration })
    }
  }
}
