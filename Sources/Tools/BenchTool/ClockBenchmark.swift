import LogicalTime
import ScaleModel
import SystemCalls

/// Stamps per second of the logical clocks, with given physical time, on one core.
struct ClockBenchmark: Benchmark {
  static let name = "clocks"
  static let summary = "stamps per second and bytes per stamp of the logical clocks"

  private let repetitions = 5
  private let eventCount = 1 << 22

  init(options: BenchmarkOptions) {}

  func measure() throws -> [BenchmarkTable] {
    [hybridClocks(), otherClocks(), try besideOthers()]
  }

  /// The hybrid clock by itself, as a program that embeds it uses it.
  private func hybridClocks() -> BenchmarkTable {
    let rows = [2, 1000, 1_000_000].map { count in
      // Drawn before the clock starts, and passed through several times.
      var random = SplitMix64(state: 3)
      let pairs = (0..<1 << 20).map { _ in
        (
          source: Int32(random.draw(below: UInt64(count))),
          target: Int32(random.draw(below: UInt64(count)))
        )
      }
      var speeds: [Double] = []
      for _ in 0..<repetitions {
        var clocks = [HybridClock](repeating: HybridClock(), count: count)
        var time: Int64 = 0
        let start = SystemClock.monotonicNanoseconds
        clocks.withUnsafeMutableBufferPointer { clocks in
          for _ in 0..<eventCount * 4 / pairs.count {
            for pair in pairs {
              time += 1
              let (source, target) = (Int(pair.source), Int(pair.target))
              clocks[source].tick(at: time >> 2)
              clocks[target].tick(at: time >> 3, receiving: clocks[source])
            }
          }
        }
        let nanoseconds = SystemClock.monotonicNanoseconds - start
        speeds.append(Double(eventCount * 8) / Double(nanoseconds) * 1000)
      }
      return [
        "\(count) clocks", Figure.text(Figure.median(speeds)), count == 1000 ? ">= 50.0" : "",
      ]
    }
    return BenchmarkTable(
      title: "clocks: million stamps per second of hybrid clocks in random order",
      columns: ["", "million stamps/s", "asked"], rows: rows,
      notes: ["half of the stamps are of sends, half of receipts; medians of \(repetitions)"])
  }

  /// All clocks through the one protocol that they share, of 10 and 100 machines.
  private func otherClocks() -> BenchmarkTable {
    var table = BenchmarkTable(
      title: "clocks: million stamps per second through CausalClock, and bytes per stamp",
      columns: ["", "10 machines", "bytes", "100 machines", "bytes"], rows: [], notes: [])
    func add(_ name: String, _ clock: (MachineID, Int) -> some CausalClock, max: Int = 100) {
      let cells = [10, 100].flatMap { count in
        count > max
          ? ["-", "-"] : figures((0..<count).map { clock(MachineID($0), count) })
      }
      table.rows.append([name] + cells)
    }
    add("Lamport") { _, _ in LamportClock() }
    add("vector") { VectorClock(machineCount: $1) }
    add("matrix", { MatrixClock(of: $0, machineCount: $1) }, max: 10)
    add("hybrid") { _, _ in HybridClock() }
    add("hybrid vector") { _, _ in HybridVectorClock() }
    add("plausible, 8 entries") { id, _ in PlausibleClock(of: id, entryCount: 8) }
    add("Bloom, 64 cells, 2 hashes") { _, _ in BloomClock(cellCount: 64, hashCount: 2) }
    let trees = [10, 100].map { IntervalTreeClock().forked(into: $0) }
    add("interval tree") { trees[$1 == 10 ? 0 : 1][$0.index] }
    return table
  }

  /// Our clocks beside those of PyPI's packages, on the same messages.
  private func besideOthers() throws -> BenchmarkTable {
    var table = BenchmarkTable(
      title: "clocks: million stamps per second beside packages of PyPI, "
        + "\(ReferenceClocks.clockCount) clocks",
      columns: ["", "clocks", "scalemodel", "package", "ratio"], rows: [], notes: [])
    for other in ReferenceClocks.allCases {
      guard let result = other.carryOut() else {
        table.notes.append("left out: python3 has no \(other.package) (pip install it)")
        continue
      }
      let ours = try other.ours(expecting: result.sum)
      table.rows.append([
        other.package, other.kind, Figure.text(ours),
        Figure.text(result.millionPerSecond, digits: 3),
        Figure.text(ours / result.millionPerSecond, digits: 0),
      ])
    }
    table.notes.append(
      "without Python's start; given the same physical times both end with the same stamps, or "
        + "this fails; hlcpy reads the time itself")
    return table
  }

  /// The speed and the mean size: each machine sends, and another receives at once.
  private func figures<Clock: CausalClock>(_ clocks: [Clock]) -> [String] {
    var (clocks, numbers) = (clocks, [UInt64](repeating: 0, count: clocks.count))
    var random = SplitMix64(state: 3)
    var (sendCount, byteCount, nanoseconds) = (0, 0, Int64(0))
    // A stretch of 1,000 sends at a time, until there is a tenth of a second.
    while nanoseconds < 100_000_000 {
      let pairs = (0..<1000).map { _ in
        (
          MachineID(Int(random.draw(below: UInt64(clocks.count)))),
          MachineID(Int(random.draw(below: UInt64(clocks.count))))
        )
      }
      let start = SystemClock.monotonicNanoseconds
      for (source, target) in pairs {
        sendCount += 1
        for machine in [source, target] {
          numbers[machine.index] += 1
          clocks[machine.index].advance(
            for: ClockedEvent(
              machine: machine, number: numbers[machine.index],
              physicalTime: Int64(sendCount) * 1000, uncertainty: 20_000),
            receiving: machine == source ? nil : clocks[source.index])
        }
      }
      nanoseconds += SystemClock.monotonicNanoseconds - start
      byteCount += pairs.reduce(0) { $0 + clocks[$1.0.index].byteCount }
    }
    return [
      Figure.text(Double(sendCount * 2) / Double(nanoseconds) * 1000, digits: 2),
      Figure.text(Double(byteCount) / Double(sendCount)),
    ]
  }
}
