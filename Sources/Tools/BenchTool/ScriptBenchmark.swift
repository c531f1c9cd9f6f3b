import CommandLineKit
import CourseFormats
import ScaleModel
import SystemCalls

/// The scripted bank as a process, against the same bank in plain Python, on the same scripts.
struct ScriptBenchmark: Benchmark {
  static let name = "script"
  static let summary =
    "commands per second of the scripted bank, compared with the same bank in Python"

  private let repetitions = 5
  private let channelLength = 1_000_000

  init(options: BenchmarkOptions) {}

  func measure() throws -> [BenchmarkTable] {
    var table = BenchmarkTable(
      title: "script: thousand commands per second, medians of \(repetitions), alternating",
      columns: ["", "commands", "scalemodel", "Python"] + Figure.ratioColumns + ["asked"],
      rows: [],
      notes: ["whole processes, from file to file; both print the same bytes, or this fails"])
    let tool = FileSystem.parentPath(of: ThisProcess.executablePath) + "/scalemodel"
    guard FileSystem.exists(tool) else {
      table.notes = ["\(tool) is not built: swift build -c release"]
      return [table]
    }
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    defer { try? FileSystem.removeTree(directory) }
    let scripts = [
      ("50 nodes, snapshots", BankScriptText.mixed(nodeCount: 50, commandCount: 300_000)),
      ("\(channelLength) messages in a channel", BankScriptText.longChannel(channelLength)),
    ]
    for (name, text) in scripts {
      let script = Script(directory: directory, tool: tool)
      try FileSystem.replace(script.path, with: text)
      let commandCount = text.utf8.count { $0 == UInt8(ascii: "\n") }
      table.rows.append([name, "\(commandCount)"] + (try compare(script, commandCount)))
    }
    return [table]
  }

  /// The figures of one script, as text.
  private func compare(_ script: Script, _ commandCount: Int) throws -> [String] {
    var ours: [Double] = []
    var theirs: [Double] = []
    let python = ReferencePrograms.inPath("python3")
    for _ in 0..<repetitions {
      ours.append(Double(commandCount) / (try script.seconds()) / 1000)
      guard let python else { continue }
      theirs.append(Double(commandCount) / (try script.seconds(python: python)) / 1000)
    }
    return [ours, theirs].map { Figure.text(Figure.median($0), digits: 0) }
      + Figure.ratios(ours, theirs) + [">= 4"]
  }

  /// A script file, and the file of its output.
  private struct Script {
    let directory: String
    let tool: String

    var path: String { directory + "/script" }
    private var output: String { directory + "/output" }

    /// How long the tool takes.
    func seconds() throws -> Double {
      try seconds(of: [tool, "script", path], output: output)
    }

    /// How long the bank in Python takes to print the same.
    func seconds(python: String) throws -> Double {
      let program = try ReferencePrograms.path(of: "scripted_bank.py")
      let theirOutput = output + "-python"
      let seconds = try seconds(of: [python, program, path], output: theirOutput)
      guard try FileSystem.contents(output) == FileSystem.contents(theirOutput) else {
        throw ToolFailure(.failed, "the bank in Python printed something else")
      }
      return seconds
    }

    private func seconds(of words: [String], output: String) throws -> Double {
      let start = SystemClock.monotonicNanoseconds
      let outcome = try ToolProcess(
        "/bin/sh", ["-c", "output=$1; shift; exec \"$@\" >\"$output\"", "sh", output] + words
      ).finish(seconds: 600)
      guard outcome.exitCode == 0, outcome.error.isEmpty else {
        throw ToolFailure(.failed, "\(words[0]) failed: \(outcome.error.prefix(200))")
      }
      return Double(SystemClock.monotonicNanoseconds - start) / 1e9
    }
  }
}

/// Bank scripts in which every line is valid.
enum BankScriptText {
  /// Alternating sends and receipts between random nodes, with occasional snapshots.
  static func mixed(nodeCount: Int, commandCount: Int) -> String {
    let epochLength = 5000
    var random = SplitMix64(state: 7)
    func node() -> Int { Int(random.draw(below: UInt64(nodeCount))) }
    var text = "StartMaster\n"
    for node in 0..<nodeCount { text += "CreateNode \(node) 1000000000\n" }
    for epoch in 0..<commandCount / epochLength {
      // The channels of the waiting messages.
      var waiting: [(source: Int, target: Int)] = []
      for index in 0..<epochLength {
        if index == epochLength - 100 { text += "BeginSnapshot \(node())\n" }
        // With tokens between the messages, this generator cannot know what comes next.
        if index % 2 == 1, index < epochLength - 100, waiting.count > 20 {
          let (source, target) = waiting.remove(at: Int(random.draw(below: 20)))
          text += "Receive \(target)\(epoch % 2 == 0 ? " \(source)" : "")\n"
        } else {
          let source = node()
          let target = (source + 1 + Int(random.draw(below: UInt64(nodeCount - 1)))) % nodeCount
          waiting.append((source, target))
          text += "Send \(source) \(target) \(random.draw(below: 1000))\n"
        }
      }
      text += "ReceiveAll\nCollectState\nPrintSnapshot\n"
    }
    return text + "KillAll\n"
  }

  /// Many messages in one channel, all in one snapshot, then received one by one.
  static func longChannel(_ count: Int) -> String {
    var text = "StartMaster\nCreateNode 1 \(count)\nCreateNode 2 0\n"
    for _ in 0..<count { text += "Send 1 2 1\n" }
    text += "BeginSnapshot 2\nReceive 1 2\n"
    for _ in 0..<count { text += "Receive 2 1\n" }
    return text + "Receive 2\nCollectState\nPrintSnapshot\nKillAll\n"
  }
}
