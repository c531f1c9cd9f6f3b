import SystemCalls
import TestSupport
import Testing

@Suite("Machines whose workload is a program", .ownThreads)
struct ProgramTests {
  private static let examples = Repository.path + "/experiments/programs"
  /// A program of the examples, which a busy host may start slowly.
  private static func example(_ command: String) -> [String] {
    ["--workload", "program", "--program", command, "--program-timeout", "60s"]
  }
  private static let mutex = example("python3 \(examples)/mutex.py")

  private func run(_ words: [String], in run: FinishedRun) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.run(["run", "--quiet", "--output", run.path] + words)
  }

  private func journals(_ run: FinishedRun) throws -> [String] {
    try (0..<3).map {
      String(decoding: try FileSystem.contents(run.journalPath($0)), as: UTF8.self)
    }
  }

  @Test(
    "Mutual exclusion in Python has the journals of the one in Swift", .long,
    arguments: [
      ["--seed", "1"], ["--seed", "2", "--want", "0.5"],
      ["--seed", "3", "--want", "1", "--inside", "2", "--delay", "10ms...300ms"],
    ])
  func sameJournals(words: [String]) throws {
    let (one, other) = (try TemporaryDirectory(), try TemporaryDirectory())
    let plan =
      words + ["--runtime", "virtual", "--rates", "5,20,30", "--duration", "20s"]
      + ["--snapshot-every", "5s"]
    let python = try run(Self.mutex + plan, in: one.run)
    #expect(python.exitCode == 0 && python.error == "", "\(python.error)")
    #expect(
      try run(["--workload", "mutex-ricart-agrawala"] + plan, in: other.run).exitCode == 0)
    let journals = try journals(one.run)
    #expect(try journals == self.journals(other.run))
    #expect(journals.contains { $0.contains(",inside\n") })
    #expect(try one.run.manifest.digest == other.run.manifest.digest)
    let check = try BuiltTool.analyze.run([one.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
    let measured = try BuiltTool.analyze.run([one.run.path, "--json"])
    #expect(measured.output.contains("\"messages_per_entry\""))
  }

  @Test("A run in virtual time is the same to the byte when it is run again")
  func replay() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      Self.example("sh '\(Self.examples)/counter.sh'") + ["--seed", "4"]
        + ["--runtime", "virtual", "--duration", "20s", "--check-determinism"], in: directory.run)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try journals(directory.run)[1].hasPrefix("tick,system_time_ns,event,clock,"))
    #expect(try journals(directory.run).contains { $0.contains("receive") })
  }

  @Test(
    "Programs are machines in wall time, too",
    arguments: LongTests.first(1, of: ["threads", "processes"]))
  func wallTime(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      Self.example("python3 \(Self.examples)/gossip.py")
        + ["--runtime", runtime, "--rates", "50,60,70", "--duration", "2s", "--seed", "5"]
        + ["--snapshot-at", "1s"], in: directory.run)
    #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
    #expect(try journals(directory.run).allSatisfy { $0.contains(",true\n") })
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
  }

  @Test("Programs go back to a snapshot, and then to one that they took afterwards")
  func restarts() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      Self.mutex + ["--machines", "2", "--runtime", "virtual", "--rates", "1,2", "--seed", "5"]
        + ["--duration", "20s", "--snapshot-every", "3s", "--on-failure", "restore"]
        + ["--kill", "7s@1", "--kill", "14s@1"], in: directory.run)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
  }

  @Test("A program that cannot go back says why, in a restart and after it")
  func failsToGoBack() throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(
      """
      while read -r question; do
        case $question in
          *begin*) echo '{"messages":{"n":"integer"}}' ;;
          *restore*) exit 3 ;;
          *) echo '{}' ;;
        esac
      done
      """, to: "program.sh")
    let words =
      Self.example("sh \(program)") + ["--runtime", "virtual", "--rates", "1,1,1"]
      + ["--duration", "9s", "--snapshot-at", "2s"]
    let outcome = try run(
      words + ["--on-failure", "restore", "--kill", "5s@1"], in: directory.run)
    #expect(outcome.exitCode == 1)
    #expect(outcome.error.contains("cannot go back to the state of its snapshot: "))
    #expect(outcome.error.contains("ended with exit code 3"), "\(outcome.error)")
    #expect(try run(words + ["--force"], in: directory.run).exitCode == 0)
    let again = try BuiltTool.scalemodel.run([
      "run", "--quiet", "--from", "\(directory.run.path)/snapshots/0-1.json",
      "--output", directory.path + "/again",
    ])
    #expect(again.exitCode == 65 && again.error.contains("the workload cannot go back to it: "))
    #expect(again.error.contains("ended with exit code 3"), "\(again.error)")
  }

  // MARK: Programs that fail

  /// A program that answers `begin`, and on machine 1 does something else at its second tick.
  private static func failing(_ deed: String) -> String {
    """
    while read -r question; do
      case $question in
        *'"machine":1,'*) bad=yes; echo '{"messages":{"n":"integer"}}' ;;
        *begin*) echo '{"messages":{"n":"integer"}}' ;;
        *'"tick":2,'*) if [ $bad ]; then
          \(deed)
          else echo '{}'; fi ;;
        *) echo '{}' ;;
      esac
    done
    """
  }

  @Test(
    "A program that fails ends the run with the machine, the line and a remedy", .long,
    arguments: [
      ("exit 3", "ended with exit code 3 after 2 answers; run it by hand"),
      ("kill -9 $$", "was killed by signal 9 (SIGKILL) after 2 answers"),
      ("exec sleep 1000", "gave no answer within 5s to '{\"do\":\"choose\",\"tick\":2,"),
      ("exec sleep 1000 >&-", "closed its standard output after 2 answers"),
      ("exec <&-; echo '{}'; sleep 1000", "closed its standard input after 3 answers"),
      ("echo hello", "line 3 of the program 'sh "),
      ("head -c 3000000 /dev/zero | tr '\\0' x", "is longer than 1048576 bytes"),
      ("echo '{}'; echo '{}'; sleep 1000", "line 4 of the program 'sh "),
      ("echo '{\"instructions\":7}'", "'instructions' is the number 7; expected a list"),
      ("echo '{\"states\":{}}'", "the key 'states' means nothing here"),
      (
        "echo '{\"instructions\":[{\"send\":{\"m\":1},\"to\":0}]}'",
        "field 'm': the answer to 'begin' did not declare it"
      ),
      (
        "echo '{\"instructions\":[{\"send\":{\"n\":1.5},\"to\":0}]}'",
        "field 'n' is the number 1.5; expected a whole number of 64 bits"
      ),
      (
        "echo '{\"instructions\":[{\"send\":{},\"to\":1}]}'",
        "there is no channel from machine 1 to 1"
      ),
      (
        "echo '{\"instructions\":[{\"internal\":true},{\"internal\":true}]}'",
        "2 instructions in answer to 'choose'"
      ),
    ])
  func failures(row: (deed: String, text: String)) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(Self.failing(row.deed), to: "program.sh")
    let isSilent = row.deed == "exec sleep 1000"
    let outcome = try run(
      (isSilent ? Array(Self.example("sh \(program)").dropLast(2)) : Self.example("sh \(program)"))
        + ["--runtime", "virtual", "--rates", "1,1,1", "--duration", "5s"], in: directory.run)
    #expect(outcome.exitCode == 1)
    let errors = outcome.error.split(separator: "\n").filter { $0.contains("error:") }
    #expect(errors.count == 1 && errors[0].contains("machine 1: "), "\(outcome.error)")
    #expect(outcome.error.contains(row.text), "\(outcome.error)")
    let manifest = try directory.run.manifest
    #expect(manifest.status == "failed")
    // At its second tick, or at the question after that.
    let death = try #require(manifest.deaths?.first)
    #expect(death.machine == 1 && 2_000_000_000...3_000_000_000 ~= death.time)
    #expect(try BuiltTool.analyze.run([directory.run.path, "--check"]).exitCode == 0)
  }

  @Test(
    "With --on-failure continue the others go on", arguments: ["virtual", "threads", "processes"])
  func continuing(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(Self.failing("exit 3"), to: "program.sh")
    let outcome = try run(
      ["--workload", "program", "--program", "sh \(program)", "--on-failure", "continue"]
        + ["--runtime", runtime, "--rates", "20,20,20", "--duration", "1s"], in: directory.run)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let manifest = try directory.run.manifest
    #expect(manifest.deaths?.map(\.machine) == [1])
    #expect(manifest.deaths?.first?.cause.contains("ended with exit code 3") == true)
    #expect(try journals(directory.run).map { $0.split(separator: "\n").count } == [21, 3, 21])
  }

  @Test("A program that fails while it catches up on a pause catches up no further")
  func failsAfterPause() throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(Self.failing("exit 3"), to: "program.sh")
    let outcome = try run(
      Self.example("sh \(program)") + ["--on-failure", "continue", "--runtime", "virtual"]
        + ["--rates", "1,1,1", "--duration", "8s", "--pause", "1500ms...5s@1"], in: directory.run)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try journals(directory.run).map { $0.split(separator: "\n").count } == [9, 3, 9])
  }

  @Test("In wall time it ends the run as a machine's death", arguments: ["threads", "processes"])
  func wallTimeFailure(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(Self.failing("echo hello"), to: "program.sh")
    let outcome = try run(
      ["--workload", "program", "--program", "sh \(program)", "--runtime", runtime]
        + ["--rates", "20,20,20", "--duration", "30s"], in: directory.run)
    #expect(outcome.exitCode == 1)
    #expect(outcome.error.contains("machine 1: line 3 of the program 'sh "), "\(outcome.error)")
    #expect(try directory.run.manifest.status == "failed")
  }

  @Test(
    "A program that cannot be asked what it declares is refused before the run",
    arguments: [
      ([], 64, "--program is missing; give the command"),
      (["--program", "sh 'x"], 64, "--program: the ' at column 4 is not closed"),
      (["--program", "no-such-program"], 66, "see whether 'no-such-program' is there"),
      (["--program", "false"], 1, "'false' ended with exit code 1 after 0 answers"),
      (["--program", "cat", "--program-timeout", "5"], 64, "expected a time greater than zero"),
      (["--program", "cat", "--machines", "1001"], 64, "1000 machines are the most"),
      (["ANSWER", "[1]"], 65, "a list is no answer; expected an object"),
      (["ANSWER", "{\"states\":{\"clock\":\"integer\"}}"], 64, "field 'clock': a column or"),
      (["ANSWER", "{\"states\":{\"a\":\"real\"}}"], 65, "the text 'real' is no kind"),
      (["ANSWER", #"{"measures":[{"name":"x","kind":"y"}]}"#], 65, "'measures[0].kind'"),
      (
        ["ANSWER", #"{"measures":[{"name":"x","kind":"rate","state":{"field":"a"}}]}"#], 64,
        "measure 'x': there is no such field 'a'"
      ),
      (["ANSWER", "{}", "--want", "0.5"], 64, "takes no --want; leave it out"),
    ] as [([String], Int32, String)])
  func refusals(row: (words: [String], exitCode: Int32, text: String)) throws {
    let directory = try TemporaryDirectory()
    var words = row.words
    if words.first == "ANSWER" {
      let path = try directory.write("read -r question\necho '\(words[1])'\n", to: "answer.sh")
      words[..<2] = ["--program", "sh \(path)"]
    }
    let outcome = try run(
      ["--workload", "program", "--runtime", "virtual"] + words, in: directory.run)
    #expect(outcome.exitCode == row.exitCode, "\(outcome.error)")
    #expect(outcome.error.contains(row.text), "\(outcome.error)")
    #expect(!FileSystem.exists(directory.run.path))
  }
}
