import RunRecord
import SystemCalls
import TestSupport
import Testing

/// `run --jobs`, as users call it.
@Suite("Virtual time on several threads", .ownThreads)
struct JobsToolTests {
  private static let plan =
    "run --runtime virtual --machines 1000 --topology random:4 --duration 3s --seed 7 --quiet "
    + "--on-failure continue --kill 1s@5 --snapshot-at 1500ms --journal off"

  private func run(
    _ words: String, in directory: TemporaryDirectory
  ) throws -> ToolProcess.Outcome {
    let all = "\(Self.plan) \(words) --force --output \(directory.run.path)"
    return try BuiltTool.scalemodel.run(all.split(separator: " ").map(String.init))
  }

  @Test(
    "Any number of threads gives the same manifest and snapshot",
    arguments: ["5ms", "5ms...20ms", "1ns"])
  func sameBytes(delay: String) throws {
    let directory = try TemporaryDirectory()
    func files(_ jobs: String) throws -> [[UInt8]] {
      let outcome = try run("--delay \(delay) --jobs \(jobs)", in: directory)
      #expect(outcome.exitCode == 0 && !outcome.error.contains("instead of"))
      return try ["run.json", "snapshots/0-1.json"].map {
        try FileSystem.contents(directory.run.path + "/" + $0)
      }
    }
    let alone = try files("1")
    for jobs in LongTests.first(1, of: ["3", "2", "16"]) { #expect(try files(jobs) == alone) }
  }

  @Test(
    "Without a least delay it stays on one thread, and says so",
    arguments: ["", "--delay ~50ms", "--delay 0ms...5ms"])
  func oneThread(words: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run("\(words) --jobs 2", in: directory)
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.error.contains(
        "scalemodel: warning: 1 thread instead of 2: a message may arrive at once, because "
          + "--delay has no least time\n"))
    #expect(!(try run(words, in: directory).error.contains("instead of")))
  }

  @Test(
    "Other numbers, and wall time, are refused",
    arguments: [
      ("--jobs 0", "--jobs: '0' is not possible; expected a whole number from 1 to 16"),
      ("--jobs 10000", "--jobs: '10000' is not possible; expected a whole number from 1 to 16"),
      ("--runtime threads --jobs 2", "--jobs needs virtual time; add --runtime virtual"),
    ])
  func refused(words: String, message: String) throws {
    let outcome = try BuiltTool.scalemodel.run(
      ["run"] + (words.contains("--runtime") ? [] : ["--runtime", "virtual"])
        + words.split(separator: " ").map(String.init))
    #expect(outcome.exitCode == 64)
    #expect(outcome.error == "scalemodel: error: \(message)\n")
  }

  @Test("On one processor it gives the same bytes")
  func oneProcessor() throws {
    let directory = try TemporaryDirectory()
    func manifest(afterShell preparation: String) throws -> [UInt8] {
      let words = "\(Self.plan) --delay 5ms --jobs 3 --force --output \(directory.run.path)"
      let outcome = try BuiltTool.scalemodel.run(
        afterShell: preparation, words.split(separator: " ").map(String.init))
      #expect(outcome.exitCode == 0 && !outcome.error.contains("instead of"))
      return try FileSystem.contents(directory.run.path + "/run.json")
    }
    #expect(
      try manifest(afterShell: "taskset -cp 0 $$ >/dev/null 2>&1") == manifest(afterShell: ""))
  }

  @Test("Ctrl-C ends windows of a century at once, files whole", .long)
  func interrupted() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let words =
      "run --runtime virtual --machines 8 --rates 1000,900,800,700,600,500,400,300 --jobs 3 "
      + "--delay 1s --duration 36500d --quiet --output \(run.path)"
    let tool = try BuiltTool.scalemodel.start(words.split(separator: " ").map(String.init))
    #expect(waitUntil { (FileSystem.byteCount(run.path + "/machine-0.csv") ?? 0) > 0 })
    let outcome = tool.interrupt()
    #expect(outcome.exitCode == 130 && outcome.error == "")
    #expect(try run.manifest.status == "interrupted")
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(try run.manifest.machines.map(\.ticks) == journals.map(\.lines.count))
  }

  @Test("A run is repeated on any number of threads")
  func again() throws {
    let directory = try TemporaryDirectory()
    #expect(try run("--delay 5ms --jobs 2", in: directory).exitCode == 0)
    let path = directory.run.path + "-again"
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--again", directory.run.path, "--jobs", "3", "--output", path, "--quiet"])
    #expect(outcome.exitCode == 0)
    #expect(
      try FileSystem.contents(path + "/run.json")
        == FileSystem.contents(directory.run.path + "/run.json"))
  }
}
