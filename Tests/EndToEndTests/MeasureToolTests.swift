import SystemCalls
import TestSupport
import Testing

/// What classic algorithms cost, in the tables, figures and pages of the tools as built.
@Suite("Measures of workloads, as built", .ownThreads)
struct MeasureToolTests {
  private static let experiment = """
    {"title": "The price of an entry", "question": "How many messages?",
     "options": {"duration": "400s", "runtime": "virtual", "ticks": "10...10", "delay": "10s",
                 "want": 1, "inside": 20},
     "axes": {"workload": ["mutex-lamport", "mutex-ricart-agrawala"], "machines": [3, 4]},
     "repetitions": 2, "base_seed": 7}
    """

  private static func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(path), as: UTF8.self)
  }

  @Test(
    "A sweep of workloads prints their measures; its page has a table and figures of them", .long)
  func sweep() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(Self.experiment, to: "08-price.json")
    let swept = try BuiltTool.scalemodel.run(["sweep", file], in: directory.path)
    #expect(swept.exitCode == 0, "\(swept.error)")
    #expect(swept.output.contains("configuration"))
    let part = swept.output.split(separator: "workload mutex-lamport, machines 4\n").last
    #expect(part?.contains(#/  entries_per_s +0\.08\d+ +0\.08333\n/#) == true)
    let written = try BuiltTool.analyze.run(
      ["sweeps/08-price", "--notebook", "notebook/08-price.md"], in: directory.path)
    #expect(written.exitCode == 0, "\(written.error)")
    let folder = directory.path + "/notebook/08-price"
    #expect(
      try FileSystem.entries(folder) == [
        "entries-per-s.svg", "measures.csv", "messages-per-entry.svg", "runs.csv",
        "wait-mean-s.svg",
      ])
    let page = try Self.text(folder + ".md")
    for expected in [
      "| workload | machines | runs | messages\\_per\\_entry | predicted | wait\\_mean\\_s | ",
      "| mutex-ricart-agrawala | 4 | 2 | ", "What the workloads measure",
      "![Messages per entry](08-price/messages-per-entry.svg)", "<summary>Machines</summary>",
      "[`measures.csv`](08-price/measures.csv)",
    ] {
      #expect(page.contains(expected), "\(expected)")
    }
    #expect(try Self.text(folder + "/measures.csv").split(separator: "\n").count == 1 + 8 * 3)
    let header = try #require(Self.text(folder + "/runs.csv").split(separator: "\n").first)
    #expect(header.hasSuffix(",entries_per_s_high,predicted_entries_per_s"))
    #expect(try Self.text(folder + "/wait-mean-s.svg").contains("its law predicts"))
  }

  @Test("A run's measures are in JSON and in a file; a run of chatter has neither")
  func tables() throws {
    let directory = try TemporaryDirectory()
    for (name, words) in [("wave", ["--workload", "echo"]), ("talk", [])] {
      let outcome = try BuiltTool.scalemodel.run(
        ["run", "--runtime", "virtual", "--duration", "20s", "--seed", "3", "--output", name]
          + words, in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.error)")
    }
    for (name, expected) in [("wave", true), ("talk", false)] {
      let json = try BuiltTool.analyze.run([name, "--json"], in: directory.path)
      #expect(json.output.contains("\"measures\"") == expected)
      try #require(BuiltTool.analyze.run([name, "--report"], in: directory.path).exitCode == 0)
      let report = try Self.text("\(directory.path)/\(name)/analysis/report.html")
      #expect(report.contains("<h2 id=\"measures\">Measures</h2>") == expected)
      let tables = try BuiltTool.analyze.run([name, "--output", "of-" + name], in: directory.path)
      #expect(tables.output.hasSuffix(expected ? "/measures.csv\n" : "/runs.csv\n"))
      let files = try FileSystem.entries("\(directory.path)/of-\(name)")
      #expect(files.count == (expected ? 8 : 7) && files.allSatisfy { $0.hasSuffix(".csv") })
    }
    #expect(
      try Self.text(directory.path + "/of-wave/measures.csv")
        == "run,measure,value,predicted\nwave,messages_until_finished,6,6\n")
  }
}
