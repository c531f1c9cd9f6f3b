import SystemCalls
import TestSupport
import Testing

/// Snapshots of runs with slow messages.
@Suite("Snapshots on slow channels", .ownThreads)
struct SlowSnapshotTests {
  @Test("Markers with 12 s round trips are awaited, however the snapshot is requested", .long)
  func slowChannels() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(run, ["--topology", "line", "--machines", "6", "--delay", "2s"])
    let asker = try BuiltTool.scalemodel.start(["snapshot", run.path, "--machine", "5"])
    tool.type("snapshot\nsnapshot 5 100ms\n")
    #expect(
      tool.wait(seconds: deadlineSeconds) {
        tool.error.contains("snapshot 0-1 begun; about 12 s\n")
          && tool.error.contains(
            "begun; it needs about 12 s, but is given up after 100 ms: it will be partial\n")
      })
    let outcome = asker.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains(/^snapshot 5-[12]: complete in 1[2-9]\.[0-9] s, 6 machines/))
    // A typed snapshot is shown as the command shows it.
    #expect(
      tool.wait(seconds: deadlineSeconds) {
        tool.error.contains(/\nsnapshot 0-1: complete in [^\n]+\n\nmachine  clock  tick  inbox\n/)
      })
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test("A client hears at once what to expect, and the result a line later")
  func beginning() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(run, ["--rates", "50,50,50", "--delay", "50ms"])
    let answers = try ["true", "false"].map { word in
      let request = #"{"command":"snapshot","machine":1,"tells_beginning":\#(word)}"# + "\n"
      let connection = try Socket.connect(unixPath: run.path + "/control.sock")
      defer { connection.end() }
      try connection.writeAll(request)
      return connection.textToEnd()
    }
    let begun =
      #/\{"begun":\{"_0":\{"estimate_ns":100000000,"id":"1-1","remaining_ns":[0-9]+,/#
    #expect(answers[0].prefixMatch(of: begun) != nil, "\(answers[0])")
    #expect(answers[0].contains(#""timeout_ns":10100000000}}}"# + "\n" + #"{"settled":"#))
    #expect(answers[1].hasPrefix(#"{"settled":"#))
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test("A partial snapshot of a bank names what is unknown, and gives no sum")
  func partialMoney() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(
      run, ["--workload", "bank", "--rates", "50,50,50", "--transfer", "0", "--delay", "20s"])
    let outcome = try BuiltTool.scalemodel.run(["snapshot", run.path, "--timeout", "2s"])
    let words =
      "not all of it: $2000 is not known; found $1000 on accounts, $0 in inboxes, $0 on its way\n"
    #expect(outcome.output.hasSuffix(words))
    #expect(!outcome.output.contains("total"))
    let end = tool.interrupt()
    #expect(end.error.contains("  " + words))
  }

  @Test(
    "A snapshot that the run's end will cut short is announced so",
    arguments: ["threads", "virtual"])
  func late(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--delay", "1s", "--duration", "900ms", "--output",
      directory.run.path, "--snapshot-at", "400ms",
    ])
    #expect(
      outcome.error.hasPrefix(
        "scalemodel: warning: the snapshot at 400ms needs about 2 s, but the run ends 500 ms "
          + "later: it will be partial; take an earlier time or a longer --duration\n"))
    #expect(outcome.error.contains("snapshot 0-1 is partial: machine 1: run ended"))
    #expect(outcome.exitCode == 0)
  }

  private func start(_ run: FinishedRun, _ words: [String]) throws -> ToolProcess {
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--duration", "60s", "--commands", "-", "--output", run.path] + words)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    return tool
  }
}

extension Descriptor {
  /// Everything received until the peer disconnects.
  fileprivate func textToEnd() -> String {
    var heard: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while waitUntilReadable(milliseconds: Int32(deadlineSeconds * 1000)) {
      let progress = try? chunk.withUnsafeMutableBytes { try readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else { break }
      heard += chunk[..<count]
    }
    return String(decoding: heard, as: UTF8.self)
  }
}
