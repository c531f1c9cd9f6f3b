import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Testing

@testable import Analysis

/// The fast way to measure drift agrees with the definition, applied event by event.
@Suite("Drift")
struct DriftTests {
  private final class Rows: TimelineSink {
    var rows: [[Int64]] = []
    func add(machine: Int, clock: Int64, drift: Int64, _ detail: EventWindow.Detail) {
      rows.append([Int64(machine), detail.systemTime, clock, drift])
    }
  }

  /// Readings that rise like clocks, or leap, at times that are shared, equal or going back.
  private static func journals(seed: UInt64) -> [[JournalLine]] {
    var random = SplitMix64(seed: seed, purpose: .ticks)
    let leaps = seed % 3 == 0
    let goesBack = seed % 4 == 0
    return (0..<1 + Int(random.draw(below: 5))).map { _ in
      var line = JournalLine()
      return (0..<Int(random.draw(below: 80))).map { _ in
        line.tick += 1
        line.clock += 1 + random.draw(below: leaps ? 1_000_000 : 3)
        line.systemTime += Int64(random.draw(below: 4))
        if goesBack { line.systemTime = max(0, line.systemTime - Int64(random.draw(below: 4))) }
        return line
      }
    }
  }

  /// By the definition: the largest reading of all events up to this one.
  private static func expected(_ journals: [[JournalLine]]) -> [[Int64]] {
    let times = journals.map { lines in
      lines.indices.map { index in lines[...index].map(\.systemTime).max() ?? 0 }
    }
    return journals.indices.map { machine in
      journals[machine].indices.map { index in
        var largest: UInt64 = 0
        for other in journals.indices {
          for otherIndex in journals[other].indices {
            let isBefore =
              other == machine
              ? otherIndex <= index
              : (times[other][otherIndex], other) < (times[machine][index], machine)
            if isBefore { largest = max(largest, journals[other][otherIndex].clock) }
          }
        }
        return Int64(largest - journals[machine][index].clock)
      }
    }
  }

  private static func measure(
    _ journals: [[JournalLine]], windowNanoseconds: Int64, timeline: (any TimelineSink)?
  ) throws -> [DriftMeasure.Figures] {
    let measure = DriftMeasure(
      machineCount: journals.count, timelines: [timeline].compactMap { $0 })
    let observers = journals.indices.map { measure.observer(of: MachineID($0)) }
    var indices = journals.map { _ in 0 }
    var limit = windowNanoseconds
    while zip(indices, journals).contains(where: { $0 < $1.count }) {
      for (machine, lines) in journals.enumerated() {
        let batch = Array(lines[indices[machine]...].prefix { $0.systemTime < limit })
        indices[machine] += batch.count
        try batch.withUnsafeBufferPointer {
          try observers[machine].take(JournalBatch(lines: $0, firstLineNumber: 2))
        }
      }
      measure.endWindow()
      measure.mergeWindow()
      limit += windowNanoseconds
    }
    return measure.figures
  }

  @Test("Both algorithms follow the definition", arguments: 0..<60 as Range<UInt64>)
  func followsDefinition(seed: UInt64) throws {
    let journals = Self.journals(seed: seed)
    let expected = Self.expected(journals)
    for window in [3, 40, 1_000_000] as [Int64] {
      let rows = Rows()
      let inOrder = try Self.measure(journals, windowNanoseconds: window, timeline: rows)
      let byReading = try Self.measure(journals, windowNanoseconds: window, timeline: nil)
      for machine in journals.indices {
        #expect(inOrder[machine].sum == expected[machine].reduce(0.0) { $0 + Double($1) })
        #expect(inOrder[machine].sum == byReading[machine].sum)
        #expect(inOrder[machine].maximum == (expected[machine].max() ?? 0))
        #expect(byReading[machine].maximum == inOrder[machine].maximum)
        #expect(byReading[machine].final == (expected[machine].last ?? 0))
        #expect(inOrder[machine].final == byReading[machine].final)
        #expect(rows.rows.filter { $0[0] == Int64(machine) }.map { $0[3] } == expected[machine])
      }
    }
  }
}
