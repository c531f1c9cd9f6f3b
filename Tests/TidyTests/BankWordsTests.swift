import Testing

/// Only the bank knows about money: what others do with it, they do for any workload.
@Suite("Words of money outside the bank's files")
struct BankWordsTests {
  private static let words: Set<String> = [
    "money", "balance", "balances", "amount", "amounts", "account", "accounts", "deposit",
    "deposits", "withdraw", "withdraws", "withdrawal", "withdrawals", "bank", "banks",
  ]

  /// Files and folders that may have them, each with its reason.
  private static let exceptions: [(paths: [String], reason: String)] = [
    (
      ["Records/CourseFormats/ScriptedBank/", "Tools/ScaleModelTool/ScriptCommand.swift"],
      "the scripted bank, a course's own format"
    ),
    (["Runtimes/Service/"], "the bank's gRPC calls"),
    (
      [
        "Tools/BenchTool/LoadClient.swift", "Tools/BenchTool/ScriptBenchmark.swift",
        "Tools/BenchTool/ServedMachines.swift", "Tools/BenchTool/ServiceBenchmark.swift",
      ], "benchmarks of the scripted bank and of the gRPC calls"
    ),
    (
      ["Records/RunRecord/Manifest.swift", "Insight/Analysis/Statistics/RunParameters.swift"],
      "the keys of run.json and the columns of runs.csv, as in all versions"
    ),
    (
      [
        "Model/ScaleModel/Event.swift", "Model/ScaleModel/InstructionByHand.swift",
        "Records/LogImport/ShiVizText.swift",
      ], "the words of the journal's column 'event'"
    ),
    (["Tools/ScaleModelTool/ScaleModelTool.swift"], "the command 'bank'"),
    (["Tools/ScaleModelTool/TellCommand.swift"], "the help's examples"),
    (["Insight/Experiments/ExperimentOption.swift"], "the names of options"),
    (["Tools/AnalyzeTool/AnalyzeTool"], "the help's examples"),
    (
      [
        "Runtimes/VirtualTime/VirtualRun.swift", "Runtimes/VirtualTime/VirtualOrigin.swift",
        "Runtimes/VirtualTime/RollbackTrial.swift", "Runtimes/WallTime/MachineLoop+Links.swift",
        "Model/ScaleModel/RecordedPart.swift",
      ],
      "the workloads that are specialised for speed"
    ),
    (
      [
        "Model/ScaleModel/RunPlan.swift", "Model/ScaleModel/RunPlan+Codable.swift",
        "Model/Exploration/PlanExplorer.swift",
        "Tools/ScaleModelTool/WorkloadOptions.swift", "Tools/ScaleModelTool/RunOptions",
        "Tools/ScaleModelTool/ClusterInitCommand.swift", "Runtimes/WallTime/MachineStart.swift",
        "Tools/ScaleModelTool/ClusterOptions.swift", "Runtimes/WallTime/Cluster/",
      ], "the choice of a built-in workload, and its options"
    ),
  ]

  /// Each word has one of these in it: most lines have none, and need no closer look.
  private static let stems = [
    "money", "balance", "amount", "account", "deposit", "withdraw", "bank",
  ]

  /// The kinds of events by hand, which every file may name.
  private static let kindsByHand = [".deposit", ".withdraw"]

  private static var excepted: [String] {
    exceptions.flatMap(\.paths).map { "Sources/" + $0 }
  }

  private static func isOfBank(_ file: SourceFile) -> Bool {
    file.path.split(separator: "/").last?.hasPrefix("Bank") == true
  }

  /// The words of money in a line, in any case, and as parts of longer names.
  private static func found(in line: Substring) -> [String] {
    let lowercased = line.lowercased()
    guard stems.contains(where: { lowercased.contains($0) }) else { return [] }
    var line = String(line)
    for kind in kindsByHand { line.replace(kind, with: "") }
    return line.matches(of: /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/)
      .map { $0.output.lowercased() }.filter(words.contains)
  }

  @Test("No other file has a word of money")
  func othersKnowNoMoney() throws {
    for source in try Project.sources() where !Self.isOfBank(source) {
      if Self.excepted.contains(where: { source.path.hasPrefix($0) }) { continue }
      for (index, line) in source.lines.enumerated() {
        let found = Self.found(in: line)
        #expect(found.isEmpty, "\(source):\(index + 1) says \(found)")
      }
    }
  }

  @Test("Every exception is needed")
  func exceptionsAreNeeded() throws {
    let sources = try Project.sources()
    for path in Self.excepted {
      let files = sources.filter { $0.path.hasPrefix(path) && !Self.isOfBank($0) }
      #expect(
        files.contains { $0.lines.contains { !Self.found(in: $0).isEmpty } },
        "\(path) has no word of money any more")
    }
  }

  @Test(
    "A word is found in a name, a text and a comment, and not in a longer word",
    arguments: [
      ("let startBalance = 3", ["balance"]), ("/// The bank's money.", ["bank", "money"]),
      ("case onAccounts(MONEY)", ["accounts", "money"]), ("case .deposit, .withdraw: 1", []),
      ("balanced amounting moneyed", []), ("final_balance", ["balance"]),
    ] as [(String, [String])])
  func wordsAreFound(line: String, words: [String]) {
    #expect(Self.found(in: line[...]) == words)
  }
}
