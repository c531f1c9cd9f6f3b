import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// The latency of snapshots, their markers, and their cost to the machines.
struct SnapshotBenchmark: Benchmark {
  static let name = "snapshot"
  static let summary =
    "latency and markers of snapshots, compared with plain threads; how they slow the ticks"

  private let options: BenchmarkOptions
  /// The cases: machine count, snapshot count, and the interval between starts.
  private let sizes: [(machineCount: Int, snapshotCount: Int64, intervalNanoseconds: Int64)] = [
    (3, 1000, 2_000_000), (10, 200, 10_000_000), (30, 50, 40_000_000), (100, 10, 1_000_000_000),
  ]

  init(options: BenchmarkOptions) {
    self.options = options
  }

  func measure() throws -> [BenchmarkTable] { [try latencies(), try disturbance()] }

  // MARK: Latency

  private func latencies() throws -> BenchmarkTable {
    var rows: [[String]] = []
    for (machineCount, snapshotCount, interval) in sizes {
      let roundTripBefore = try PlainSocket.roundTripMicroseconds(count: 5000)
      let run = try ObservedRun(
        plan: idlePlan(
          machineCount: machineCount, interval: interval, duration: interval * (snapshotCount + 1)),
        runtime: .threads, hasJournals: true)
      let roundTripAfter = try PlainSocket.roundTripMicroseconds(count: 5000)
      let roundTrip = (roundTripBefore + roundTripAfter) / 2
      let plain = try PlainSnapshot.medianMicroseconds(
        machineCount: machineCount, count: snapshotCount, intervalNanoseconds: interval)
      let latencies = run.snapshots.map(\.latencyMicroseconds).sorted()
      let median = Figure.median(latencies)
      rows.append([
        "\(machineCount)", "\(run.snapshots.count { $0.status == .complete })",
        Figure.text(median), Figure.text(Figure.percentile(99, of: latencies)),
        Figure.text(roundTrip), Figure.text(median / roundTrip),
        Figure.text(plain), Figure.text(median / plain),
        "\(run.markerCount / max(1, UInt64(run.snapshots.count)))",
        "\(machineCount * (machineCount - 1))",
      ])
    }
    return BenchmarkTable(
      title: "snapshot: request to complete, idle machines in threads, all linked",
      columns: [
        "machines", "complete", "p50 us", "p99 us", "round trip us", "p50 in round trips",
        "plain threads us", "p50 / plain", "markers each", "channels",
      ], rows: rows,
      notes: [
        "round trip: the plain socket loop, right before and after each run; of three machines at "
          + "most 2.2 are asked for: the command, two hops and the report make 2.0",
        "a round trip is several times as long where its two threads do not share a processor",
        "plain threads: the same command, markers and reports between threads that do nothing",
        "else, right after each run; where they share a processor, the latency is the sum of all",
        "writes, reads and switches between threads, and not of two round trips",
      ])
  }

  /// Machines that tick once a second, with a snapshot each interval; times in nanoseconds.
  private func idlePlan(machineCount: Int, interval: Int64, duration: Int64) -> RunPlan {
    RunPlan(
      rates: Array(repeating: 1, count: machineCount), duration: TimeSpan(nanoseconds: duration),
      dieSides: 10, seed: 1,
      topologyChoice: .complete, topology: Topology(completeWith: machineCount), delay: .none,
      workload: .chatter, snapshots: SnapshotSchedule(interval: TimeSpan(nanoseconds: interval)))
  }

  // MARK: Disturbance

  /// Ticks per second at 20,000 each, with and without ten snapshots a second, in turn.
  private func disturbance() throws -> BenchmarkTable {
    let duration = options.duration ?? .seconds(3)
    var rates: [(with: Double, without: Double)] = []
    for _ in 0..<5 {
      rates.append(
        (
          try tickRate(interval: TimeSpan(nanoseconds: 100_000_000), duration: duration),
          try tickRate(interval: nil, duration: duration)
        ))
    }
    func row(_ name: String, _ values: [Double], digits: Int) -> [String] {
      let sorted = values.sorted()
      return [name]
        + [sorted[0], Figure.median(values), sorted[sorted.count - 1]].map {
          Figure.text($0, digits: digits)
        }
    }
    return BenchmarkTable(
      title: "snapshot: ticks a second of three machines at 20,000 each, \(duration)",
      columns: ["", "min", "median", "max"],
      rows: [
        row("with 10 snapshots a second", rates.map(\.with), digits: 0),
        row("without", rates.map(\.without), digits: 0),
        row("ratio", rates.map { $0.with / $0.without }, digits: 4),
      ], notes: ["ratio: in alternating runs, at least 0.98 is asked for"])
  }

  private func tickRate(interval: TimeSpan?, duration: TimeSpan) throws -> Double {
    let run = try ObservedRun(
      plan: RunPlan(
        rates: [20_000, 20_000, 20_000], duration: duration, dieSides: 10, seed: 1,
        topologyChoice: .complete, topology: Topology(completeWith: 3), delay: .none,
        workload: .chatter, snapshots: SnapshotSchedule(interval: interval)),
      runtime: .threads, hasJournals: true)
    return Double(run.tickCount) / (Double(run.elapsedNanoseconds) / 1e9)
  }
}
