import SystemCalls
import TestSupport
import Testing

/// `--snapshot-algorithm` in every runtime, with the tools as built.
@Suite("Snapshot algorithms by the tools", .ownThreads)
struct SnapshotAlgorithmToolTests {
  private static let run = [
    "run", "--rates", "40,50,60", "--seed", "5", "--die", "5", "--duration", "3s", "--delay",
    "~30ms", "--quiet",
  ]

  /// The verdicts' words of a run, by check.
  private static func verdicts(_ run: FinishedRun) throws -> [String: String] {
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
    var verdicts: [String: String] = [:]
    for line in check.output.split(separator: "\n") {
      let words = line.split(separator: ":", omittingEmptySubsequences: false)
      verdicts[words[1].dropFirst().description] = words[2].dropFirst().description
    }
    return verdicts
  }

  /// A column of a run's `snapshots.csv`, as analysed into its directory.
  private static func column(_ name: String, _ run: FinishedRun) throws -> [String] {
    let outcome = try BuiltTool.analyze.run([run.path, "--output", "\(run.path)/analysis"])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let rows = String(
      decoding: try FileSystem.contents("\(run.path)/analysis/snapshots.csv"), as: UTF8.self
    ).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let index = try #require(rows.first?.firstIndex(of: name))
    return rows.dropFirst().map { $0[index] }
  }

  @Test(
    "Lai–Yang and Mattern are exact without order",
    arguments: LongTests.first(1, of: ["threads", "processes", "virtual"]),
    ["lai-yang", "mattern"])
  func exact(runtime: String, algorithm: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--order", "none", "--snapshot-algorithm", algorithm]
        + ["--snapshot-every", "300ms", "--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let verdicts = try Self.verdicts(run)
    #expect(verdicts["cut"] == "ok" && verdicts["channels"] == "ok")
    #expect(verdicts["delivery"] == "not claimed" && verdicts["manifest"] == "ok")
    let statuses = try Self.column("status", run)
    #expect(statuses.count { $0 == "complete" } >= 3, "\(statuses)")
    let wrong = try Self.column("wrong_messages", run)
    #expect(zip(statuses, wrong).allSatisfy { $0 == "complete" ? $1 == "0" : $1.isEmpty })
    #expect(Set(try Self.column("algorithm", run)) == [algorithm])
    let costs = try Self.column(
      algorithm == "mattern" ? "control_messages" : "history_bytes", run)
    #expect(costs.contains { (Int($0) ?? 0) > 4 })
    let journal = String(
      decoding: try FileSystem.contents("\(run.path)/machine-0.csv"), as: UTF8.self)
    #expect(journal.split(separator: "\n").first?.hasSuffix(",message,snapshot_round") == true)
  }

  @Test(
    "Naive snapshots claim nothing", arguments: LongTests.first(1, of: ["processes", "virtual"]))
  func naive(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--snapshot-algorithm", "naive"]
        + ["--snapshot-spread", "400ms", "--snapshot-every", "500ms", "--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let verdicts = try Self.verdicts(run)
    #expect(verdicts["cut"] == "not claimed" && verdicts["channels"] == "not claimed")
    #expect(verdicts["delivery"] == "ok")
    let statuses = try Self.column("status", run)
    #expect(statuses.contains("complete"))
    #expect(Set(try Self.column("control_messages", run).filter { !$0.isEmpty }).contains("2"))
    #expect(try Self.column("missed", run).contains { (Int($0) ?? 0) > 0 })
  }

  @Test(
    "A state that the machine did not record fails the check of cuts, whatever they claim",
    arguments: ["chandy-lamport", "lai-yang", "mattern", "naive", "synchronised"])
  func wrongState(algorithm: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", "virtual", "--snapshot-algorithm", algorithm]
        + ["--snapshot-every", "500ms", "--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try BuiltTool.analyze.run([run.path, "--check"]).exitCode == 0)
    try RunDamage.shell(
      "f=$(ls '\(run.path)'/snapshots/*.json | head -1); "
        + "sed -i.old -E '0,/\"tick\" ?: ?[0-9]+/s//\"tick\": 99999/' \"$f\" && rm \"$f.old\"")
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 1)
    #expect(check.output.contains("cut: FAILED '\(run.path)/machine-"), "\(check.output)")
    #expect(check.output.contains("; the file says 99999"), "\(check.output)")
  }

  @Test(
    "Markers that wait for ticks make exact snapshots",
    arguments: LongTests.first(1, of: ["processes", "virtual"]))
  func waitingMarkers(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--runtime", runtime, "--marker-handling", "tick", "--snapshot-every", "500ms"]
        + ["--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let verdicts = try Self.verdicts(run)
    #expect(Set(verdicts.filter { $0.key != "money" }.values) == ["ok"], "\(verdicts)")
    #expect(Set(try Self.column("inbox_messages", run)).subtracting([""]) == ["0"])
    #expect(try Self.column("channel_messages", run).contains { (Int($0) ?? 0) > 0 })
  }

  @Test(
    "What an algorithm cannot do is refused, with the remedy",
    arguments: [
      (["--snapshot-algorithm", "mattern", "--loss", "0.1"], "the count never ends"),
      (["--snapshot-algorithm", "mattern", "--duplicate", "0.1"], "lai-yang"),
      (["--snapshot-algorithm", "lai-yang", "--snapshot-spread", "1s"], "naive"),
      (["--snapshot-algorithm", "naive", "--marker-handling", "tick"], "is for markers"),
      (["--snapshot-algorithm", "lamport"], "naive, lai-yang, mattern or synchronised"),
    ])
  func refused(words: [String], text: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + words + ["--runtime", "virtual", "--output", directory.run.path])
    #expect(outcome.exitCode == 64)
    #expect(outcome.error.contains(text), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count <= 2)
  }
}
