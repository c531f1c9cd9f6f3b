import SystemCalls
import TestSupport
import Testing

/// Runs on a host without enough resources.
@Suite("Scarce resources of the host", .ownThreads)
struct ScarcityTests {
  @Test("A port in use is named", arguments: ["threads", "processes"], [0, 1, 2])
  func portInUse(runtime: String, machine: Int) throws {
    let directory = try TemporaryDirectory()
    let first = FreePorts.first(of: 3)
    let taken = first + UInt16(machine)
    let (listener, _) = try Socket.listen(host: "127.0.0.1", port: taken)
    defer { listener.end() }
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--port", "\(first)", "--quiet", "--output", directory.run.path,
    ])
    let reason =
      "machine \(machine): port \(taken) is in use: another program listens on "
      + "127.0.0.1:\(taken); choose another with --port, or leave --port out"
    #expect(outcome.error == "scalemodel: error: \(reason)\n")
    #expect(outcome.exitCode == 69)
    let manifest = try directory.run.manifest
    #expect(manifest.status == "failed")
    #expect(manifest.reason == reason)
    #expect(manifest.startTime == nil)
  }

  @Test("A closed standard output does not hide a failed run")
  func failureUnread() throws {
    let directory = try TemporaryDirectory()
    let first = FreePorts.first(of: 3)
    let (listener, _) = try Socket.listen(host: "127.0.0.1", port: first)
    defer { listener.end() }
    let tool = try BuiltTool.scalemodel.start([
      "run", "--port", "\(first)", "--output", directory.run.path,
    ])
    tool.closeOutput()
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 69)
    #expect(outcome.error.contains("port \(first) is in use"))
  }

  @Test("Too low a limit of open files is an error with the number needed")
  func openFiles() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -n 64", ["run", "--machines", "12", "--output", directory.run.path])
    let message = try #require(
      try /scalemodel: error: this run needs ([0-9]+) open files, but the system allows 64; (.*)\n/
        .wholeMatch(in: outcome.error))
    let needed = try #require(Int(message.1))
    #expect(
      message.2 == "raise the hard limit (ulimit -Hn \(needed)) or take fewer --machines")
    #expect(outcome.exitCode == 1)
    #expect(try directory.run.manifest.status == "failed")

    let enough = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -n \(needed)",
      ["run", "--machines", "12", "--duration", "50ms", "--force", "--quiet"]
        + ["--output", directory.run.path])
    #expect(enough.exitCode == 0)
  }

  @Test("A soft limit of open files is raised")
  func softLimit() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -Sn 32",
      ["run", "--machines", "12", "--duration", "50ms", "--quiet", "--output", directory.run.path])
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test(
    "A limit of processes names the machine that cannot be started, and the remedy", .long,
    .enabled(if: LimitedUser.isPossible), arguments: ["threads", "processes"])
  func processLimit(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try LimitedUser.run(
      processCountMax: 6,
      [
        "run", "--machines", "10", "--duration", "60s", "--quiet", "--runtime", runtime,
        "--output", directory.run.path,
      ], in: directory.path)
    let start = /scalemodel: error: machine [0-9] cannot be started:/
    #expect(outcome.error.prefixMatch(of: start) != nil, "\(outcome.error)")
    #expect(
      outcome.error.hasSuffix(
        ": Resource temporarily unavailable; raise the limit of processes (ulimit -u), or take "
          + "fewer --machines\n"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 1)
    let manifest = try directory.run.manifest
    #expect(manifest.status == "failed")
    #expect(manifest.machines.map(\.ticks) == Array(repeating: 0, count: 10))
    #expect(outcome.error == "scalemodel: error: \(manifest.reason ?? "")\n")
  }

  @Test("Too little memory for all threads is an error before the first one starts")
  func memoryLimit() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -v 600000",
      [
        "run", "--machines", "400", "--topology", "ring", "--duration", "60s", "--quiet",
        "--output", directory.run.path,
      ])
    let start = /scalemodel: error: this run needs about [0-9]+ MiB more memory, but the limit/
    #expect(outcome.error.prefixMatch(of: start) != nil, "\(outcome.error)")
    #expect(
      outcome.error.hasSuffix(
        "; raise the limit of memory (ulimit -v), or take fewer --machines\n"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 1)
    #expect(try directory.run.manifest.status == "failed")
  }

  @Test("A journal that cannot grow is named in the error", arguments: ["threads", "processes"])
  func fileSizeLimit(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -f 8",
      ["run", "--runtime", runtime, "--rates", "3000,1,1", "--duration", "60s", "--quiet"]
        + ["--output", directory.run.path])
    let reason =
      "machine 0: cannot write '\(directory.run.journalPath(0))': File too large; make room, or "
      + "choose another directory with --output"
    #expect(outcome.error == "scalemodel: error: \(reason)\n")
    #expect(outcome.exitCode == 74)
    #expect(try directory.run.manifest.status == "failed")
    #expect(try directory.run.manifest.reason == reason)
  }

  @Test("The loss of the very last lines, written after the last tick, is detected")
  func lastLines() throws {
    let directory = try TemporaryDirectory()
    // All ticks are at the last instant: nothing is written before the end.
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -f 1",
      ["run", "--rates", "1000000,1000000", "--duration", "50us", "--quiet", "--die", "1000"]
        + ["--output", directory.run.path])
    #expect(outcome.error.contains("csv': File too large; make room, or choose"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 74)
  }

  @Test(
    "What analyze has no room for names its file, and leaves no half-written one",
    arguments: [
      (["--output", "run/analysis"], "csv", "choose another --output"),
      (["--export", "perfetto"], "json", "choose another --output"),
      (["--report"], "csv", "choose another --output"),
      (["--figures"], "svg", "choose another place with --output"),
    ])
  func analysis(words: [String], kind: String, advice: String) throws {
    let directory = try TemporaryDirectory()
    let run = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--quiet", "--output", "run"], in: directory.path)
    try #require(run.exitCode == 0)
    let outcome = try BuiltTool.analyze.run(
      afterShell: "cd '\(directory.path)'\nulimit -f 1", ["run"] + words)
    #expect(outcome.error.hasPrefix("analyze: error: cannot write 'run/analysis/"))
    #expect(outcome.error.hasSuffix(".\(kind)': File too large; make room, or \(advice)\n"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 74)
    let names = try FileSystem.entries(directory.path + "/run/analysis")
    #expect(!names.contains { $0.hasSuffix(".partial") })
  }

  @Test(
    "A full disk names the file, and leaves no half-written one", .enabled(if: SmallDisk.isPossible)
  )
  func fullDisk() throws {
    let disk = try SmallDisk(kibibyteCount: 128)
    let run = FinishedRun(path: disk.path + "/run")
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--rates", "3000,3000,3000", "--duration", "60s", "--quiet", "--output", run.path,
    ])
    let start = "scalemodel: error: machine "
    let end =
      "csv': No space left on device; make room, or choose another directory with --output\n"
    #expect(outcome.error.hasPrefix(start))
    #expect(outcome.error.contains(": cannot write '\(run.path)/machine-"))
    #expect(outcome.error.hasSuffix(end))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 74)
    #expect(
      try FileSystem.entries(run.path)
        == ["machine-0.csv", "machine-1.csv", "machine-2.csv", "run.json"])
    #expect(["failed", "running"].contains(try run.manifest.status))
  }
}

