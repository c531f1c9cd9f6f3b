import SystemCalls
import TestSupport
import Testing

/// The tool's response to invalid arguments: one line, and exit code 64.
@Suite("Invalid arguments", .ownThreads)
struct WordsTests {
  @Test(
    "A malformed value is named with what is allowed", .long,
    arguments: [
      ("--ticks 6...1", Self.ticks("6...1")), ("--ticks 0...6", Self.ticks("0...6")),
      ("--ticks 1-6", Self.ticks("1-6") + "; write 1...6"),
      ("--ticks 1...1000001", Self.ticks("1...1000001")),
      ("--rates 0", Self.rates("0")), ("--rates 1,,3", Self.rates("1,,3")),
      ("--rates 1,2,x", Self.rates("1,2,x")), ("--rates=", Self.rates("")),
      ("--duration 0", Self.duration("0")), ("--duration -5s", Self.duration("-5s")),
      ("--duration 1e99s", Self.duration("1e99s")), ("--duration 5", Self.duration("5")),
      ("--duration 0s", Self.duration("0s")), ("--duration 99999999d", Self.duration("99999999d")),
      ("--machines 1", Self.number("--machines", "1", "2 to 1000000")),
      ("--machines three", Self.number("--machines", "three", "2 to 1000000")),
      ("--die 0", Self.number("--die", "0", "1 to 1000000000")),
      ("--seed -1", Self.number("--seed", "-1", "0 to 18446744073709551615")),
      (
        "--seed 18446744073709551616",
        Self.number("--seed", "18446744073709551616", "0 to 18446744073709551615")
      ),
      ("--port 0", Self.number("--port", "0", "1 to 65535")),
      ("--port 65536", Self.number("--port", "65536", "1 to 65535")),
      (
        "--on-failure panic",
        "--on-failure: 'panic' is not possible; expected stop, continue or restore"
      ),
      ("--journal maybe", "--journal: 'maybe' is not possible; expected on or off"),
      ("--output=", "--output: '' is not possible; expected a text that is not empty"),
      ("--delay 9ms...1ms", Self.delay("9ms...1ms")), ("--delay -1s", Self.delay("-1s")),
      ("--delay soon", Self.delay("soon")),
      ("--workload idle", Self.noWorkload),
      ("--workload bank --balance -1", Self.number("--balance", "-1", "0 to 9223372036854775807")),
      (
        "--workload bank --balance 9223372036854775808",
        Self.number("--balance", "9223372036854775808", "0 to 9223372036854775807")
      ),
      ("--workload bank --transfer 1.1", Self.transfer("1.1")),
      ("--workload bank --transfer nan", Self.transfer("nan")),
      ("--workload bank --transfer -0.1", Self.transfer("-0.1")),
      ("--workload bank --transfer often", Self.transfer("often")),
      (
        "--workload bank --transfer-max 0",
        Self.number("--transfer-max", "0", "1 to 9223372036854775807")
      ),
      (
        "--snapshot-at noon",
        "--snapshot-at: 'noon' is not possible; expected a time and, perhaps, a machine's id: "
          + "20s or 20s@2"
      ),
      (
        "--snapshot-every 0s",
        "--snapshot-every: '0s' is not possible; expected a time greater than zero, such as 10s"
      ),
    ])
  func malformedValue(words: String, message: String) throws {
    try expectRefusal("run " + words, message)
  }

  @Test("An unknown runtime is answered with the list of runtimes")
  func malformedRuntime() throws {
    let outcome = try BuiltTool.scalemodel.run(["run", "--runtime", "fibers"])
    #expect(outcome.exitCode == 64)
    let start = "scalemodel: error: --runtime: 'fibers' is not possible; expected threads"
    #expect(outcome.error.hasPrefix(start))
    #expect(outcome.error.contains("processes"))
    #expect(isOneLine(outcome.error))
  }

