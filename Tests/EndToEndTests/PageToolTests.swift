import RunRecord
import SystemCalls
import TestSupport
import Testing

/// Runs with a page, watched by a viewer that is no browser.
@Suite("A run's page", .ownThreads)
struct PageToolTests {
  private static func start(
    _ runtime: String, _ run: FinishedRun, _ words: [String] = []
  ) throws -> (tool: ToolProcess, page: PageClient) {
    let tool = try BuiltTool.scalemodel.start(
      [
        "run", "--runtime", runtime, "--rates", "20,30,60", "--duration", "3s", "--seed", "7",
        "--workload", "bank", "--delay", "100ms", "--on-failure", "continue", "--page", "0",
        "--output", run.path,
      ] + words)
    return (tool, try PageClient(tool))
  }

  private static func manifest(_ run: FinishedRun) throws -> RunRecord.Manifest {
    try RunRecord.Manifest.read(from: RunDirectory(path: run.path))
  }

  @Test(
    "A run waits for its page, and what viewers do is done", arguments: ["threads", "processes"])
  func wallTime(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let (tool, page) = try Self.start(runtime, directory.run)
    #expect(try page.get("/run").contains(#""runtime":"\#(runtime)""#))
    #expect(try page.watch { $0.contains(#""state":"waiting""#) }.contains(#""state":"waiting""#))
    #expect(try page.act(#"{"do":"start"}"#).status == "200")
    _ = try page.watch { $0.contains("30,") && $0.contains(#""state":"running""#) }
    #expect(try page.act(#"{"do":"snapshot","machine":1}"#).body.contains("1-1 is complete"))
    #expect(try page.act(#"{"do":"pause","machine":2}"#).status == "200")
    #expect(try page.act(#"{"do":"pause","machine":2}"#).body.contains("paused already"))
    #expect(try page.act(#"{"do":"resume","machine":2}"#).status == "200")
    #expect(try page.act(#"{"do":"cut","from":1,"to":2}"#).body.contains("cut 1 2, cut 2 1"))
    #expect(try page.act(#"{"do":"cut","from":1,"to":2}"#).body.contains("cut already"))
    #expect(try page.act(#"{"do":"join","from":1,"to":2,"both":false}"#).status == "200")
    #expect(try page.act(#"{"do":"join","from":1,"to":2,"both":false}"#).status == "409")
    #expect(try page.act(#"{"do":"lose","from":1,"to":2}"#).body.contains("lose nothing"))
    #expect(try page.act(#"{"do":"tell","machine":1,"words":["deposit","5"]}"#).status == "200")
    #expect(try page.act(#"{"do":"kill","machine":0}"#).status == "200")
    _ = try page.watch { $0.contains(#""dead":[0]"#) }
    #expect(try page.act(#"{"do":"kill","machine":0}"#).body.contains("machine 0 is dead"))
    #expect(try page.act(#"{"do":"back","events":1}"#).status == "409")
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let manifest = try Self.manifest(directory.run)
    #expect(
      manifest.interventions?.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
        == ["pause 2", "resume 2", "cut 1 2", "cut 2 1", "join 1 2", "kill 0"])
    #expect(manifest.snapshots == ["1-1"] && manifest.deaths?.map(\.machine) == [0])
    #expect(manifest.deaths?.map(\.cause) == ["killed by a viewer of the page"])
    #expect(try BuiltTool.analyze.run([directory.run.path, "--check"]).exitCode == 0)
  }

  @Test("A channel that was cut and joined delivers again, also without a delay")
  func joined() throws {
    let directory = try TemporaryDirectory()
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--rates", "20,200,100", "--duration", "60s", "--seed", "7", "--page", "0"]
        + ["--output", directory.run.path])
    let page = try PageClient(tool)
    #expect(try page.act(#"{"do":"start"}"#).status == "200")
    _ = try page.watch { $0.contains(#""state":"running""#) }
    let channel = #""from":1,"to":2,"both":false}"#
    #expect(try page.act(#"{"do":"cut",\#(channel)"#).status == "200")
    func sentCount() throws -> Int {
      try directory.run.journal(1).lines.count { $0.event == "send" && $0.peer == "2" }
    }
    let count = try sentCount()
    #expect(
      tool.wait(seconds: deadlineSeconds) { (try? sentCount()).map { $0 > count + 5 } ?? false })
    #expect(try page.act(#"{"do":"join",\#(channel)"#).status == "200")
    #expect(try page.act(#"{"do":"snapshot","machine":1}"#).body.contains("1-1 is complete"))
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test("A message that no machine has sent is not lost, and no intervention says so", .long)
  func nothingToLose() throws {
    let directory = try TemporaryDirectory()
    let (tool, page) = try Self.start(
      "threads", directory.run, ["--loss", "0.001", "--transfer", "0"])
    #expect(try page.act(#"{"do":"start"}"#).status == "200")
    _ = try page.watch { $0.contains(#""state":"running""#) }
    #expect(try page.act(#"{"do":"lose","from":1,"to":2}"#).status == "200")
    let words = "no message waited on the channel from 1 to 2: none was lost"
    #expect(try page.watch { $0.contains(words) }.contains(words))
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 0)
    #expect(try Self.manifest(directory.run).interventions == nil)
  }

  @Test("What viewers do to a virtual run is a plan, which --again carries out to the byte")
  func again() throws {
    let directory = try TemporaryDirectory()
    // While it plays, it keeps pace with the clock; on a busy host three seconds are soon over.
    let (tool, page) = try Self.start("virtual", directory.run, ["--duration", "60s"])
    for action in [
      #"{"do":"step"}"#, #"{"do":"pause","machine":1}"#, #"{"do":"step"}"#, #"{"do":"step"}"#,
      #"{"do":"snapshot","machine":2}"#, #"{"do":"cut","from":0,"to":2}"#, #"{"do":"play"}"#,
      #"{"do":"tell","machine":2,"words":["deposit","5"]}"#,
      #"{"do":"resume","machine":1}"#, #"{"do":"stop"}"#, #"{"do":"back","events":2}"#,
      #"{"do":"kill","machine":0}"#, #"{"do":"play"}"#, #"{"do":"speed","factor":null}"#,
    ] {
      let answer = try page.act(action)
      #expect(answer.status == "200", "\(action): \(answer.body)")
    }
    // Nobody watches: the run ends at its duration.
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let first = directory.run
    let second = FinishedRun(path: directory.path + "/again")
    let again = try BuiltTool.scalemodel.run(
      ["run", "--again", first.path, "--output", second.path])
    #expect(again.exitCode == 0, "\(again.error)")
    #expect(again.error.contains("the same: scalemodel run --runtime=virtual "))
    for machine in 0..<3 {
      let journals = try [first, second].map { try FileSystem.contents($0.journalPath(machine)) }
      #expect(journals[0] == journals[1])
    }
    var (one, other) = (try Self.manifest(first), try Self.manifest(second))
    (one.host, other.host) = (nil, nil)
    #expect(one == other)
    #expect(one.interventions?.last?.hasSuffix(" kill 0") == true)
    #expect(one.plan.faults?.first?.hasPrefix("--kill ") == true)
    #expect(try BuiltTool.analyze.run([first.path, "--check"]).exitCode == 0)
  }

  @Test("Steps go on and back by one tick, also among machines that tick at the same instant")
  func steps() throws {
    let directory = try TemporaryDirectory()
    let (tool, page) = try Self.start("virtual", directory.run, ["--rates", "20,20,20"])
    for _ in 0..<8 { #expect(try page.act(#"{"do":"step"}"#).status == "200") }
    // Each step back is followed by one on.
    for (back, expected) in [(1, 8), (3, 6), (4, 3)] {
      #expect(try page.act(#"{"do":"back","events":\#(back)}"#).status == "200")
      #expect(try page.act(#"{"do":"step"}"#).status == "200")
      var heard = 0
      _ = waitUntil {
        heard = (0..<3).reduce(0) { sum, machine in
          let bytes = (try? FileSystem.contents(directory.run.journalPath(machine))) ?? []
          return sum + bytes.count { $0 == UInt8(ascii: "\n") } - 1
        }
        return heard == expected
      }
      #expect(heard == expected)
    }
    tool.process.signal(2)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 130)
  }

  @Test("A finished run is shown, and nothing can be done to it")
  func finished() throws {
    let directory = try TemporaryDirectory()
    let made = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--seed", "7", "--topology", "ring",
      "--snapshot-algorithm", "naive", "--output", directory.run.path,
    ])
    #expect(made.exitCode == 0)
    let tool = try BuiltTool.scalemodel.start(["page", directory.run.path])
    let page = try PageClient(tool, onOutput: true)
    #expect(try page.get("/").contains("<!DOCTYPE html>"))
    let facts = try page.get("/run")
    #expect(facts.contains(#""goes_on":false"#))
    // In a ring of three all are linked, yet a page knows that of the complete topology alone.
    #expect(facts.contains(#""neighbours":[[1,2],[0,2],[0,1]]"#), "\(facts)")
    #expect(facts.contains(#""snapshot_algorithm":"naive""#))
    let heard = try page.watch { $0.contains(#""type":"manifest""#) }
    #expect(heard.contains(#""state":"ended""#) && heard.contains("tick,system_time_ns,event"))
    #expect(try page.act(#"{"do":"kill","machine":0}"#).status == "409")
    tool.process.signal(2)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 0)
  }

  @Test("Strangers are refused, and the run goes on", .long)
  func strangers() throws {
    let directory = try TemporaryDirectory()
    let (tool, page) = try Self.start("threads", directory.run, ["--start", "now"])
    let own = "127.0.0.1:\(page.port)"
    let token = "Authorization: Bearer \(page.token)\r\n"
    let visits: [(String, String)] = [
      ("GET /run HTTP/1.1\r\nHost: evil.example:\(page.port)\r\n\(token)\r\n", "421"),
      ("GET / HTTP/1.1\r\nHost: evil.example:\(page.port)\r\n\r\n", "421"),
      ("GET /run HTTP/1.1\r\nHost: \(own)\r\n\r\n", "401"),
      ("GET /run HTTP/1.1\r\nHost: \(own)\r\nAuthorization: Bearer 0\r\n\r\n", "401"),
      ("GET /run HTTP/1.1\r\nHost: \(own)\r\nOrigin: http://evil.example\r\n\(token)\r\n", "403"),
      (
        "POST /do HTTP/1.1\r\nHost: \(own)\r\nSec-Fetch-Site: cross-site\r\n\(token)"
          + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n", "403"
      ),
      ("GET /../run.json HTTP/1.1\r\nHost: \(own)\r\n\(token)\r\n", "404"),
      ("GET /machine-0.csv HTTP/1.1\r\nHost: \(own)\r\n\(token)\r\n", "404"),
      ("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 100_000), "431"),
      ("POST /do HTTP/1.1\r\nHost: \(own)\r\nContent-Length: 1000000\r\n\r\n", "413"),
      ("\u{16}\u{3}\u{1}\r\n\r\n", "400"),
    ]
    for (request, status) in visits {
      let answer = try page.exchange(request)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(60)): \(answer)")
    }
    // Silent connections make room for those that ask.
    let silent = try (0..<300).map { _ in try Socket.connect(host: "127.0.0.1", port: page.port) }
    defer { for descriptor in silent { descriptor.end() } }
    #expect(try page.get("/run").hasPrefix("HTTP/1.1 200 "))
    #expect(try page.get("/").contains("script-src 'nonce-"))
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 0)
  }

  @Test("Options that do not belong together are refused with the remedy")
  func usage() throws {
    let directory = try TemporaryDirectory()
    for (words, part, code) in [
      (["--start", "now"], "--start is for a page; add --page 0", 64),
      (["--page-control"], "--page-control is for a page", 64),
      (["--page", "x"], "--page", 64),
      (["--again", directory.path + "/none"], "does not exist", 66),
      (["--again", "x", "--seed", "3"], "--seed does not go with --again", 64),
      (["--from", "x", "--page", "0"], "--page does not go with --from", 64),
    ] as [([String], String, Int32)] {
      let outcome = try BuiltTool.scalemodel.run(["run"] + words, in: directory.path)
      #expect(outcome.exitCode == code && outcome.error.contains(part), "\(outcome.error)")
    }
    let wall = try BuiltTool.scalemodel.run([
      "run", "--duration", "10ms", "--output", directory.run.path,
    ])
    #expect(wall.exitCode == 0)
    let again = try BuiltTool.scalemodel.run(["run", "--again", directory.run.path])
    #expect(again.exitCode == 64 && again.error.contains("wall time never comes again"))
  }

  @Test("Ctrl-C while the run waits for its page ends it")
  func interrupted() throws {
    for runtime in ["threads", "virtual"] {
      let directory = try TemporaryDirectory()
      let (tool, _) = try Self.start(runtime, directory.run)
      tool.process.signal(2)
      let outcome = tool.finish(seconds: deadlineSeconds)
      #expect(outcome.exitCode == 130, "\(runtime): \(outcome.error)")
      #expect(try directory.run.manifest.status == "interrupted")
    }
  }
}
