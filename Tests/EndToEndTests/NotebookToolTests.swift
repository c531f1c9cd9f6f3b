import SystemCalls
import TestSupport
import Testing

/// `analyze SWEEP --notebook PAGE` as built, on a sweep in virtual time.
@Suite("A notebook page from a sweep", .ownThreads)
struct NotebookToolTests {
  private static let experiment = """
    {"title": "Fewer sides | <b>more</b> talk", "question": "Do queues grow with messages?",
     "options": {"rates": "1,6,6", "duration": "20s", "runtime": "virtual", "snapshot_every": "5s"},
     "axes": {"die": [10, 4]}, "repetitions": 3, "base_seed": 7}
    """

  /// A project's directory with a sweep in it.
  private static func project() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try FileSystem.makeDirectory(directory.path + "/experiments")
    try FileSystem.replace(directory.path + "/experiments/02-talk.json", with: experiment)
    let outcome = try BuiltTool.scalemodel.run(
      ["sweep", "experiments/02-talk.json"], in: directory.path)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    return directory
  }

  private static func write(
    _ page: String, in directory: TemporaryDirectory
  ) throws -> ToolProcess.Outcome {
    try BuiltTool.analyze.run(["sweeps/02-talk", "--notebook", page], in: directory.path)
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(path), as: UTF8.self)
  }

  @Test("Where channels promise less, it has what snapshots have wrong, beside the laws", .long)
  func wrongMessages() throws {
    let directory = try TemporaryDirectory()
    let experiment = """
      {"title": "t", "question": "q", "base_seed": 7, "repetitions": 2,
       "options": {"runtime": "virtual", "workload": "bank", "rates": "50,50", "transfer": 0.02,
         "delay": "~1s", "duration": "200s", "snapshot_every": "10s"},
       "axes": {"order": ["fifo", "none"], "loss": [0, 0.1]}}
      """
    try FileSystem.replace(directory.path + "/02-talk.json", with: experiment)
    let sweep = try BuiltTool.scalemodel.run(["sweep", "02-talk.json"], in: directory.path)
    #expect(sweep.exitCode == 0, "\(sweep.error)")
    #expect(try Self.write("02-talk.md", in: directory).exitCode == 0)
    let page = try Self.text(directory.path + "/02-talk.md")
    let rows = page.split(separator: "\n").filter { $0.contains(/^\| (fifo|none) \| (0|0\.1) \|/) }
    let judged = rows.map { $0.split(separator: "|").map { $0.filter { $0 != " " } } }
      .filter { $0.count == 8 }
    // Loss 0.1 on two channels: 81 % complete. 0.98 sends a second on each: 1.96 wrong on average.
    #expect(judged.map { $0[0] + $0[1] } == ["fifo0", "fifo0.1", "none0", "none0.1"])
    #expect(judged.map { $0[3] } == ["–", "81%", "–", "81%"])
    #expect(judged[0][4] == "0" && judged[0][6] == "0%")
    #expect(judged.map { $0[5] } == ["–", "–", "1.96", "–"])
    #expect(judged.map { $0[6] == "–" } == [false, true, false, true])
    #expect(judged.map { $0[7] } == ["–", "–", "83.2%", "–"])
    #expect(page.contains("02-talk/wrong-messages.svg") && !page.contains("over time"))
  }

  @Test("Where algorithms are compared, it has what their snapshots cost, beside the laws", .long)
  func costs() throws {
    let directory = try TemporaryDirectory()
    let experiment = """
      {"title": "t", "question": "q", "base_seed": 7, "repetitions": 2,
       "options": {"runtime": "virtual", "workload": "bank", "rates": "50,50,50",
         "transfer": 0.25, "delay": "1s", "duration": "100s", "snapshot_every": "10s"},
       "axes": {"snapshot_algorithm": ["naive", "chandy-lamport", "lai-yang", "mattern"]}}
      """
    try FileSystem.replace(directory.path + "/02-talk.json", with: experiment)
    let sweep = try BuiltTool.scalemodel.run(["sweep", "02-talk.json"], in: directory.path)
    #expect(sweep.exitCode == 0, "\(sweep.error)")
    #expect(try Self.write("02-talk.md", in: directory).exitCode == 0)
    let page = try Self.text(directory.path + "/02-talk.md")
    let rows = page.split(separator: "\n").map { row in
      row.split(separator: "|").map { $0.filter { $0 != " " } }
    }
    let costs = rows.filter { $0.count == 7 && $0.last != "snapshotswithany" }.suffix(4)
    #expect(costs.map { $0[0] } == ["naive", "chandy-lamport", "lai-yang", "mattern"])
    #expect(costs.map { $0[2] } == ["–", "2000ms", "–", "–"])
    #expect(costs.map { $0[3] }.prefix(3) == ["2", "6", "0"])
    // 30 sends a second are 30 copies in a second's delay, and two notices each way.
    #expect(costs.map { $0[4] } == ["2", "6", "0", "34"])
    #expect(costs.map { $0[5] } == ["0", "0", "1", "1"])
    #expect(costs.map { $0[6] == "–" } == [true, true, false, true])
    #expect(page.contains("02-talk/control-messages.svg"))
  }

  @Test("The page is complete, keeps a person's prose, and is the same when rewritten")
  func page() throws {
    let directory = try Self.project()
    let outcome = try Self.write("notebook/02-talk.md", in: directory)
    #expect(outcome.exitCode == 0 && outcome.error.isEmpty)
    let folder = directory.path + "/notebook/02-talk"
    #expect(
      try FileSystem.entries(folder) == [
        "drift-final.svg", "jump-mean.svg", "machines.csv", "queue-final.svg",
        "receive-share.svg", "run-1-clock.svg", "run-1-drift.svg", "run-1-queue.svg",
        "run-4-clock.svg", "run-4-drift.svg", "run-4-queue.svg", "runs.csv",
        "snapshot-latency.svg", "snapshot-messages.svg", "snapshots.csv",
      ])
    let page = try Self.text(folder + ".md")
    for expected in [
      "# 02: Fewer sides | &lt;b>more&lt;/b> talk\n", "Do queues grow with messages?",
      "| die | varies: 10 · 4 |", ".build/release/scalemodel sweep experiments/02-talk.json\n",
      ".build/release/analyze sweeps/02-talk --notebook notebook/02-talk.md\n",
      "All 6 runs finished.", "| clock | 6 | 0 | 0 |",
      "![Queue at the end](02-talk/queue-final.svg)",
      "### Run 4 over time: die 4\n", "![Clock over time](02-talk/run-4-clock.svg)",
      "| check | ok | vacuous | FAILED |", "| die | begun by machine | complete snapshots |",
      "[`runs.csv`](02-talk/runs.csv)", "| 10 | 0 | 1 | 3 | ", "Snapshots: means of each run's",
    ] {
      #expect(page.contains(expected), "\(expected)")
    }
    #expect(try Self.text(folder + "/machines.csv").split(separator: "\n").count == 1 + 6 * 3)
    #expect(try Self.text(folder + "/runs.csv").split(separator: "\n").count == 1 + 2 * 3)

    let written = page + "\nWhat I think of it.\n"
    try FileSystem.replace(folder + ".md", with: written)
    #expect(try Self.write("notebook/02-talk.md", in: directory).exitCode == 0)
    #expect(try Self.text(folder + ".md") == written)
  }

  @Test("A damaged page is refused with its line, and nothing is written")
  func damagedPage() throws {
    let directory = try Self.project()
    let damaged = "# Mine\n<!-- scalemodel:begin plan -->\nno end\n"
    try FileSystem.replace(directory.path + "/page.md", with: damaged)
    let outcome = try Self.write("page.md", in: directory)
    #expect(outcome.exitCode == 65 && outcome.output.isEmpty)
    #expect(
      outcome.error == "analyze: error: 'page.md', line 2: section 'plan' begins and never ends; "
        + "nothing was written: correct it, or choose another\n")
    #expect(try Self.text(directory.path + "/page.md") == damaged)
    #expect(try FileSystem.entries(directory.path) == ["experiments", "page.md", "sweeps"])
  }

  @Test("An argument that is no sweep, or one of several, is refused")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let missing = try BuiltTool.analyze.run(["no", "--notebook", "page.md"], in: directory.path)
    #expect(missing.exitCode == 66)
    #expect(missing.error.hasPrefix("analyze: error: 'no' is not a sweep; give the directory"))
    let crowded = try BuiltTool.analyze.run(
      ["no", "--notebook", "page.md", "--check"], in: directory.path)
    #expect(crowded.exitCode == 64)
  }
}
