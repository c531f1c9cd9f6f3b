import Analysis
import Pictures
import ScaleModel
import SystemCalls
import Testing

/// The graph that Graphviz gets: each node once, rows in order, an edge for each message.
@Suite("Graphs for Graphviz")
struct DotGraphTests {
  private static var fixture: ExportFixture {
    var fixture = ExportFixture()
    fixture.seconds = 20
    fixture.interval = .seconds(5)
    return fixture
  }

  @Test("Each event is a node in its machine's row, each message an edge between rows")
  func graph() throws {
    let (text, lines, _, refusal) = try Self.fixture.export(.dot)
    #expect(refusal == nil)
    let nodes = text.matches(of: /^    (r1m(\d+)e(\d+)) \[label=/.anchorsMatchLineEndings())
    #expect(nodes.count == lines[0].count)
    #expect(Set(nodes.map(\.1)).count == nodes.count)
    for machine in 0..<3 {
      let count = lines[0].count { $0.machine == machine }
      let row = (["r1m\(machine)"] + (1...count).map { "r1m\(machine)e\($0)" })
        .joined(separator: " -> ")
      #expect(text.contains("{ rank=same; \(row) [weight=8]; }"))
    }
    let edges = text.matches(of: /(r1m\d+)e\d+ -> (r1m\d+)e\d+ \[constraint=false, (\w+)/)
    #expect(edges.count { $0.3 == "color" } == lines[0].count { $0.event == "receive" })
    // Three machines record three snapshots; the initiators need no marker.
    #expect(edges.count { $0.3 == "style" } == 6)
    #expect(edges.allSatisfy { $0.1 != $0.2 })
  }

  @Test("No message points back: its receipt is right of its send")
  func columns() throws {
    let text = try Self.fixture.export(.dot).text
    var columns: [Substring: Int] = [:]
    for node in text.matches(of: /^    (r1m\d+e\d+) .* pos="(\d+),/.anchorsMatchLineEndings()) {
      columns[node.1] = Int(node.2)
    }
    let edges = text.matches(of: /(r1m\d+e\d+) -> (r1m\d+e\d+) \[constraint/)
    #expect(!edges.isEmpty)
    for edge in edges {
      #expect(try #require(columns[edge.1]) < #require(columns[edge.2]))
    }
  }

  @Test("More events than Graphviz can draw are refused")
  func tooMany() throws {
    var fixture = Self.fixture
    fixture.rates = [60, 30]
    #expect(
      try fixture.export(.dot).refusal
        == "dot draws at most 1000 events; choose fewer with --from and --to")
    #expect(
      try fixture.export(.dot, window: TimeWindow(from: 2 * second, to: 4 * second)).refusal == nil)
  }

  @Test(
    "Graphviz reads it, whatever runs are called",
    .enabled(if: FileSystem.exists("/usr/bin/dot"), "Graphviz is not installed"))
  func graphvizReads() throws {
    var fixture = Self.fixture
    fixture.seeds = [1, 2]
    fixture.name = "it's a \"run\" <script>alert(1)</script> \\\" \n"
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(directory) }
    let (text, lines, _, _) = try fixture.export(.dot)
    try FileSystem.replace(directory + "/diagram.dot", with: text)
    for words in [["-Kdot", "-Tsvg"], ["-Kneato", "-n2", "-Tsvg"]] {
      let outcome = try ToolProcess("/usr/bin/dot", words + ["diagram.dot"], directory: directory)
        .finish(seconds: 30)
      #expect(outcome.exitCode == 0)
      #expect(outcome.error.isEmpty)
      let nodeCount = outcome.output.matches(of: /class="node"/).count
      #expect(nodeCount == lines[0].count + lines[1].count + 6)
      #expect(!outcome.output.contains("<script>"))
    }
  }
}
