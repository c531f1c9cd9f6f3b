import CommandLineKit
import Testing

@Suite("A command's words")
struct CommandTests {
  private static let seed = Option<UInt64>(
    "--seed", "N", help: "where randomness comes from", expected: "a whole number"
  ) { UInt64($0) }
  private static let machines = Option.number("--machines", "N", in: 2...9, help: "how many")
  private static let output = Option.text("--output", "DIR", help: "where to")
  private static let force = Option.flag("--force", help: "overwrite")
  private static let shapes = [seed.shape, machines.shape, output.shape, force.shape]

  private func command(arguments: ClosedRange<Int> = 0...0) -> Command {
    Command(
      name: "tool run", summary: "Runs.", argumentsUsage: arguments == 0...0 ? "" : "RUN…",
      argumentCount: arguments, example: "tool run", options: Self.shapes)
  }

  @Test(
    "A value follows its option, or an equals sign",
    arguments: [
      ["--seed", "7"], ["--seed=7"], ["--seed", "1", "--seed=7"], ["--seed=1", "--seed", "7"],
      ["--force", "--seed", "7"], ["--seed", "7", "--"],
    ])
  func values(words: [String]) throws {
    let parsed = try command().parse(words)
    #expect(try parsed.value(of: Self.seed) == 7)
    #expect(parsed.has(Self.seed) && !parsed.wantsHelp)
    #expect(try parsed.value(of: Self.machines) == nil && !parsed.has(Self.machines))
  }

