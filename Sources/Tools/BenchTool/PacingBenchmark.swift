import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// The punctuality of ticks: ours against sleeping loops, in the same minute at the same rates.
struct PacingBenchmark: Benchmark {
  static let name = "pacing"
  static let summary = "punctuality of ticks compared with sleeping loops and cyclictest"

  let options: BenchmarkOptions
  private let rates = [1, 3, 6]
  private var duration: TimeSpan { options.duration ?? .seconds(60) }

  init(options: BenchmarkOptions) {
    self.options = options
  }

  func measure() throws -> [BenchmarkTable] {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(directory) }
    let tool = FileSystem.parentPath(of: ThisProcess.executablePath) + "/scalemodel"
    // All loops run in the same minute, with offset starts so that equal deadlines do not coincide.
    let ours = try ["threads", "processes"].map { runtime in
      try ToolProcess(tool, arguments(runtime: runtime, directory: directory))
    }
    let loops = try SleepLoop.Kind.allCases.map { kind in
      try SleepLoop.start(kind, rates: rates, duration: duration)
    }
    let cyclictest = CyclicTest(duration: duration)
    var rows: [[String]] = []
    for (runtime, process) in zip(["threads", "processes"], ours) {
      let outcome = process.finish(seconds: duration.seconds + 30)
      guard outcome.exitCode == 0 else {
        throw ToolFailure(.failed, "scalemodel run failed: \(outcome.error)")
      }
      rows.append(try row(ofRunIn: RunDirectory(path: "\(directory)/\(runtime)"), name: runtime))
    }
    for loop in loops { rows.append(loop.finish().row(name: loop.kind.name)) }
    if let cyclictest { rows.append(try cyclictest.row()) }
    return [
      BenchmarkTable(
        title: "pacing: lateness of ticks, machines at 1, 3 and 6 a second, \(duration)",
        columns: ["loop", "ticks", "p50 us", "p99 us", "max us", "worst rate error ppm"],
        rows: rows,
        notes: cyclictest == nil ? ["cyclictest is not installed (Debian: rt-tests)"] : [])
    ]
  }

  private func arguments(runtime: String, directory: String) -> [String] {
    [
      "run", "--quiet", "--runtime", runtime, "--rates",
      rates.map { "\($0)" }.joined(separator: ","), "--duration", "\(duration)", "--output",
      "\(directory)/\(runtime)",
    ]
  }

  private func row(ofRunIn directory: RunDirectory, name: String) throws -> [String] {
    let manifest = try Manifest.read(from: directory)
    let start = manifest.startTimeNs ?? 0
    var lateness = Lateness()
    for machine in manifest.machines {
      let ticks = try Self.tickTimes(in: directory.journalPath(of: machine.id))
      lateness.add(times: ticks.map { $0 - start }, rate: machine.rateHz)
    }
    return lateness.row(name: "scalemodel, \(name)")
  }

  /// The system time of each tick of a journal, in order.
  private static func tickTimes(in path: String) throws -> [Int64] {
    let text = String(decoding: try FileSystem.contents(path), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().compactMap { line in
      Int64(line.split(separator: ",")[1])
    }
  }
}

/// How late ticks were.
struct Lateness {
  private var microseconds: [Double] = []
  private var worstRateError = 0.0

  /// Adds the ticks of one machine.
  ///
  /// - Parameters:
  ///   - times: The times of ticks 1, 2, 3…, in nanoseconds since the start.
  ///   - rate: The ticks due per second.
  mutating func add(times: [Int64], rate: Int) {
    let late = times.enumerated().map { index, time in
      Double(time - TickTime.due(tick: UInt64(index + 1), rate: rate).nanoseconds)
    }
    microseconds += late.map { $0 / 1000 }
    let error = Self.slope(of: late, over: times.map { Double($0) }) * 1e6
    if error.magnitude > worstRateError.magnitude { worstRateError = error }
  }

  /// The figures as a table row.
  func row(name: String) -> [String] {
    let sorted = microseconds.sorted()
    return [
      name, "\(sorted.count)", Figure.text(Figure.percentile(50, of: sorted), digits: 2),
      Figure.text(Figure.percentile(99, of: sorted)), Figure.text(sorted.last ?? .nan),
      Figure.text(worstRateError, digits: 2),
    ]
  }

  /// The least-squares slope.
  private static func slope(of values: [Double], over times: [Double]) -> Double {
    let count = Double(times.count)
    let meanTime = times.reduce(0, +) / count
    let meanValue = values.reduce(0, +) / count
    var covariance = 0.0
    var variance = 0.0
    for (time, value) in zip(times, values) {
      covariance += (time - meanTime) * (value - meanValue)
      variance += (time - meanTime) * (time - meanTime)
    }
    return variance > 0 ? covariance / variance : 0
  }
}
