import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

/// Virtual time against a plain C++ loop and against SimPy, on the same plans in the same run.
///
/// Of the time with journals, 40 % goes into lines, 30 % into the kernel's `write`. A thread that
/// wrote each full buffer while the next was filled made the run slower (0.45 s became 0.52 s on
/// two shared processors, 0.72 s with buffers of 256 KiB): filling a buffer again that the other
/// processor has read costs as much as copying it. Space reserved ahead of the file's end
/// (`fallocate`) would save a third of `write`, and would stay reserved when a run is killed.
struct VirtualBenchmark: Benchmark {
  static let name = "virtual"
  static let summary = "ticks per second in virtual time, compared with a C++ loop and SimPy"

  private let repetitions = 5

  init(options: BenchmarkOptions) {}

  /// A plan to compare on, and the required ratio.
  private struct Case {
    let name: String
    let plan: VirtualPlan
    let writesJournals: Bool
    let ratioAsked: Double
  }

  private static let cases = [
    Case(
      name: "3 machines", plan: VirtualPlan(rates: [1, 3, 6], seconds: 2_000_000),
      writesJournals: false, ratioAsked: 0.9),
    Case(
      name: "3 machines, journals", plan: VirtualPlan(rates: [1, 3, 6], seconds: 1_000_000),
      writesJournals: true, ratioAsked: 1.5),
    Case(
      name: "1,000 on a ring",
      plan: VirtualPlan(machineCount: 1000, topology: .ring, seconds: 3000),
      writesJournals: false, ratioAsked: 1.5),
    Case(
      name: "1,000,000 on random:4",
      plan: VirtualPlan(
        machineCount: 1_000_000, topology: .random(neighbourCount: 4), seconds: 4),
      writesJournals: false, ratioAsked: 4),
  ]

