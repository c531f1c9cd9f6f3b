import SystemCalls
import TestSupport
import Testing

/// Unusual paths: each works, or is refused before anything runs.
@Suite("Paths and places", .ownThreads)
struct PathTests {
  private static let short = [
    "run", "--rates", "50,50", "--duration", "100ms", "--seed", "7", "--quiet",
  ]

  @Test("A word that is not UTF-8 is refused, and nothing is made")
  func noText() throws {
    let directory = try TemporaryDirectory()
    for tool in [BuiltTool.scalemodel, .analyze] {
      let outcome = try BuiltTool.start(
        "/bin/bash", ["--norc", "-c", "'\(tool.path)' run --output $'r\\xff'"], in: directory.path
      ).finish(seconds: deadlineSeconds)
      #expect(outcome.error.contains(": error: word 3 of the call is not UTF-8, as every path"))
      #expect(outcome.exitCode == 64)
    }
    #expect(try FileSystem.entries(directory.path) == [])
  }

  @Test("A folder whose name is not UTF-8 is reported as such")
  func nameThatIsNoText() throws {
    let directory = try TemporaryDirectory()
    let made = try BuiltTool.start(
      "/bin/bash", ["--norc", "-c", "mkdir $'r\\xff'"], in: directory.path
    )
    .finish(seconds: deadlineSeconds)
    #expect(made.exitCode == 0)
    let outcome = try BuiltTool.analyze.run([directory.path])
    #expect(outcome.error.hasPrefix("analyze: error: cannot read '\(directory.path)': Invalid or"))
    #expect(outcome.exitCode == 74)
    // Allows the removal of the test's own directory.
    _ = try BuiltTool.start("/bin/bash", ["--norc", "-c", "rmdir r*"], in: directory.path)
      .finish(seconds: deadlineSeconds)
  }

  @Test(
    "A run replaces links in its directory, and writes nothing to where they point",
    arguments: [
      "run.json", "run.json.partial", "machine-0.csv", "grpc-token", "snapshots", "control.sock",
      "analysis",
    ])
  func links(name: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let mine = try directory.write("mine", to: "file")
    try FileSystem.makeDirectory(directory.path + "/folder")
    #expect(try BuiltTool.scalemodel.run(Self.short + ["--output", run.path]).exitCode == 0)
    try FileSystem.removeTree("\(run.path)/\(name)")
    let isFolder = ["snapshots", "analysis"].contains(name)
    let target = isFolder ? directory.path + "/folder" : mine
    #expect(symlink(target, "\(run.path)/\(name)") == 0)
    let outcome = try BuiltTool.scalemodel.run(
      Self.short + ["--force", "--snapshot-at", "20ms", "--output", run.path])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(!FileSystem.isLink("\(run.path)/\(name)"))
    #expect(try FileSystem.contents(mine) == Array("mine".utf8))
    #expect(try FileSystem.entries(directory.path + "/folder") == [])
  }

  @Test("A link in place of a run's folder is refused without a run there")
  func linkWithoutRun() throws {
    let directory = try TemporaryDirectory()
    for folder in ["run", "folder"] { try FileSystem.makeDirectory("\(directory.path)/\(folder)") }
    let link = directory.run.path + "/snapshots"
    #expect(symlink(directory.path + "/folder", link) == 0)
    let outcome = try BuiltTool.scalemodel.run(
      Self.short + ["--force", "--output", directory.run.path])
    #expect(
      outcome.error
        == "scalemodel: error: '\(link)' is a symbolic link, and a run does not write to "
        + "where one points; remove it, or choose another --output\n")
    #expect(outcome.exitCode == 73)
    #expect(FileSystem.isLink(link))
  }

  @Test(
    "What analyze writes beside a run is not written through a link",
    arguments: [["--report"], ["--figures"], ["--export", "dot"]])
  func analysisLink(words: [String]) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    #expect(try BuiltTool.scalemodel.run(Self.short + ["--output", run.path]).exitCode == 0)
    try FileSystem.makeDirectory(directory.path + "/folder")
    let link = run.path + "/analysis"
    #expect(symlink(directory.path + "/folder", link) == 0)
    let outcome = try BuiltTool.analyze.run([run.path] + words)
    #expect(
      outcome.error
        == "analyze: error: '\(link)' is a symbolic link, and nothing is written to where "
        + "one points; remove it, or name another place with --output\n")
    #expect(outcome.exitCode == 73)
    #expect(try FileSystem.entries(directory.path + "/folder") == [])
    // A user who names the link means its target.
    #expect(
      try BuiltTool.analyze.run([run.path, "--output", link] + words).exitCode == 0)
    #expect(try !FileSystem.entries(directory.path + "/folder").isEmpty)
  }

  @Test("A link in place of a file of analyze is replaced")
  func fileLink() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    #expect(try BuiltTool.scalemodel.run(Self.short + ["--output", run.path]).exitCode == 0)
    try FileSystem.makeDirectory(run.path + "/analysis")
    let mine = try directory.write("mine", to: "file")
    for name in ["report.html", "report.html.partial", "machines.csv"] {
      #expect(symlink(mine, "\(run.path)/analysis/\(name)") == 0)
    }
    #expect(try BuiltTool.analyze.run([run.path, "--report"]).exitCode == 0)
    #expect(try FileSystem.contents(mine) == Array("mine".utf8))
    #expect(!FileSystem.isLink(run.path + "/analysis/report.html"))
  }

  @Test(
    "A clock before 1970 or after 2116 is refused, and virtual time needs none",
    arguments: [-3600, 4_700_000_000])
  func clock(seconds: Int) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
      #include <time.h>
      #include <unistd.h>
      #include <sys/syscall.h>
      int clock_gettime(clockid_t clock, struct timespec *time) {
        int result = syscall(SYS_clock_gettime, clock, time);
        if (clock == CLOCK_REALTIME) { time->tv_sec = \(seconds); time->tv_nsec = 0; }
        return result;
      }
      """, to: "clock.c")
    let library = directory.path + "/clock.so"
    let build = try BuiltTool.start(
      "/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, source]
    ).finish(seconds: deadlineSeconds)
    try #require(build.exitCode == 0, "\(build.error)")
    for (runtime, exitCode) in [("threads", 1), ("processes", 1), ("virtual", 0)] {
      let path = "\(directory.path)/\(runtime)"
      let outcome = try BuiltTool.scalemodel.run(
        afterShell: "export LD_PRELOAD='\(library)'",
        Self.short + ["--runtime", runtime, "--output", path])
      #expect(outcome.exitCode == Int32(exitCode), "\(outcome.error)")
      #expect(FileSystem.exists(path) == (exitCode == 0))
      if exitCode == 1 {
        #expect(
          outcome.error
            == "scalemodel: error: the system clock says \(seconds) seconds since 1970, "
            + "and a run begins between 1970 and 2116; set the clock, or take --runtime virtual, "
            + "which needs none\n")
      }
    }
  }
}
