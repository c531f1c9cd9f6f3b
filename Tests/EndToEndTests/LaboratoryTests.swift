import SystemCalls
import TestSupport
import Testing

@Suite("A laboratory of one's own", .ownThreads)
struct LaboratoryTests {
  @Test(
    "scalemodel analyze is analyze, in every byte",
    arguments: [
      ["--help"], ["--version"], ["run", "--check"], ["run", "--json"], ["nowhere"], ["--chek"],
      ["run", "--possibly", "queue(0) > 0", "--lattice"],
    ])
  func analyze(words: [String]) throws {
    let directory = try TemporaryDirectory()
    let run = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--duration", "5s", "--seed", "1", "--output", "run"],
      in: directory.path)
    #expect(run.exitCode == 0)
    let alone = try directory.analyze(words)
    let inside = try BuiltTool.scalemodel.run(["analyze"] + words, in: directory.path)
    #expect(inside.exitCode == alone.exitCode)
    #expect(inside.output == alone.output)
    #expect(inside.error == alone.error)
  }

  @Test("new writes a package, and leaves what is there alone")
  func new() throws {
    let directory = try TemporaryDirectory()
    let words = ["new", "MyLab", "--package", Repository.path]
    let outcome = try BuiltTool.scalemodel.run(words, in: directory.path)
    #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
    let package = directory.path + "/MyLab"
    #expect(
      try FileSystem.entries(package) == [
        ".gitignore", "Package.swift", "README.md", "Sources", "Tests", "experiments",
      ])
    #expect(try FileSystem.entries(directory.path) == ["MyLab"])
    let manifest = String(
      decoding: try FileSystem.contents(package + "/Package.swift"), as: UTF8.self)
    #expect(manifest.contains("name: \"MyLab\"") && !manifest.contains("{"))
    #expect(manifest.contains(".package(path: \"\(Repository.path)\")"))
    let workload = try FileSystem.contents(package + "/Sources/MyLab/Rumour.swift")
    // A program of one's own refuses a workload's option that the tool has.
    let options = String(decoding: workload, as: UTF8.self).matches(of: #/"([a-z-]+)", "[A-Z]+"/#)
    let help = try BuiltTool.scalemodel.run(["run", "--help"], in: directory.path).output
    #expect(!options.isEmpty && options.allSatisfy { !help.contains("--\($0.1) ") })
    let again = try BuiltTool.scalemodel.run(words, in: directory.path)
    #expect(again.exitCode == 73 && again.error.contains("'MyLab' exists; choose another name"))
    #expect(try FileSystem.contents(package + "/Sources/MyLab/Rumour.swift") == workload)
  }

  @Test(
    "new refuses what cannot be a package, and a place without the library",
    arguments: [
      (["new"], 64, "NAME is missing"), (["new", "1a"], 64, "'1a' cannot be a package's name"),
      (["new", "../a"], 64, "cannot be"), (["new", "É"], 64, "cannot be"),
      (["new", ""], 64, "cannot be"), (["new", "swift"], 64, "cannot be"),
      (["new", "A", "--package", "."], 66, "'.' is no checkout of this library"),
    ] as [([String], Int32, String)])
  func refusals(row: (words: [String], exitCode: Int32, text: String)) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(row.words, in: directory.path)
    #expect(outcome.exitCode == row.exitCode)
    #expect(outcome.error.contains(row.text), "\(outcome.error)")
    #expect(try FileSystem.entries(directory.path) == [])
  }

  @Test("new refuses the name of every room, which is a module of the library")
  func names() throws {
    let directory = try TemporaryDirectory()
    let sources = Repository.path + "/Sources"
    for floor in try FileSystem.entries(sources) where FileSystem.isDirectory(sources + "/" + floor)
    {
      for room in try FileSystem.entries("\(sources)/\(floor)") {
        let words = ["new", room, "--package", Repository.path]
        #expect(
          try BuiltTool.scalemodel.run(words, in: directory.path).exitCode == 64, "\(room)")
      }
    }
  }

  @Test("A package made by new builds, passes its test and runs", .long)
  func builds() throws {
    let directory = try TemporaryDirectory()
    func run(_ words: [String], in folder: String, seconds: Double) throws -> ToolProcess.Outcome {
      try BuiltTool.start("/usr/bin/env", words, in: folder).finish(seconds: seconds)
    }
    let words = ["new", "MyLab", "--package", Repository.path]
    #expect(try BuiltTool.scalemodel.run(words, in: directory.path).exitCode == 0)
    let package = directory.path + "/MyLab"
    let test = try run(["swift", "test"], in: package, seconds: 3600)
    #expect(test.exitCode == 0, "\(test.output)\(test.error)")
    let lab = package + "/.build/debug/MyLab"
    for runtime in ["virtual", "processes"] {
      let plan = [
        lab, "run", "--workload", "rumour", "--eagerness", "1", "--runtime", runtime, "--rates",
        "20,20,20", "--duration", "2s", "--output", runtime,
      ]
      let outcome = try run(plan, in: package, seconds: deadlineSeconds)
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      let check = try run(
        [lab, "analyze", runtime, "--check"], in: package, seconds: deadlineSeconds)
      #expect(check.exitCode == 0, "\(check.output)\(check.error)")
    }
    let sweep = try run(
      [lab, "sweep", "experiments/01-rumour.json", "--output", "sweep", "--quiet"], in: package,
      seconds: deadlineSeconds)
    #expect(sweep.exitCode == 0, "\(sweep.error)")
  }
}
