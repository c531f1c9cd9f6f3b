import SystemCalls
import TestSupport
import Testing

/// `scalemodel sweep`, from the file to the tables.
@Suite("Sweeps", .ownThreads)
struct SweepTests {
  @Test("Killed half-way and resumed, or done in four parts: the same tables, byte for byte", .long)
  func sameTables() throws {
    let fixture = try SweepFixture(SweepFixture.manyRuns)
    let count = SweepFixture.manyRunsCount
    let whole = try fixture.sweep("whole")
    #expect(whole.error == "")
    #expect(whole.exitCode == 0)
    #expect(whole.output.contains("\n\(count) runs of trial finished · up to "))
    let tables = try fixture.tables("whole")

    let killed = try BuiltTool.scalemodel.start(fixture.words("killed"))
    #expect(
      killed.wait(seconds: deadlineSeconds) {
        (try? fixture.runs("killed").count > count / 3) == true
      })
    killed.process.signal(SIGKILL)
    _ = killed.finish()
    try #require(try fixture.runs("killed").count < count)
    // The remains of a run killed in the middle of a line.
    let first = try fixture.runs("killed")[0].path
    try FileSystem.remove(first + "/run.json")
    try FileSystem.replace(first + "/machine-0.csv", with: "tick,system_time_ns\n1,")
    let resumed = try fixture.sweep("killed", ["--resume"])
    #expect(resumed.error == "")
    #expect(resumed.output.contains("\(count) runs of trial finished, "))
    #expect(resumed.output.contains(/, [1-9][0-9]* of them before ·/))
    #expect(try fixture.tables("killed") == tables)

    for part in 1...4 {
      let outcome = try fixture.sweep("part-\(part)", ["--shard", "\(part)/4"])
      #expect(outcome.output.contains("\n\(count / 4) runs of trial finished"))
      let copy = try ToolProcess(
        "/bin/cp", ["-r", fixture.output("part-\(part)") + "/.", fixture.output("merged")])
      #expect(copy.finish().exitCode == 0)
    }
    #expect(try fixture.tables("merged") == tables)
    let repeated = try fixture.sweep("merged", ["--resume"])
    #expect(repeated.output.contains("\(count) runs of trial finished, \(count) of them before"))
  }

  @Test("The command from --list does exactly what the sweep does")
  func list() throws {
    let fixture = try SweepFixture(
      """
      "repetitions": 2, "options": { "runtime": "virtual", "duration": "3s" },
      "axes": { "delay": ["~50ms", 0], "snapshot_every": ["1s"] }
      """)
    let list = try fixture.sweep("listed", ["--list"])
    #expect(!FileSystem.exists(fixture.output("listed")))
    let lines = list.output.split(separator: "\n").map(String.init)
    try #require(lines.count == 5)
    #expect(
      lines[0].split(separator: " ").joined(separator: " ")
        == "run delay snapshot_every repetition seed command")
    #expect(try fixture.sweep("swept").exitCode == 0)
    for line in lines.dropFirst() {
      let words = try #require(line.firstRange(of: "scalemodel ")).upperBound
      let call = try ToolProcess(
        "/bin/bash", ["--norc", "-c", "'\(BuiltTool.scalemodel.path)' \(line[words...])"])
      #expect(call.finish(seconds: deadlineSeconds).exitCode == 0)
    }
    let comparison = try ToolProcess(
      "/usr/bin/diff",
      [
        "-r", fixture.output("listed"), fixture.output("swept"), "-x", "experiment.json", "-x",
        "sweep.*",
      ])
    #expect(comparison.finish().output == "")
  }

  @Test("A wall-time sweep reports the pace of every machine, and the next commands", .long)
  func pacing() throws {
    let fixture = try SweepFixture(
      """
      "repetitions": 2, "options": { "duration": "1s", "rates": "20,40" },
      "axes": { "runtime": ["threads", "processes", "virtual"] }
      """)
    let outcome = try fixture.sweep("paced")
    #expect(outcome.exitCode == 0)
    let path = fixture.output("paced")
    #expect(outcome.output.hasPrefix("\(path)\n\nmeans over runs: "))
    #expect(outcome.output.contains("\n\ntick-rate error in parts per million\n\n"))
    let rows = outcome.output.matches(
      of: /(\S+-runtime=(?:threads|processes)-r[12])(?: +[+-][0-9]+\.[0-9]{2}){3}\n/)
    #expect(
      rows.map { String($0.1) } == [
        "0001-runtime=threads-r1", "0002-runtime=threads-r2", "0003-runtime=processes-r1",
        "0004-runtime=processes-r2",
      ])
    #expect(outcome.output.contains(/\nworst: [+-][0-9.]+ ppm \(machine [01] of 000[1-4]-/))
    #expect(outcome.output.contains("\n6 runs of trial finished · up to 8 at once · "))
    #expect(
      outcome.output.hasSuffix(
        "\n\nanalyze \(path) --output \(path)/analysis\n"
          + "analyze \(path) --notebook notebook/trial.md\n"))
    #expect(
      try fixture.runs("paced").map { try $0.manifest.status }
        == Array(repeating: "finished", count: 6))
  }

  @Test("--only and the variables of a batch scheduler choose runs")
  func parts() throws {
    let fixture = try SweepFixture(
      "\"repetitions\": 10, \"options\": { \"duration\": \"1s\", \"runtime\": \"virtual\" }")
    #expect(try fixture.sweep("parts", ["--only", "3"]).exitCode == 0)
    #expect(try fixture.sweep("parts", ["--only", "9...10", "--resume"]).exitCode == 0)
    #expect(
      try fixture.runs("parts").map { FileSystem.lastPart(of: $0.path) } == [
        "0003-r3", "0009-r9", "0010-r10",
      ])
    let array = try BuiltTool.scalemodel.run(
      afterShell: "export SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4",
      fixture.words("array", ["--resume"]))
    #expect(array.error == "scalemodel: part 2/4 of the sweep, by SLURM_ARRAY_TASK_ID\n")
    #expect(
      try fixture.runs("array").map { FileSystem.lastPart(of: $0.path) } == [
        "0003-r3", "0004-r4", "0005-r5",
      ])
    let again = try BuiltTool.scalemodel.run(
      afterShell: "export SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=2 SLURM_ARRAY_TASK_COUNT=1",
      fixture.words("array", ["--resume"]))
    #expect(
      again.error == "scalemodel: error: SLURM_ARRAY_TASK_ID=2, SLURM_ARRAY_TASK_MIN=2, "
        + "SLURM_ARRAY_TASK_COUNT=1 name no part of a sweep: an array of several tasks, 0, 1, 2 … "
        + "or 1, 2, 3 …, would; this may be part of one; say which part of how many, such as "
        + "--shard 2/4\n")
    #expect(again.exitCode == 64)
    let beyond = try fixture.sweep("parts", ["--only", "11", "--resume"])
    #expect(
      beyond.error
        == "scalemodel: error: --only 11: the experiment has 10 runs; see --list\n")
    #expect(beyond.exitCode == 64)
  }

  @Test("Every experiment file of this project is valid, to the last value", arguments: 1...7)
  func shipped(number: Int) throws {
    let folder = Repository.path + "/experiments"
    let names = try FileSystem.entries(folder).filter { $0.hasPrefix("0\(number)-") }
    let name = try #require(names.first)
    let outcome = try BuiltTool.scalemodel.run(["sweep", "\(folder)/\(name)", "--list"])
    #expect(outcome.error == "")
    #expect(outcome.output.split(separator: "\n").count > 5)
  }
}
