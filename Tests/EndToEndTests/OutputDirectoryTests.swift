import SystemCalls
import TestSupport
import Testing

/// The placement of a run's directory, and what a run never touches.
@Suite("The output directory", .ownThreads)
struct OutputDirectoryTests {
  private static let short = ["run", "--duration", "50ms", "--seed", "7", "--quiet"]

  @Test("By default it is in runs, named for its start and seed, and latest points to the newest")
  func defaultDirectory() throws {
    let directory = try TemporaryDirectory()
    var names: [String] = []
    for _ in 1...2 {
      let outcome = try BuiltTool.scalemodel.run(Self.short, in: directory.path)
      #expect(
        outcome.output.wholeMatch(
          of: /runs\/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z-seed7(-2)?\n/) != nil)
      names.append(FileSystem.lastPart(of: String(outcome.output.dropLast())))
      let latest = FileSystem.resolved(directory.path + "/runs/latest")
      #expect(latest.map { FileSystem.lastPart(of: $0) } == names.last)
      #expect(outcome.exitCode == 0)
    }
    #expect(Set(names).count == 2)
    #expect(try FileSystem.entries(directory.path + "/runs") == (names + ["latest"]).sorted())
  }

  @Test("Runs begun together with one seed get a directory each")
  func together() throws {
    let directory = try TemporaryDirectory()
    let tools = try (1...4).map { _ in
      try BuiltTool.scalemodel.start(Self.short, in: directory.path)
    }
    let outcomes = tools.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == [0, 0, 0, 0])
    #expect(Set(outcomes.map(\.output)).count == 4)
  }

  @Test("A file or folder in place of runs/latest stays")
  func latestTaken() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.makeDirectory(directory.path + "/runs")
    let mine = try directory.write("mine", to: "runs/latest")
    let outcome = try BuiltTool.scalemodel.run(Self.short, in: directory.path)
    #expect(
      outcome.error.hasPrefix("scalemodel: warning: no link 'latest' beside the run: "))
    #expect(outcome.exitCode == 0)
    #expect(try FileSystem.contents(mine) == Array("mine".utf8))
  }

  @Test("A run elsewhere leaves its surroundings alone")
  func elsewhere() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.short + ["--output", directory.run.path + "//"])
    #expect(outcome.output == directory.run.path + "\n")
    #expect(try FileSystem.entries(directory.path) == ["run"])
    #expect(
      try FileSystem.entries(directory.run.path)
        == ["machine-0.csv", "machine-1.csv", "machine-2.csv", "run.json"])
  }

  @Test("A nonempty one is refused, and left unchanged")
  func notEmpty() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("mine", to: "notes.txt")
    let outcome = try BuiltTool.scalemodel.run(Self.short + ["--output", directory.path])
    #expect(
      outcome.error == "scalemodel: error: the output directory '\(directory.path)' is not empty; "
        + "choose another with --output, or --force to overwrite the run in it\n")
    #expect(outcome.output == "")
    #expect(outcome.exitCode == 73)
    #expect(try FileSystem.entries(directory.path) == ["notes.txt"])
  }

  @Test("--force overwrites the files of the run in it and nothing else")
  func force() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let call = Self.short + ["--output", path, "--force"]
    #expect(try BuiltTool.scalemodel.run(call + ["--machines", "5"]).exitCode == 0)
    for name in ["snapshots", "analysis", "mine"] {
      try FileSystem.makeDirectory("\(path)/\(name)")
      _ = try directory.write("old", to: "run/\(name)/file")
    }
    _ = try directory.write("mine", to: "run/machine-notes.csv")
    #expect(try BuiltTool.scalemodel.run(call).exitCode == 0)
    #expect(
      try FileSystem.entries(path) == [
        "machine-0.csv", "machine-1.csv", "machine-2.csv", "machine-notes.csv", "mine", "run.json",
      ])
    #expect(try FileSystem.contents("\(path)/machine-notes.csv") == Array("mine".utf8))
    #expect(try FileSystem.entries("\(path)/mine") == ["file"])
  }

  @Test("--force removes no folder without a run")
  func forceWithoutRun() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.makeDirectory(directory.path + "/analysis")
    _ = try directory.write("mine", to: "analysis/thesis.txt")
    let outcome = try BuiltTool.scalemodel.run(
      Self.short + ["--force", "--output", directory.path])
    #expect(outcome.exitCode == 0)
    #expect(try FileSystem.entries(directory.path + "/analysis") == ["thesis.txt"])
  }

  @Test("One that cannot be made is an error with the reason")
  func cannotBeMade() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("mine", to: "file")
    for (path, subject) in [(file, file), ("\(file)/run", "\(file)/run")] {
      let outcome = try BuiltTool.scalemodel.run(Self.short + ["--output", path])
      #expect(
        outcome.error == "scalemodel: error: cannot create the output directory '\(subject)': "
          + "Not a directory; choose another with --output\n")
      #expect(outcome.exitCode == 73)
    }
    #expect(try FileSystem.contents(file) == Array("mine".utf8))
  }

  @Test("One without write permission is an error before anything runs")
  func notWritable() throws {
    // `/proc` takes no new files, not even from root.
    let outcome = try BuiltTool.scalemodel.run(Self.short + ["--output", "/proc/run"])
    #expect(
      outcome.error == "scalemodel: error: cannot create the output directory '/proc/run': "
        + "No such file or directory; choose another with --output\n")
    let inside = try BuiltTool.scalemodel.run(
      Self.short + ["--force", "--output", "/proc/self"])
    #expect(inside.error.hasPrefix("scalemodel: error: cannot create '/proc/self/run.json': "))
    #expect(isOneLine(inside.error))
    #expect([outcome.exitCode, inside.exitCode] == [73, 73])
  }
}
