import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls

/// Virtual time on one thread and on one per processor, from ten thousand machines to ten million.
struct VirtualThreads {
  let repetitions: Int

  private static let sizes: [(machines: Int, seconds: Int)] = [
    (10_000, 200), (100_000, 20), (1_000_000, 4), (10_000_000, 1),
  ]
  /// About how much memory a machine takes while a plan is made and carried out, in bytes.
  private static let machineByteCount = 1000.0

  /// Runs with journals; the windows of the smallest are too short to be shared.
  private static let journaled: [(machines: Int, seconds: Int)] = [
    (3000, 300), (30_000, 30), (100_000, 5),
  ]

  func table() throws -> BenchmarkTable {
    let threadCount = ThreadTeam.fullMemberCount
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(directory) }
    var table = BenchmarkTable(
      title: "virtual: million ticks per second on random:4, --delay 10ms, medians of "
        + "\(repetitions), alternating",
      columns: [
        "machines", "1 thread", "\(threadCount) threads",
      ] + Figure.ratioColumns + ["asked", "bytes per machine", "bytes of messages"],
      rows: [], notes: ["both end with the same digest, or this fails"])
    for size in Self.sizes {
      let need = Self.machineByteCount * Double(size.machines)
      if let shortage = MemoryNeed(addressByteCount: need, residentByteCount: need).shortage {
        table.notes.append("\(size.machines) machines need \(shortage)")
        continue
      }
      table.rows.append(try row(size.machines, seconds: size.seconds, threadCount: threadCount))
    }
    for size in Self.journaled {
      table.rows.append(
        try row(
          size.machines, seconds: size.seconds, threadCount: threadCount,
          journalsIn: directory + "/run"))
    }
    return table
  }

  private func row(
    _ machineCount: Int, seconds: Int, threadCount: Int, journalsIn path: String? = nil
  ) throws -> [String] {
    func emptied() throws -> RunDirectory? {
      guard let path else { return nil }
      try FileSystem.removeTree(path)
      try FileSystem.makeDirectory(path)
      return RunDirectory(path: path)
    }
    var plan = VirtualPlan(
      machineCount: machineCount, topology: .random(neighbourCount: 4), seconds: seconds)
    plan.delay = .constant(TimeSpan(nanoseconds: 10_000_000))
    var (alone, together): ([Double], [Double]) = ([], [])
    var bytes = (machines: 0.0, messages: 0.0)
    // Making and removing so many files takes longer than the run.
    let isOnce = machineCount > (path == nil ? 1_000_000 : 50_000)
    for _ in 0..<(isOnce ? 1 : repetitions) {
      plan.threadCount = 1
      let one = try plan.carryOut(journalsIn: try emptied())
      plan.threadCount = threadCount
      let all = try plan.carryOut(journalsIn: try emptied())
      guard one.summary.digest == all.summary.digest else {
        throw ToolFailure(.failed, "\(machineCount) machines: \(threadCount) threads end elsewhere")
      }
      alone.append(one.millionTicksPerSecond)
      together.append(all.millionTicksPerSecond)
      bytes.machines = Double(one.summary.machineByteCount) / Double(machineCount)
      bytes.messages = Double(one.summary.messageByteCount) / Double(machineCount)
    }
    return ["\(machineCount)" + (path == nil ? "" : ", journals")]
      + [alone, together].map { Figure.text(Figure.median($0)) }
      + Figure.ratios(together, alone)
      + [
        machineCount == 1_000_000 ? ">= 1.5" : "",
        Figure.text(bytes.machines, digits: 0), Figure.text(bytes.messages, digits: 0),
      ]
  }
}