/// A user with a limited number of processes; only root can become one.
enum LimitedUser {
  /// Runs the tool as an unprivileged user, to its end.
  static func run(
    processCountMax: Int, _ words: [String], in directory: String
  ) throws -> ToolProcess.Outcome {
    guard chmod(directory, 0o777) == 0 else { throw SystemError(call: "chmod", subject: directory) }
    let call = ([BuiltTool.scalemodel.path] + words).map { "'\($0)'" }.joined(separator: " ")
    return try BuiltTool.start(
      "/usr/bin/setpriv",
      user + ["/bin/bash", "--norc", "-c", "ulimit -u \(processCountMax); exec \(call)"]
    ).finish(seconds: deadlineSeconds)
  }

  private static let user = ["--reuid=65534", "--regid=65534", "--clear-groups"]

  /// Whether this process may become that user, who may run the tool.
  static let isPossible: Bool = {
    let call = user + [BuiltTool.scalemodel.path, "--version"]
    return (try? BuiltTool.start("/usr/bin/setpriv", call).finish().exitCode) == 0
  }()
}

/// A small disk in memory; only root can have one.
final class SmallDisk {
  let path: String
  private let directory: TemporaryDirectory

  init(kibibyteCount: Int) throws {
    directory = try TemporaryDirectory()
    path = directory.path
    let mount = ["-t", "tmpfs", "-o", "size=\(kibibyteCount)k", "scalemodel-test", path]
    guard try ToolProcess("/bin/mount", mount).finish().exitCode == 0 else { throw NotMounted() }
  }

  deinit {
    _ = try? ToolProcess("/bin/umount", [path]).finish()
  }

  struct NotMounted: Error {}

  static let isPossible = (try? SmallDisk(kibibyteCount: 64)) != nil
}