  @Test(
    "Values that contradict each other are named together",
    arguments: [
      (
        "--rates 1,2 --machines 3",
        "--rates names 2 machines, but --machines says 3; give one rate for each machine"
      ),
      ("--rates 5", "--rates names one machine; a run has at least two: --rates 1,3,6"),
      (
        "--rates 1,2 --ticks 1...6",
        "--rates and --ticks exclude each other; leave one of them out"
      ),
      ("--balance 5", "--balance is for a bank; add --workload bank"),
      ("--workload chatter --transfer 0.5", "--transfer is for a bank; add --workload bank"),
      ("--transfer-max 5", "--transfer-max is for a bank; add --workload bank"),
      (
        "--workload bank --die 6",
        "a bank rolls no die; leave --die out, or --workload bank"
      ),
      (
        "--workload bank --balance 9223372036854775807 --machines 2",
        "--balance 9223372036854775807 for each of 2 machines does not fit 64 bits; "
          + "take 4611686018427387903 or less"
      ),
      ("--port 65534", "--port 65534 leaves no room for 3 machines; take 65533 or less"),
      (
        "--topology grid:2x2",
        "--topology grid:2x2: a grid of 2x2 has 4 machines, not 3; set --machines 4"
      ),
      (
        "--topology random:3",
        "--topology random:3: 3 random neighbours each are not possible with 3 machines; "
          + "choose 1 to 2"
      ),
    ])
  func contradiction(words: String, message: String) throws {
    try expectRefusal("run " + words, message)
  }

  @Test(
    "A word that fits nowhere is answered with the nearest right one", .long,
    arguments: [
      ("", "COMMAND is missing; see 'scalemodel --help'"),
      ("rnu", "unknown command 'rnu'; did you mean 'run'?"),
      ("--verison", "unknown command '--verison'; did you mean '--version'?"),
      ("--hlep", "unknown command '--hlep'; did you mean '--help'?"),
      ("--rates 1,3,6", "unknown command '--rates'; did you mean 'scalemodel run --rates'?"),
      ("xyzzy", "unknown command 'xyzzy'; see 'scalemodel --help'"),
      ("run --durration 5s", "unknown option '--durration'; did you mean '--duration'?"),
      ("run --machine 4", "unknown option '--machine'; did you mean '--machines'?"),
      ("run --fource", "unknown option '--fource'; did you mean '--force'?"),
      ("run --xyzzy", "unknown option '--xyzzy'; see 'scalemodel run --help'"),
      ("run fast", "unexpected 'fast'; see 'scalemodel run --help'"),
      ("run --seed", "--seed needs a value: --seed N"),
      ("run --output --force", "--output needs a value: --output DIR"),
      ("run --quiet=yes", "--quiet takes no value, but got 'yes'; leave '=yes' out"),
    ])
  func unknownWord(words: String, message: String) throws {
    try expectRefusal(words, message)
  }

  @Test("An error stays one line, and harmless to the terminal, whatever it quotes")
  func quotedControls() throws {
    let outcome = try BuiltTool.scalemodel.run(["run", "--seed", "1\n2\u{1B}[31m"])
    #expect(
      outcome.error == "scalemodel: error: --seed: '1\\n2\\u{1B}[31m' is not possible; "
        + "expected a whole number from 0 to 18446744073709551615\n")
    #expect(outcome.exitCode == 64)
  }

  private func expectRefusal(_ words: String, _ message: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      words.split(separator: " ").map(String.init), in: directory.path)
    #expect(outcome.error == "scalemodel: error: \(message)\n")
    #expect(outcome.output == "")
    #expect(outcome.exitCode == 64)
    #expect(try FileSystem.entries(directory.path) == [], "nothing is left behind")
  }

  private static let noWorkload =
    "--workload: 'idle' is not possible; expected chatter, bank, mutex-lamport, "
    + "mutex-ricart-agrawala, token-ring, election-ring, termination, echo, program"

  private static func number(_ option: String, _ value: String, _ range: String) -> String {
    "\(option): '\(value)' is not possible; expected a whole number from \(range)"
  }

  private static func ticks(_ value: String) -> String {
    "--ticks: '\(value)' is not possible; expected two whole numbers from 1 to 1000000, "
      + "the smaller first: 1...6"
  }

  private static func rates(_ value: String) -> String {
    number("--rates", value, "1 to 1000000 for each machine: 1,3,6")
  }

  private static func duration(_ value: String) -> String {
    "--duration: '\(value)' is not possible; expected forever, or a time greater than zero, "
      + "such as 60s, 500ms or 2m, of 100 years at most"
  }

  private static func transfer(_ value: String) -> String {
    "--transfer: '\(value)' is not possible; expected a probability from 0 to 1, such as 0.2"
  }

  private static func delay(_ value: String) -> String {
    "--delay: '\(value)' is not possible; expected a time (50ms), a range (10ms...100ms) "
      + "or an exponential mean (~50ms)"
  }
}

/// Whether a tool printed exactly one line.
func isOneLine(_ text: String) -> Bool {
  text.hasSuffix("\n") && text.count { $0 == "\n" } == 1
}
