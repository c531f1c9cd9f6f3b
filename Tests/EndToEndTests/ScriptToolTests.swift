import SystemCalls
import TestSupport
import Testing

/// The scripted bank, run as users do.
@Suite("scalemodel script", .ownThreads)
struct ScriptToolTests {
  private static let two = "StartMaster\nCreateNode 1 10\nCreateNode 2 5\n"

  /// Runs the tool with typed input.
  private func run(
    _ words: [String] = [], typing text: String
  ) throws -> ToolProcess.Outcome {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text, to: "input")
    return try BuiltTool.scalemodel.run(afterShell: "exec <'\(path)'", ["script"] + words)
  }

  @Test("Published examples, through a pipe", arguments: ["0", "1", "2"])
  func published(name: String) throws {
    let example =
      Repository.path + "/Tests/Records/CourseFormatsTests/Scenarios/ut-bank/\(name)"
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "set -o pipefail; cat '\(example).test' |", ["script"],
      rest: " | diff '\(example).out' -")
    #expect(outcome.output == "")
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("A file, standard input and - read the same")
  func inputs() throws {
    let directory = try TemporaryDirectory()
    let text = Self.two + "Send 1 2 3\r\nReceive 2"
    let path = try directory.write(text, to: "bank.txt")
    let outcomes = [
      try BuiltTool.scalemodel.run(["script", path]), try run(typing: text),
      try run(["-"], typing: text),
    ]
    for outcome in outcomes {
      #expect(outcome.output == "1 Transfer 3\n")
      #expect(outcome.error == "")
      #expect(outcome.exitCode == 0)
    }
  }

  @Test("A typed line is answered before the next one is read")
  func interactive() throws {
    let tool = try BuiltTool.scalemodel.start(["script"])
    var expected = ""
    for (typed, answer) in [
      (Self.two + "Send 1 2 3\nBeginSnapshot 1\nRecei", "Started by Node 1\n"),
      ("ve 2\n", "1 Transfer 3\n"),
      (
        "Receive 2\nReceive 1\nSend 1 2 8\nSend 1 2",
        "1 SnapshotToken -1\n2 SnapshotToken -1\nERR_SEND\n"
      ),
    ] {
      tool.type(typed)
      expected += answer
      #expect(tool.wait(seconds: deadlineSeconds) { tool.output == expected })
    }
    tool.endInput()
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.output == expected)
    #expect(
      outcome.error == "scalemodel: error: standard input, line 10: "
        + "the line has 3 words, but should read 'Send FROM TO AMOUNT'\n")
    #expect(outcome.exitCode == 65)
  }

  @Test("Errors name file and line, appear in order, and the script goes on")
  func errors() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      Self.two + "Receive 1\nSend 1 2 11\n\u{1B}[31m\nSend 1 2 3\nReceive 2\n", to: "bank.txt")
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "exec 2>&1", ["script", path])
    #expect(
      outcome.output == """
        scalemodel: error: '\(path)', line 4: all channels to node 1 are empty
        ERR_SEND
        scalemodel: error: '\(path)', line 6: '\\u{1B}[31m' is not a command; there are StartMaster, \
        KillAll, CreateNode, Send, Receive, ReceiveAll, BeginSnapshot, CollectState, PrintSnapshot
        1 Transfer 3

        """)
    #expect(outcome.exitCode == 65)
  }

  @Test("An endless line is reported once, and the lines after it are carried out")
  func endlessLine() throws {
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "{ head -c 20000000 /dev/zero; printf '\\n\(Self.two)Send 1 2 11'; } |",
      ["script"])
    #expect(outcome.output == "ERR_SEND\n")
    #expect(
      outcome.error
        == "scalemodel: error: standard input, line 1: the line is longer than 1000 bytes\n")
    #expect(outcome.exitCode == 65)
  }

  @Test("An empty script ends at once", arguments: ["", "\n", "\r\n\n"])
  func emptyScript(text: String) throws {
    let outcome = try run(typing: text)
    #expect(outcome.output + outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("The error for a missing file, or none, names it")
  func missingFile() throws {
    let directory = try TemporaryDirectory()
    let missing = try BuiltTool.scalemodel.run(["script", "\(directory.path)/none"])
    #expect(
      missing.error == "scalemodel: error: cannot read '\(directory.path)/none': "
        + "No such file or directory; see whether it is there\n")
    #expect(missing.exitCode == 66)
    let folder = try BuiltTool.scalemodel.run(["script", directory.path])
    #expect(
      folder.error == "scalemodel: error: cannot read '\(directory.path)': it is a directory; "
        + "name a file in it\n")
    #expect(folder.exitCode == 66)
  }

  @Test("A reader that stops early ends a script without end")
  func closedOutput() throws {
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "{ printf '\(Self.two)'; yes 'BeginSnapshot 1\nReceiveAll'; } |", ["script"],
      rest: " | head -1")
    #expect(outcome.output == "Started by Node 1\n")
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("A failed write to the output is an error")
  func fullOutput() throws {
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "printf '\(Self.two)Send 1 2 11\n' |", ["script"], rest: " > /dev/full")
    #expect(
      outcome.error == "scalemodel: error: cannot write to standard output: "
        + "No space left on device; make room or redirect it\n")
    #expect(outcome.exitCode == 74)
  }

  @Test("The seed decides which message is received")
  func seed() throws {
    let text =
      Self.two + "CreateNode 3 5\n"
      + String(repeating: "Send 1 2 0\nSend 3 2 0\nReceive 2\nReceive 2\n", count: 40)
    let outcomes = try [[], ["--seed", "0"], ["--seed", "1"]].map { try run($0, typing: text) }
    #expect(outcomes[0].output == outcomes[1].output)
    #expect(outcomes[0].output != outcomes[2].output)
    #expect(outcomes[0].output.split(separator: "\n").count == 80)
  }

  @Test("Help explains every command, in lines of a terminal's width")
  func help() throws {
    let outcome = try BuiltTool.scalemodel.run(["script", "--help"])
    for command in [
      "StartMaster", "KillAll", "CreateNode ID MONEY", "Send FROM TO AMOUNT",
      "Receive RECEIVER [SENDER]", "ReceiveAll", "BeginSnapshot ID", "CollectState",
      "PrintSnapshot", "--seed N",
    ] {
      #expect(outcome.output.contains(command))
    }
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(outcome.exitCode == 0)
  }
}