  func measure() throws -> [BenchmarkTable] {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(directory) }
    return [
      try compareWithLoop(directory: directory), try compareWithSimPy(),
      try growth(), try VirtualThreads(repetitions: repetitions).table(),
      try wholeProcess(directory: directory),
    ]
  }

  // MARK: Beside a loop in C++

  private func compareWithLoop(directory: String) throws -> BenchmarkTable {
    var table = BenchmarkTable(
      title: "virtual: million ticks per second, medians of \(repetitions), alternating",
      columns: ["", "scalemodel"] + ReferenceLoop.compilers + Figure.ratioColumns + ["asked"],
      rows: [],
      notes: [
        "all end with the same clocks, or this fails; C++: -O3 for the baseline processor, a heap "
          + "above 8; ratios to the faster one",
        "3 machines: 91 instructions a tick, g++ 82, clang++ 101; 1.2 to 1.4 branches a tick are",
        "missed by a simple predictor: the die (0.4) and whether a message waits (0.2 to 0.4)",
        "(valgrind --tool=callgrind --branch-sim=yes, the same plan with two durations)",
      ])
    let loops = try ReferenceLoop.compilers.map {
      try ReferenceLoop(by: $0, directory: directory)
    }
    for (compiler, loop) in zip(ReferenceLoop.compilers, loops) where loop == nil {
      table.notes.append("no \(compiler) in PATH or beside swift: not compared with")
    }
    for item in Self.cases {
      let speeds = try speeds(of: item, loops, directory: directory)
      let medians = speeds.map { Figure.median($0) }
      let faster = speeds.indices.dropFirst().filter { medians[$0].isFinite }
        .max { medians[$0] < medians[$1] }
      table.rows.append(
        [item.name] + medians.map { Figure.text($0) }
          + Figure.ratios(speeds[0], faster.map { speeds[$0] } ?? [])
          + [">= \(Figure.text(item.ratioAsked))"])
    }
    return table
  }

  /// In million ticks per second: ours, then those of each loop, none for one that is missing.
  private func speeds(
    of item: Case, _ loops: [ReferenceLoop?], directory: String
  ) throws -> [[Double]] {
    func journals(_ name: String) throws -> RunDirectory? {
      item.writesJournals ? try emptyFolder(name, in: directory) : nil
    }
    var speeds = [[Double]](repeating: [], count: 1 + loops.count)
    for _ in 0..<repetitions {
      let ours = try item.plan.carryOut(journalsIn: try journals("ours"))
      speeds[0].append(ours.millionTicksPerSecond)
      for (index, loop) in loops.enumerated() {
        guard let loop else { continue }
        let theirs = try loop.carryOut(item.plan, journalsIn: try journals("loop"))
        guard theirs.clockSum == ours.clockSum, theirs.tickCount == ours.tickCount else {
          throw ToolFailure(.failed, "\(item.name): \(loop.compiler)'s loop ends with other clocks")
        }
        speeds[index + 1].append(theirs.millionTicksPerSecond)
      }
    }
    return speeds
  }

  /// An empty folder for journals: overwriting the previous run's would cost as well.
  private func emptyFolder(_ name: String, in directory: String) throws -> RunDirectory {
    let path = "\(directory)/\(name)"
    try FileSystem.removeTree(path)
    try FileSystem.makeDirectory(path)
    return RunDirectory(path: path)
  }

  // MARK: Beside SimPy

  private func compareWithSimPy() throws -> BenchmarkTable {
    var table = BenchmarkTable(
      title: "virtual: million ticks per second beside SimPy, three machines",
      columns: ["", "scalemodel", "SimPy"] + Figure.ratioColumns + ["asked"], rows: [], notes: [])
    let plan = VirtualPlan(rates: [1, 3, 6], seconds: 40_000)
    var (ours, others): ([Double], [Double]) = ([], [])
    for _ in 0..<repetitions {
      guard let simPy = ReferenceSimPy.carryOut(plan) else {
        table.notes = ["python3 has no simpy: nothing to compare (pip install simpy)"]
        return table
      }
      ours.append(try plan.carryOut(journalsIn: nil).millionTicksPerSecond)
      others.append(simPy)
    }
    table.rows = [
      ["3 machines"] + [ours, others].map { Figure.text(Figure.median($0)) }
        + Figure.ratios(ours, others) + [">= 60"]
    ]
    return table
  }

  // MARK: Growth

  private func growth() throws -> BenchmarkTable {
    var rows: [[String]] = []
    for (count, seconds) in [(10, 300_000), (1000, 3000), (100_000, 30), (1_000_000, 4)] {
      let plan = VirtualPlan(
        machineCount: count, topology: .random(neighbourCount: 4), seconds: seconds)
      let result = try plan.carryOut(journalsIn: nil)
      rows.append([
        "\(count)", Figure.text(result.millionTicksPerSecond),
        Figure.text(Double(result.summary.machineByteCount) / Double(count), digits: 0),
        Figure.text(Double(result.summary.messageByteCount) / Double(count), digits: 0),
      ])
    }
    return BenchmarkTable(
      title: "virtual: growth on random:4",
      columns: ["machines", "million ticks/s", "bytes per machine", "bytes of waiting messages"],
      rows: rows, notes: ["at a million machines at most 300 bytes each are asked for"])
  }

  // MARK: The tool as a whole

  private func wholeProcess(directory: String) throws -> BenchmarkTable {
    var table = BenchmarkTable(
      title: "virtual: a minute of the default model with journals, the whole process",
      columns: ["", "min ms", "median ms", "asked"], rows: [], notes: [])
    let tool = FileSystem.parentPath(of: ThisProcess.executablePath) + "/scalemodel"
    guard FileSystem.exists(tool) else {
      table.notes = ["\(tool) is not built: swift build -c release"]
      return table
    }
    var times: [Double] = []
    for repetition in 0..<20 {
      let start = SystemClock.monotonicNanoseconds
      let outcome = try ToolProcess(
        tool,
        [
          "run", "--runtime", "virtual", "--quiet", "--seed", "7", "--output",
          "\(directory)/minute-\(repetition)",
        ]
      ).finish()
      guard outcome.exitCode == 0 else {
        table.notes = ["scalemodel run failed: \(outcome.error)"]
        return table
      }
      times.append(Double(SystemClock.monotonicNanoseconds - start) / 1e6)
    }
    table.rows = [
      [
        "scalemodel run", Figure.text(times.min() ?? .nan), Figure.text(Figure.median(times)),
        "< 30",
      ]
    ]
    return table
  }
}
