import ScaleModel
import SystemCalls
import Testing

@testable import CourseFormats

/// The bank's script language, command by command.
@Suite("The scripted bank")
struct ScriptedBankTests {
  @Test("Published examples are reproduced byte for byte", arguments: ["0", "1", "2"])
  func reproducesPublished(name: String) throws {
    let folder = FileSystem.parentPath(of: #filePath) + "/Scenarios/ut-bank/\(name)"
    let result = ScriptResult(try FileSystem.contents(folder + ".test"))
    #expect(Array(result.output.utf8) == (try FileSystem.contents(folder + ".out")))
    #expect(result.errors == [])
  }

  /// Two nodes of 10 and 5, and what stands behind them.
  private static let two = "StartMaster\nCreateNode 1 10\nCreateNode 2 5\n"

  @Test(
    "Each command prints what the format says",
    arguments: [
      ("", ""),
      ("Send 1 2 3\n", ""),
      ("Send 1 2 10\nSend 1 2 0\nSend 1 2 1\n", "ERR_SEND\n"),
      ("Send 1 2 3\nReceive 2 1\n", "1 Transfer 3\n"),
      ("Send 1 2 3\nReceive 2\n", "1 Transfer 3\n"),
      ("Send 1 2 10\nReceive 2\nSend 2 1 15\nReceive 1\n", "1 Transfer 10\n2 Transfer 15\n"),
      ("Send 1 2 1\nSend 1 2 2\nReceive 2\nReceive 2\n", "1 Transfer 1\n1 Transfer 2\n"),
      ("ReceiveAll\n", ""),
      ("Send 1 2 3\nReceiveAll\nSend 2 1 8\nReceive 1\n", "2 Transfer 8\n"),
      ("BeginSnapshot 2\nReceive 1\n", "Started by Node 2\n2 SnapshotToken -1\n"),
      (
        "BeginSnapshot 2\nReceive 1\nReceive 2 1\nCollectState\nPrintSnapshot\n",
        "Started by Node 2\n2 SnapshotToken -1\n1 SnapshotToken -1\n"
          + Self.states(10, 5, 0, 0)
      ),
      (
        "Send 1 2 3\nBeginSnapshot 2\nReceiveAll\nCollectState\nPrintSnapshot\n",
        "Started by Node 2\n" + Self.states(7, 5, 3, 0)
      ),
      (" \t Send \t 1 2 0003 \r\nReceive 2\r\n\r\n\nReceive 2", "1 Transfer 3\n"),
    ])
  func prints(rest: String, output: String) {
    let result = ScriptResult(Self.two + rest)
    #expect(result.output == output)
    #expect(result.errors.map(\.problem) == (rest.hasSuffix("2") ? [.nothingToReceive(2)] : []))
  }

  private static func states(_ one: Int, _ two: Int, _ there: Int, _ back: Int) -> String {
    """
    ---Node states
    node 1 = \(one)
    node 2 = \(two)
    ---Channel states
    channel (1 -> 2) = \(there)
    channel (2 -> 1) = \(back)

    """
  }

  @Test(
    "A line that cannot be carried out is named, and changes nothing",
    arguments: [
      ("Receive 2 1", .emptyChannel(source: 1, target: 2)),
      ("Receive 2", .nothingToReceive(2)),
      ("Receive 9", .unknownNode(9)),
      ("Receive 1 9", .unknownNode(9)),
      ("Receive 1 1", .selfChannel(1)),
      ("Send 1 9 3", .unknownNode(9)),
      ("Send 9 1 3", .unknownNode(9)),
      ("Send 9 1 999", .unknownNode(9)),
      ("Send 1 1 3", .selfChannel(1)),
      ("Send 1 2 -3", .negativeMoney(-3)),
      ("Send 1 2 9223372036854775808", .numberTooLarge("9223372036854775808")),
      ("Send -9223372036854775809 2 1", .numberTooLarge("-9223372036854775809")),
      ("Send -9223372036854775808 2 1", .unknownNode(.min)),
      ("Send 1 2 3.0", .notANumber("3.0")),
      ("Send 1 2 +3", .notANumber("+3")),
      ("Send 1 2 -", .notANumber("-")),
      ("Send 1 2 --3", .notANumber("--3")),
      ("Send 1 2 99999999999999999999x", .notANumber("99999999999999999999x")),
      ("Send 1 2", .wrongWordCount(usage: "Send FROM TO AMOUNT", found: 3)),
      ("Send 1 2 3 4", .wrongWordCount(usage: "Send FROM TO AMOUNT", found: 5)),
      ("Receive", .wrongWordCount(usage: "Receive RECEIVER [SENDER]", found: 1)),
      ("Receive 1 2 3", .wrongWordCount(usage: "Receive RECEIVER [SENDER]", found: 4)),
      ("ReceiveAll 1", .wrongWordCount(usage: "ReceiveAll", found: 2)),
      ("CreateNode 3", .wrongWordCount(usage: "CreateNode ID MONEY", found: 2)),
      ("CreateNode 2 5", .repeatedNode(2)),
      ("CreateNode 3 -1", .negativeMoney(-1)),
      ("CreateNode 3 9223372036854775793", .tooMuchMoney),
      ("CreateNode 3 9223372036854775807", .tooMuchMoney),
      ("BeginSnapshot", .wrongWordCount(usage: "BeginSnapshot ID", found: 1)),
      ("BeginSnapshot 9", .unknownNode(9)),
      ("CollectState", .noSnapshot),
      ("PrintSnapshot", .nothingCollected),
      ("StartMaster", .alreadyStarted),
      ("send 1 2 3", .unknownCommand("send")),
      ("# Send 1 2 3", .unknownCommand("#")),
      ("\u{1}\u{1B}[31m", .unknownCommand("\u{1}\u{1B}[31m")),
      (String(repeating: "x", count: 1000), .unknownCommand(String(repeating: "x", count: 40))),
      (String(repeating: "x", count: 1001), .lineTooLong(byteCountMax: 1000)),
      (String(repeating: "x y ", count: 50_000), .lineTooLong(byteCountMax: 1000)),
    ] as [(String, BankScriptError.Problem)])
  func refuses(line: String, problem: BankScriptError.Problem) {
    let result = ScriptResult(
      Self.two + line + "\nBeginSnapshot 1\nReceiveAll\nCollectState\nPrintSnapshot\n")
    #expect(result.errors == [BankScriptError(line: 4, problem: problem)])
    #expect(result.output == "Started by Node 1\n" + Self.states(10, 5, 0, 0))
  }

  @Test("A line that is not text is an error like any other")
  func refusesBytes() {
    let result = ScriptResult([0xFF, 0xC0, 0x0A, 0x00, 0x0A] + Array(Self.two.utf8))
    #expect(result.errors.map(\.line) == [1, 2])
    #expect(result.output == "")
  }

  @Test("An endless line is an error once it is too long, and the next line is executed")
  func endlessLine() {
    var script = BankScript(seed: 0)
    var output: [UInt8] = []
    var errors: [BankScriptError] = []
    for _ in 0..<1000 {
      script.append(bytes: Array(repeating: UInt8(ascii: "x"), count: 100))
      script.carryOut(into: &output, &errors)
      script.append(bytes: [])
    }
    #expect(errors == [BankScriptError(line: 1, problem: .lineTooLong(byteCountMax: 1000))])
    script.append(bytes: Array("x\n\(Self.two)Send 1 2 99\nnonsense".utf8))
    script.endInput()
    script.carryOut(into: &output, &errors)
    #expect(output == Array("ERR_SEND\n".utf8))
    #expect(errors.map(\.line) == [1, 6])
  }

  @Test("A script gives the same however its bytes are cut into pieces", arguments: [1, 2, 7, 999])
  func pieces(byteCount: Int) {
    let text = RandomScript(nodeCount: 4, seed: 3, mayFail: true).text + "Send 1 2"
    let whole = ScriptResult(text)
    let cut = ScriptResult(Array(text.utf8), pieceByteCount: byteCount)
    #expect(whole == cut)
    #expect(whole.errors.count > 1 && whole.output.count > 1000)
  }

  // MARK: What the format leaves open

  @Test(
    "Outside a bank every command but StartMaster is an error",
    arguments: [
      "KillAll", "CreateNode 3 1", "Send 1 2 3", "Receive 1", "Receive 1 2", "ReceiveAll",
      "BeginSnapshot 1", "CollectState", "PrintSnapshot",
    ])
  func outsideBank(command: String) {
    let result = ScriptResult("\(command)\n\(Self.two)KillAll\n\(command)\n")
    #expect(
      result.errors
        == [1, 6].map { BankScriptError(line: $0, problem: .notStarted) })
    #expect(result.output == "")
  }