  @Test(
    "An option that takes the plain words behind it takes all of them, and no option",
    arguments: [
      ["a", "--against", "b", "c"], ["a", "--against", "b", "--force", "c"],
      ["a", "--against=b", "c"], ["a", "--against", "b", "--against", "c"],
      ["--force", "a", "--against", "b", "--", "c"],
    ])
  func rest(words: [String]) throws {
    let against = Option.texts("--against", "RUN…", help: "beside what")
    let command = Command(
      name: "tool", summary: "Runs.", argumentCount: 0...9, example: "tool",
      options: [against.shape, Self.force.shape])
    let parsed = try command.parse(words)
    #expect(parsed.arguments == ["a"])
    #expect(try parsed.allValues(of: against) == ["b", "c"])
    #expect(throws: UsageError.missingValue(option: "--against", placeholder: "RUN…")) {
      try command.parse(["a", "--against", "--force"])
    }
  }

  @Test("Repeated values keep their order; the last counts as the value")
  func repeated() throws {
    let parsed = try command().parse(["--seed", "3", "--seed=1", "--seed", "2"])
    #expect(try parsed.allValues(of: Self.seed) == [3, 1, 2])
    #expect(try parsed.value(of: Self.seed) == 2)
    #expect(try parsed.allValues(of: Self.machines) == [])
  }

  @Test(
    "A value may look like anything",
    arguments: [
      (["--output", "-"], "-"), (["--output=a=b"], "a=b"), (["--output", "-x"], "-x"),
      (["--output", "--new"], "--new"), (["--output=--force"], "--force"),
      (["--output", " "], " "),
      (["--output", "ü/🙂"], "ü/🙂"),
    ])
  func strangeValues(words: [String], value: String) throws {
    #expect(try command().parse(words).value(of: Self.output) == value)
  }

  @Test("A flag is given or not")
  func flags() throws {
    #expect(try command().parse(["--force"]).has(Self.force))
    #expect(try !command().parse([]).has(Self.force))
    #expect(try command().parse(["--force"]).value(of: Self.force) == true)
  }

  @Test(
    "Plain arguments stand anywhere, and after -- everything is one",
    arguments: [
      (["a", "b"], ["a", "b"]), (["a", "--force", "b"], ["a", "b"]), (["-"], ["-"]), ([], []),
      (["--force", "--", "--force", "-h", "--"], ["--force", "-h", "--"]), (["--"], []),
      ([""], [""]),
    ])
  func plainArguments(words: [String], arguments: [String]) throws {
    #expect(try command(arguments: 0...3).parse(words).arguments == arguments)
  }

  @Test(
    "A call that is wrong is told what to do, in one line",
    arguments: [
      (["--sead", "7"], "unknown option '--sead'; did you mean '--seed'?"),
      (["--sead=7"], "unknown option '--sead'; did you mean '--seed'?"),
      (["--froce"], "unknown option '--froce'; did you mean '--force'?"),
      (["--colour"], "unknown option '--colour'; see 'tool run --help'"),
      (["-x"], "unknown option '-x'; see 'tool run --help'"),
      (["--helpme"], "unknown option '--helpme'; did you mean '--help'?"),
      (["--=7"], "unknown option '--'; see 'tool run --help'"),
      (["--seed"], "--seed needs a value: --seed N"),
      (["--output", "--force"], "--output needs a value: --output DIR"),
      (["--output", "--seed=7"], "--output needs a value: --output DIR"),
      (["--output", "--"], "--output needs a value: --output DIR"),
      (["--force=yes"], "--force takes no value, but got 'yes'; leave '=yes' out"),
      (["--help=me"], "--help takes no value, but got 'me'; leave '=me' out"),
      (["run"], "unexpected 'run'; see 'tool run --help'"),
    ])
  func wrongCalls(words: [String], message: String) {
    let error = #expect(throws: UsageError.self) { try command().parse(words) }
    #expect(error?.description == message)
  }

  @Test("Too many and too few plain arguments are told apart")
  func argumentCounts() {
    let many = #expect(throws: UsageError.self) {
      try command(arguments: 1...2).parse(["a", "b", "c"])
    }
    #expect(many?.description == "unexpected 'c'; see 'tool run --help'")
    let few = #expect(throws: UsageError.self) { try command(arguments: 1...2).parse([]) }
    #expect(few?.description == "RUN… is missing; see 'tool run --help'")
  }

  @Test(
    "A value that is not what is expected is quoted, with what is",
    arguments: [
      (["--seed", "x"], "--seed: 'x' is not possible; expected a whole number"),
      (["--seed="], "--seed: '' is not possible; expected a whole number"),
      (
        ["--seed", "18446744073709551616"],
        "--seed: '18446744073709551616' is not possible; expected a whole number"
      ),
      (["--seed", "1", "--seed", "-1"], "--seed: '-1' is not possible; expected a whole number"),
      (["--seed", "y", "--seed", "1"], "--seed: 'y' is not possible; expected a whole number"),
    ])
  func malformedValues(words: [String], message: String) throws {
    let parsed = try command().parse(words)
    let error = #expect(throws: UsageError.self) { try parsed.value(of: Self.seed) }
    #expect(error?.description == message)
  }

  @Test("Numbers keep to their range, and a text is not empty")
  func ranges() throws {
    for (word, number) in [("2", 2), ("9", 9), ("007", 7)] {
      #expect(try command().parse(["--machines", word]).value(of: Self.machines) == number)
    }
    for word in ["1", "10", "-3", "", "x", "2.0", "99999999999999999999"] {
      let parsed = try command().parse(["--machines", word])
      #expect(
        throws: UsageError.malformedValue(
          option: "--machines", value: word, expected: "a whole number from 2 to 9")
      ) { try parsed.value(of: Self.machines) }
    }
    let empty = try command().parse(["--output="])
    #expect(throws: UsageError.self) { try empty.value(of: Self.output) }
  }

  @Test(
    "Help is asked for with either word, and then nothing else matters",
    arguments: [
      ["--help"], ["-h"], ["a", "b", "--help"], ["--help", "--seed", "x"], ["-h", "--force"],
    ])
  func wantsHelp(words: [String]) throws {
    #expect(try command().parse(words).wantsHelp)
    #expect(try command(arguments: 5...6).parse(words).wantsHelp)
  }

  @Test("The help text shows usage, summary, details, options and an example")
  func helpText() {
    let command = Command(
      name: "tool run", summary: "Runs.", argumentsUsage: "RUN…", argumentCount: 1...9,
      details: "Slowly.", example: "tool run x\nIt has run.", options: Self.shapes)
    #expect(
      command.helpText == """
        usage: tool run [OPTION]… RUN…

        Runs.

        Slowly.

        options:
          --seed N      where randomness comes from
          --machines N  how many
          --output DIR  where to
          --force       overwrite
          --help        show this text

        example:
          tool run x
          It has run.

        """)
  }

  @Test("An unknown command is answered like an unknown option")
  func unknownCommand() {
    #expect(
      UsageError.unknownCommand("rum", nearest: "run", tool: "tool").description
        == "unknown command 'rum'; did you mean 'run'?")
    #expect(
      UsageError.unknownCommand("fly", nearest: nil, tool: "tool").description
        == "unknown command 'fly'; see 'tool --help'")
    #expect(UsageError.contradiction("--a and --b").description == "--a and --b")
  }
}
