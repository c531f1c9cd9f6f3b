import SystemCalls
import TestSupport
import Testing

@Suite("Help and version", .ownThreads)
struct HelpTests {
  @Test("--version says the tool's name and a version")
  func version() throws {
    let outcome = try BuiltTool.scalemodel.run(["--version"])
    #expect(outcome.output.wholeMatch(of: /scalemodel [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("Every way to ask for help lists the commands", arguments: ["--help", "-h", "help"])
  func help(word: String) throws {
    let outcome = try BuiltTool.scalemodel.run([word])
    #expect(outcome.output.hasPrefix("scalemodel: a laboratory for logical time."))
    #expect(outcome.output.contains(/\n  scalemodel run  +Run a model for a fixed time/))
    #expect(outcome.output.contains(/\n  scalemodel snapshot  +Take a snapshot/))
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test(
    "A command's help has its usage, each option once and an example",
    arguments: [
      ["run", "--help"], ["run", "-h"], ["help", "run"], ["run", "--seed", "x", "--help"],
    ])
  func commandHelp(words: [String]) throws {
    let outcome = try BuiltTool.scalemodel.run(words)
    #expect(outcome.output.hasPrefix("usage: scalemodel run [OPTION]…\n\n"))
    for option in [
      "--machines N", "--ticks A...B", "--rates R,R,…", "--duration TIME", "--die N", "--seed N",
      "--runtime WORD", "--topology WORD", "--delay TIME", "--phases WORD", "--skew TIME",
      "--clock-drift PPM", "--clock-ahead TIME@ID", "--ticks-by WORD",
      "--sync TIME[,ERROR][,step|slew]", "--order WORD",
      "--loss P", "--duplicate P", "--transport WORD", "--workload NAME", "--balance N",
      "--transfer P", "--verbose", "--snapshot-at TIME[@ID]",
      "--snapshot-every TIME", "--snapshot-algorithm WORD", "--snapshot-spread TIME",
      "--checkpoints WORD", "--snapshot-cost TIME",
      "--marker-handling WORD",
      "--from SNAPSHOT.json", "--on-failure WORD", "--restarts N", "--port N", "--grpc [HOST:]PORT",
      "--output DIR", "--force", "--journal WORD", "--commands -", "--quiet", "--json",
      "--help",
    ] {
      #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("  \(option) ") } == 1)
    }
    #expect(outcome.output.contains("\nexample:\n  scalemodel run --rates 1,3,6"))
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("No line of help is wider than a terminal")
  func width() throws {
    let overview = try BuiltTool.scalemodel.run(["--help"]).output
    let commands = overview.matches(of: #/\n  scalemodel ([a-z-]+) /#).map { String($0.1) }
    #expect(commands.count >= 8)
    let texts =
      try [overview, BuiltTool.analyze.run(["--help"]).output]
      + commands.map { try BuiltTool.scalemodel.run([$0, "--help"]).output }
      + [BuiltTool.bench.run(["--help"]).output]
    for text in texts {
      #expect(text.contains("--help"))
      #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
    }
  }

  @Test(
    "Completions of every shell, and manual pages, name every option",
    arguments: [BuiltTool.scalemodel, .analyze, .bench])
  func textsAboutTools(tool: BuiltTool) throws {
    func names(in help: String) -> [String] {
      help.matches(of: #/\n  --([a-z-]+)/#).map { String($0.1) }
    }
    let overview = try tool.run(["--help"]).output
    let commands = overview.matches(of: #/\n  scalemodel ([a-z-]+) /#).map { String($0.1) }
    let helps = try commands.map { try tool.run([$0, "--help"]).output }
    for shell in ["bash", "zsh", "fish"] {
      let outcome = try tool.run(["--completions", shell])
      #expect(outcome.error == "" && outcome.exitCode == 0)
      let words = outcome.output.split { !($0.isLetter || $0 == "-") }
        .map { $0.drop { $0 == "-" } }
      for name in helps.flatMap(names) + names(in: overview) + commands {
        #expect(words.contains(name[...]), "\(shell): \(name)")
      }
    }
    for (command, help) in zip([[]] + commands.map { [$0] }, [overview] + helps) {
      let page = try tool.run(["--help-man"] + command)
      #expect(page.error == "" && page.exitCode == 0)
      for name in names(in: help) {
        let label = "\n.B \\-\\-" + name.split(separator: "-").joined(separator: "\\-")
        #expect(page.output.contains(label), "\(command): \(name)")
      }
    }
  }

  @Test("A shell without completions is refused with those there are")
  func unknownShell() throws {
    let outcome = try BuiltTool.scalemodel.run(["--completions", "ksh"])
    #expect(
      outcome.error
        == "scalemodel: error: --completions: 'ksh' is not possible; expected bash, zsh "
        + "or fish\n")
    #expect(outcome.exitCode == 64)
  }

  @Test("Every call in the README is valid, and the files it names exist")
  func readme() throws {
    let root = Repository.path
    let text = String(decoding: try FileSystem.contents(root + "/README.md"), as: UTF8.self)
    var callCount = 0
    for line in text.split(separator: "\n") {
      // Before the call is a prompt or another command, after it a comment or a pipe.
      guard let call = line.firstMatch(of: #/^(?:\$ |cd .* && )?((?:scalemodel|analyze) [^#|&]*)/#)
      else { continue }
      let words = call.1.split(separator: " ").map(String.init)
      for word in words where word.hasPrefix("experiments/") && !word.contains("*") {
        let path = word.filter { $0 != "'" }
        #expect(FileSystem.exists("\(root)/\(path)"), "\(line)")
      }
      let tool = words[0] == "analyze" ? BuiltTool.analyze : .scalemodel
      let outcome = try tool.run(words.dropFirst().filter { $0 != "…" } + ["--help"])
      #expect(outcome.exitCode == 0 && outcome.error == "", "\(line)")
      callCount += 1
    }
    #expect(callCount > 25)
  }
}
