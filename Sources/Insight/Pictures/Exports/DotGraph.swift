import Analysis
import LogicalTime
import RunRecord
import ScaleModel

/// A graph for Graphviz's `dot`: a row per machine, its events in order, an edge per message.
///
/// `dot` keeps each machine's order only. For `neato -n2` every node also has a position, in a
/// column right of all its causes, so that no arrow points back.
///
/// Graphviz can lay out small windows only, so more events are refused.
final class DotGraph: RunExport {
  /// For a graph of more events `dot` takes minutes and shows nothing useful.
  static let eventCountMax = 1000

  private var text: ExportText
  private var eventCount = 0
  private var runCount = 0
  private var rows: [[Node]] = []
  private var edges: [String] = []
  private var messages = MessagesInTransit<Node>(Topology(completeWith: 1))
  /// The nodes at which each machine sent its markers, by snapshot; looked up, never iterated.
  private var markers: [UInt64: [UInt32: Node]] = [:]
  /// Whether the current run has clock readings.
  private var hasClock = true
  private var tellsQueue: [Bool] = []
  private var hosts = HostNames()
  /// The workload's columns of the current run.
  private var fields: [FieldDeclaration] = []
  /// How many machines the earlier runs have.
  private var rowsAbove = 0

  private struct Node {
    let name: String
    let column: Int
  }

  init(_ file: AtomicFile) {
    text = ExportText(file)
    text.write(
      """
      digraph {
        node [shape=circle, style=filled, fillcolor=white, fontname="sans-serif", fontsize=10];
        edge [color="#888888", arrowsize=0.6];

      """)
  }

  var refusal: String? {
    guard eventCount > Self.eventCountMax else { return nil }
    return "dot draws at most \(Self.eventCountMax) events; choose fewer with --from and --to"
  }

  func begin(_ run: StoredRun, clockBefore: UInt64) {
    runCount += 1
    rows = run.topology.machineIDs.map { _ in [] }
    edges = []
    messages = MessagesInTransit(in: run)
    hasClock = !run.lacks(.clock)
    hosts = HostNames(of: run.manifest)
    fields = run.fields.columns
    tellsQueue = run.manifest.tellsQueue
    markers = [:]
    text.write("  subgraph cluster_\(runCount) {\n    label=\(run.name.dotQuoted);\n")
  }

  func add(_ event: CausalEvent) {
    eventCount += 1
    guard refusal == nil else { return }
    let (machine, line) = (event.machine, event.line)
    let cause = cause(of: event)
    let node = Node(
      name: "\(head(of: machine.index))e\(rows[machine.index].count + 1)",
      column: max(rows[machine.index].last?.column ?? 0, cause?.node.column ?? 0) + 1)
    if let cause { edges.append("\(cause.node.name) -> \(node.name) [\(cause.look)]") }
    switch line.kind {
    case .send: messages.add(node, sentBy: event)
    case .snapshot: markers[line.messageReading, default: [:]][machine.number] = node
    case .internal, .receive, .deposit, .withdraw: break
    }
    rows[machine.index].append(node)
    let label = line.kind == .snapshot ? line.snapshotName : hasClock ? "\(line.clock)" : ""
    let tip =
      hosts[machine] + (hasClock ? ", clock \(line.clock)" : "")
      + (tellsQueue[machine.index] ? ", queue \(line.queueLength)" : "")
      + ": \(line.story(hosts))\(FieldText.story(fields, event.values))"
    text.write(
      "    \(node.name) [label=\(label.dotQuoted), tooltip=\(tip.dotQuoted)\(look(of: line)), "
        + "pos=\(position(row: machine.index, column: node.column))];\n")
  }

  /// The event on another machine that comes first, and the style of the edge from it.
  private func cause(of event: CausalEvent) -> (node: Node, look: String)? {
    switch event.line.kind {
    case .receive:
      messages.remove(receivedBy: event).map { ($0, "constraint=false, color=\"#0072b2\"") }
    case .snapshot:
      markers[event.line.messageReading]?[event.line.peerNumber].map {
        ($0, "constraint=false, style=dashed, color=\"#d55e00\"")
      }
    case .internal, .send, .deposit, .withdraw: nil
    }
  }

  func endRun() {
    for (machine, row) in rows.enumerated() {
      let head = head(of: machine)
      text.write(
        "    \(head) [label=\(hosts[machine].dotQuoted), shape=plaintext, style=\"\", "
          + "pos=\(position(row: machine, column: 0))];\n")
      let chain = ([head] + row.map(\.name)).joined(separator: " -> ")
      text.write("    { rank=same; \(chain) [weight=8]; }\n")
      if machine > 0 {
        text.write("    \(self.head(of: machine - 1)) -> \(head) [style=invis];\n")
      }
    }
    rowsAbove += rows.count + 1
    for edge in edges { text.write("    \(edge);\n") }
    text.write("  }\n")
  }

  func end() -> AtomicFile {
    text.write("}\n")
    return text.end()
  }

  /// The name of the first node in a machine's row.
  private func head(of machine: Int) -> String { "r\(runCount)m\(machine)" }

  /// The position of a node, in points.
  private func position(row: Int, column: Int) -> String {
    "\"\(54 * column),\(-72 * (rowsAbove + row))\""
  }

  private func look(of line: JournalLine) -> String {
    switch line.kind {
    case .send: ", fillcolor=\"#cfe8f7\""
    case .receive: ", fillcolor=\"#fbe3b3\""
    case .snapshot: ", shape=box, fillcolor=\"#f7d4bd\""
    case .internal, .deposit, .withdraw: ""
    }
  }
}

extension String {
  /// The text as a quoted string of the DOT language.
  fileprivate var dotQuoted: String {
    var quoted = "\""
    for character in inOneLine.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}
