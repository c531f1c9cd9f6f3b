import SystemCalls
import TestSupport
import Testing

/// `--topology FILE` as built.
@Suite("A topology file", .ownThreads)
struct TopologyFileTests {
  @Test("Its links are those of the run, in every runtime; a duplicate link counts once")
  func links() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(
      "# a circle, one way\r\n0 1\r\n1\t2 # the second\r\n\r\n  2 0\r\n0 1\r\n", to: "links")
    for runtime in ["threads", "processes", "virtual"] {
      let run = FinishedRun(path: "\(directory.path)/\(runtime)")
      let outcome = try BuiltTool.scalemodel.run([
        "run", "--runtime", runtime, "--topology", file, "--rates", "100,100,100", "--duration",
        "500ms", "--snapshot-at", "250ms@1", "--quiet", "--output", run.path,
      ])
      #expect(outcome.error == "")
      #expect(outcome.exitCode == 0)
      #expect(try run.manifest.plan.links == [[0, 1], [1, 2], [2, 0]])
      let journals = try run.journals()
      #expect(JournalRules(journals: journals).breaches == [])
      for (machine, source) in [(0, "2"), (1, "0"), (2, "1")] {
        let sources = journals[machine].lines.filter { $0.event == "receive" }.map(\.peer)
        #expect(Set(sources) == [source])
      }
      let snapshot = try run.snapshot("1-1")
      #expect(snapshot.status == "complete")
      #expect(snapshot.channels.map { [$0.source, $0.target] } == [[0, 1], [1, 2], [2, 0]])
    }
  }

  @Test(
    "A topology that leaves a machine out is warned of, and its snapshots name the machine",
    arguments: [
      "threads", "virtual",
    ])
  func notConnected(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("0 1\n", to: "links")
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--topology", file, "--rates", "50,50,50", "--duration",
      "300ms", "--snapshot-at", "100ms", "--quiet", "--output", directory.run.path,
    ])
    let snapshot = try directory.run.snapshot("0-1")
    let reason = try #require(snapshot.reason)
    #expect(snapshot.machines.map(\.id) == [0, 1])
    #expect(reason == "machine 2: run ended")
    #expect(
      outcome.error == "scalemodel: warning: not every machine can reach every other; snapshots "
        + "may stay partial\nscalemodel: warning: snapshot 0-1 is partial: \(reason)\n")
    #expect(outcome.exitCode == 0)
  }

  @Test(
    "Rubbish is answered with its line: 65, and nothing is run",
    arguments: [
      ("0 1\n0 3\n", "line 2: machine 3 is not one of the run's 3 machines (ids 0 to 2)"),
      ("0 1\n1 1\n", "line 2: machine 1 is linked to itself; a channel leads to another machine"),
      ("0\n", "line 1: '0' is not a link; write two machine ids: source target"),
      ("0 1 2\n", "line 1: '0 1 2' is not a link; write two machine ids: source target"),
      ("0 -1\n", "line 1: '0 -1' is not a link; write two machine ids: source target"),
      (
        "\n0 99999999999999999999\n",
        "line 2: '0 99999999999999999999' is not a link; write two machine ids: source target"
      ),
      (
        "\u{1B}[2J \n",
        "line 1: '\\u{1B}[2J ' is not a link; write two machine ids: source target"
      ),
    ])
  func rubbish(text: String, problem: String) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(text, to: "links")
    for runtime in ["threads", "virtual"] {
      let outcome = try BuiltTool.scalemodel.run(
        ["run", "--runtime", runtime, "--topology", file], in: directory.path)
      #expect(outcome.error == "scalemodel: error: '\(file)': \(problem)\n")
      #expect(outcome.output == "")
      #expect(outcome.exitCode == 65)
    }
    #expect(try FileSystem.entries(directory.path) == ["links"])
  }

  @Test("Random bytes give one line of error", arguments: 1...3)
  func randomBytes(number: Int) throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/links"
    let bytes = (0..<20_000).map { _ in UInt8(truncatingIfNeeded: ThisProcess.randomWord()) }
    let descriptor = try FileSystem.create(file)
    try bytes.withUnsafeBytes { try descriptor.writeAll($0) }
    descriptor.end()
    let outcome = try BuiltTool.scalemodel.run(["run", "--topology", file], in: directory.path)
    #expect(outcome.error.hasPrefix("scalemodel: error: '\(file)', line "))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 65)
  }

  @Test("A file of very many lines is read to its end", .long)
  func manyLines() throws {
    let directory = try TemporaryDirectory()
    let count = 100_000
    let links = (0..<count).map { "\($0) \(($0 + 1) % count)\n" }.joined()
    let call = [
      "run", "--runtime", "virtual", "--machines", "\(count)", "--duration", "1s", "--journal",
      "off", "--quiet", "--topology",
    ]
    let broken = try directory.write(links + "0 0\n", to: "broken")
    let refused = try BuiltTool.scalemodel.run(call + [broken], in: directory.path)
    #expect(
      refused.error.hasPrefix("scalemodel: error: '\(broken)': line \(count + 1): machine 0 "))
    #expect(refused.exitCode == 65)
  }

  @Test("A missing file, or a word close to a topology: 66")
  func missing() throws {
    let directory = try TemporaryDirectory()
    func answer(_ word: String) throws -> String {
      let outcome = try BuiltTool.scalemodel.run(["run", "--topology", word], in: directory.path)
      #expect(outcome.exitCode == 66)
      #expect(isOneLine(outcome.error))
      return outcome.error
    }
    #expect(try answer("rign").contains("did you mean 'ring'?"))
    #expect(try answer("nowhere").contains("No such file or directory"))
    #expect(try answer(directory.path).contains("Is a directory"))
    #expect(try FileSystem.entries(directory.path) == [])
  }
}
