import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import VirtualTime

/// The law of the model: the means of many runs of a minute.
///
/// The expected figures are those of independent simulations; the means of 300 runs scatter by less
/// than the tolerances here. The runs are always the same ones.
@Suite("Same law: means of many runs")
struct FluidModelTests {
  /// The jumps of every machine's clock, as sums.
  private struct JumpJournal: SimulationJournal {
    var hasFailed: Bool { false }
    var latest: [UInt64]
    var largest: [UInt64]
    var sums: [UInt64]
    var counts: [UInt64]

    init(machineCount: Int) {
      latest = Array(repeating: 0, count: machineCount)
      largest = latest
      sums = latest
      counts = latest
    }

    mutating func append<Work: Workload>(
      _ event: Event, of machine: MachineID, at: RunTime, payload: Work.Payload?,
      workload: Work, fields: WorkloadFields<Work>
    ) {
      let index = machine.index
      if latest[index] > 0 {
        let jump = event.reading - latest[index]
        largest[index] = max(largest[index], jump)
        sums[index] += jump
        counts[index] += 1
      }
      latest[index] = event.reading
    }
  }

  /// The means of one machine over the runs.
  struct Means {
    var queue: Double
    var clock: Double
    var jump: Double
    var jumpMax: Double
  }

  @Test(
    "Queues, clocks and jumps after a minute",
    arguments: [
      (
        [1, 3, 6],
        [
          Means(queue: 30.8, clock: 238, jump: 3.97, jumpMax: 16.8),
          Means(queue: 0.3, clock: 357, jump: 1.99, jumpMax: 13.4),
          Means(queue: 0, clock: 360, jump: 1.00, jumpMax: 1.1),
        ]
      ),
      (
        [1, 6, 6],
        [
          Means(queue: 60.6, clock: 192, jump: 3.21, jumpMax: 13.1),
          Means(queue: 0.1, clock: 387, jump: 1.07, jumpMax: 2),
          Means(queue: 0.1, clock: 387, jump: 1.07, jumpMax: 2),
        ]
      ),
      (
        [2, 4, 6],
        [
          Means(queue: 1.75, clock: 356, jump: 2.97, jumpMax: 14.9),
          Means(queue: 0.14, clock: 361, jump: 1.50, jumpMax: 9.4),
          Means(queue: 0.05, clock: 363, jump: 1.01, jumpMax: 2),
        ]
      ),
      (
        [4, 5, 6],
        [
          Means(queue: 0.31, clock: 370, jump: 1.54, jumpMax: 7.9),
          Means(queue: 0.18, clock: 371, jump: 1.24, jumpMax: 5.3),
          Means(queue: 0.10, clock: 372, jump: 1.03, jumpMax: 2),
        ]
      ),
      (
        [1, 1, 1],
        [Means](repeating: Means(queue: 0.17, clock: 67.7, jump: 1.13, jumpMax: 2.4), count: 3)
      ),
    ] as [([Int], [Means])])
  func agreesOnAverage(rates: [Int], expected: [Means]) throws {
    let runCount = LongTests.areOn ? 300 : 100
    var sums = rates.map { _ in Means(queue: 0, clock: 0, jump: 0, jumpMax: 0) }
    for seed in 0..<UInt64(runCount) {
      let plan = try Plans.plan(rates: rates, seed: seed)
      var simulation = Simulation(
        plan: plan, workload: Chatter(dieSides: 10),
        journal: JumpJournal(machineCount: rates.count))
      simulation.advance(to: .never)
      let journal = simulation.journal
      for (index, end) in simulation.summary.machines.enumerated() {
        // The inbox at the end, including arrivals after the machine's last event.
        sums[index].queue += Double(simulation[MachineID(index)].inbox.count)
        sums[index].clock += Double(end.clock)
        sums[index].jump += Double(journal.sums[index]) / Double(journal.counts[index])
        sums[index].jumpMax += Double(journal.largest[index])
      }
    }
    for (sum, means) in zip(sums, expected) {
      let count = Double(runCount)
      #expect(abs(sum.queue / count - means.queue) < 0.3 + means.queue * 0.07)
      #expect(abs(sum.clock / count - means.clock) < means.clock * 0.02)
      #expect(abs(sum.jump / count - means.jump) < means.jump * 0.03)
      #expect(abs(sum.jumpMax / count - means.jumpMax) < 0.25 + means.jumpMax * 0.06)
    }
  }
}
