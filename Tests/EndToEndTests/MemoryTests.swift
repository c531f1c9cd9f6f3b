import SystemCalls
import TestSupport
import Testing

/// With too little memory, a tool reports the need instead of crashing.
@Suite("Too little memory, tools as built", .ownThreads)
struct MemoryTests {
  private static func limited(_ kibibytes: Int) -> String { "ulimit -v \(kibibytes)" }

  @Test(
    "A plan that does not fit is refused in one line before anything is made: 74", .long,
    arguments: [
      (300_000, ["--machines", "1000000", "--topology", "random:4"], "1000000 machines need"),
      (512_000, ["--machines", "1000000", "--topology", "random:4"], "1000000 machines need"),
      (300_000, ["--machines", "1000000"], "1000000 machines need"),
      (512_000, ["--machines", "1000000", "--topology", "random:1000"], "machines need"),
      (512_000, ["--machines", "4096", "--snapshot-every", "100ms"], "the run needs"),
      (512_000, ["--machines", "4096", "--snapshot-at", "100ms"], "the run needs"),
      (900_000, ["--machines", "8000", "--delay", "1ms...2ms"], "the run needs"),
    ])
  func refused(kibibytes: Int, words: [String], what: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "cd '\(directory.path)'; " + Self.limited(kibibytes),
      ["run", "--runtime", "virtual", "--duration", "1s", "--output", "new"] + words)
    #expect(outcome.exitCode == 74, "\(outcome.error)")
    #expect(outcome.error.count { $0 == "\n" } == 1 && outcome.output.isEmpty)
    #expect(outcome.error.contains(what) && outcome.error.contains("(ulimit -v)"))
    #expect(!FileSystem.exists(directory.path + "/new"))
  }

  @Test("A plan that fits runs under the same limits")
  func fits() throws {
    let directory = try TemporaryDirectory()
    for words in [
      ["--rates", "2,3"], ["--machines", "5000", "--topology", "random:4", "--journal", "off"],
    ] {
      let outcome = try BuiltTool.scalemodel.run(
        afterShell: "cd '\(directory.path)'; " + Self.limited(300_000),
        ["run", "--runtime", "virtual", "--duration", "100ms", "--output", "new", "--force"]
          + words)
      #expect(outcome.exitCode == 0, "\(outcome.error)")
    }
  }

  @Test("Files that do not fit are refused by name: 74")
  func files() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.makeDirectory(directory.path + "/run")
    let manifest = directory.path + "/run/run.json"
    let made = try BuiltTool.scalemodel.run(
      afterShell: "truncate -s 400M '\(manifest)'; cd '\(directory.path)'", ["--version"])
    #expect(made.exitCode == 0)
    for (tool, words) in [
      (BuiltTool.analyze, ["run"]), (.scalemodel, ["sweep", "run/run.json", "--list"]),
    ] as [(BuiltTool, [String])] {
      let outcome = try tool.run(
        afterShell: "cd '\(directory.path)'; " + Self.limited(500_000), words)
      #expect(outcome.exitCode == 74, "\(outcome.error)")
      #expect(outcome.error.contains("run.json") && outcome.error.contains("(ulimit -v)"))
    }
  }
}