  @Test("A second bank knows nothing of the first, and chooses as the first did")
  func secondBank() {
    let text = RandomScript(nodeCount: 5, seed: 8).text
    let once = ScriptResult(text)
    let twice = ScriptResult(text + text)
    #expect(twice.output == once.output + once.output)
    #expect(twice.errors == [])
  }

  @Test("Each of several snapshots in progress ends, and the last one is collected")
  func severalSnapshots() {
    let result = ScriptResult(
      Self.two
        + """
        Send 1 2 1
        BeginSnapshot 2
        Send 1 2 2
        BeginSnapshot 1
        Receive 2
        Receive 2
        Receive 2
        Receive 1
        CollectState
        Receive 1
        CollectState
        Receive 2
        CollectState
        PrintSnapshot

        """)
    #expect(
      result.output == """
        Started by Node 2
        Started by Node 1
        1 Transfer 1
        1 Transfer 2
        1 SnapshotToken -1
        2 SnapshotToken -1
        2 SnapshotToken -1
        1 SnapshotToken -1
        \(Self.states(7, 8, 0, 0))
        """)
    #expect(
      result.errors == [
        BankScriptError(line: 12, problem: .snapshotUnfinished(initiator: 1, nodeCount: 1))
      ])
  }

  @Test("A snapshot that was collected stays what it was, whatever is begun and created later")
  func collectedStays() {
    let take = "BeginSnapshot 1\nReceiveAll\nCollectState\n"
    let result = ScriptResult(
      Self.two + take + "CreateNode 3 7\nSend 1 2 4\nBeginSnapshot 2\nPrintSnapshot\n"
        + "CollectState\nPrintSnapshot\n")
    #expect(
      result.output == "Started by Node 1\nStarted by Node 2\n"
        + Self.states(10, 5, 0, 0) + Self.states(10, 5, 0, 0))
    #expect(
      result.errors == [
        BankScriptError(line: 11, problem: .snapshotUnfinished(initiator: 2, nodeCount: 3))
      ])
  }

  @Test("A node cannot be created while tokens are in transit, and can afterwards")
  func nodeDuringSnapshot() {
    let result = ScriptResult(
      Self.two + "BeginSnapshot 1\nCreateNode 10 7\nReceiveAll\nCreateNode 10 7\n"
        + "BeginSnapshot 10\nReceiveAll\nCollectState\nPrintSnapshot\n")
    #expect(result.errors == [BankScriptError(line: 5, problem: .nodeDuringSnapshot(10))])
    #expect(
      result.output == """
        Started by Node 1
        Started by Node 10
        ---Node states
        node 1 = 10
        node 2 = 5
        node 10 = 7
        ---Channel states
        channel (1 -> 2) = 0
        channel (1 -> 10) = 0
        channel (2 -> 1) = 0
        channel (2 -> 10) = 0
        channel (10 -> 1) = 0
        channel (10 -> 2) = 0

        """)
  }

  @Test("A node alone is its own snapshot, at once; ids may be negative")
  func nodeAlone() {
    let result = ScriptResult(
      "StartMaster\nCreateNode -7 9223372036854775807\nBeginSnapshot -7\nCollectState\n"
        + "PrintSnapshot\n")
    #expect(
      result.output
        == "Started by Node -7\n---Node states\nnode -7 = 9223372036854775807\n---Channel states\n")
    #expect(result.errors == [])
  }

  @Test("Money at the limit of 64 bits goes round without overflow")
  func limitOfMoney() {
    let result = ScriptResult(
      "StartMaster\nCreateNode 1 9223372036854775807\nCreateNode 2 0\nCreateNode 3 1\n"
        + "Send 1 2 9223372036854775806\nSend 1 2 1\nBeginSnapshot 2\nReceiveAll\nCollectState\n"
        + "PrintSnapshot\nSend 2 1 9223372036854775807\nReceive 1\n")
    #expect(result.errors == [BankScriptError(line: 4, problem: .tooMuchMoney)])
    #expect(
      result.output == "Started by Node 2\n" + Self.states(0, 0, .max, 0)
        + "2 Transfer 9223372036854775807\n")
  }

  @Test("As many snapshots as a recorder takes may be under way, and one more is an error")
  func tooManySnapshots() {
    let lines = [String](repeating: "BeginSnapshot 1\nBeginSnapshot 2\n", count: 2049).joined()
    let result = ScriptResult(Self.two + lines + "KillAll\n\(Self.two)BeginSnapshot 1\n")
    #expect(
      result.errors
        == [4100, 4101].map {
          BankScriptError(line: $0, problem: .tooManySnapshots(countMax: 4096))
        })
  }

  // MARK: Size

  @Test("A long channel loses nothing and keeps its order")
  func longChannel() {
    let count = 20_000
    var text = "StartMaster\nCreateNode 1 \(count * count)\nCreateNode 2 0\n"
    for amount in 1...count { text += "Send 1 2 \(amount)\n" }
    text += "BeginSnapshot 2\nReceive 1\n"
    for _ in 1...count { text += "Receive 2 1\n" }
    text += "Receive 2\nCollectState\nPrintSnapshot\n"
    let result = ScriptResult(text)
    var expected = "Started by Node 2\n2 SnapshotToken -1\n"
    for amount in 1...count { expected += "1 Transfer \(amount)\n" }
    let sum = count * (count + 1) / 2
    expected += "1 SnapshotToken -1\n" + Self.states(count * count - sum, 0, sum, 0)
    #expect(result.output == expected)
    #expect(result.errors == [])
  }

  @Test("Two hundred nodes take a snapshot of each other")
  func manyNodes() {
    var text = "StartMaster\n"
    for node in 1...200 { text += "CreateNode \(node) \(node)\n" }
    let result = ScriptResult(text + "BeginSnapshot 100\nReceiveAll\nCollectState\nPrintSnapshot\n")
    #expect(result.errors == [])
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 1 + 1 + 200 + 1 + 200 * 199)
    #expect(lines.last == "channel (200 -> 199) = 0")
  }

  @Test("The wording of every error is one line")
  func wording() {
    let problems: [BankScriptError.Problem] = [
      .wrongWordCount(usage: "Send FROM TO AMOUNT", found: 1),
      .snapshotUnfinished(initiator: 4, nodeCount: 1), .nodeDuringSnapshot(3), .noSnapshot,
    ]
    #expect(
      problems.map { "\(BankScriptError(line: 7, problem: $0))" } == [
        "line 7: the line has 1 word, but should read 'Send FROM TO AMOUNT'",
        "line 7: the snapshot of node 4 has not finished: 1 node without all tokens; "
          + "ReceiveAll receives them",
        "line 7: node 3 cannot be created while a snapshot is under way; ReceiveAll ends it",
        "line 7: there is no snapshot to collect; BeginSnapshot begins one",
      ])
  }
}
