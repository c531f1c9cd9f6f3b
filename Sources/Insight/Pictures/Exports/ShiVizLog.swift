import Analysis
import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// A log for ShiViz and TSViz, which draw space–time diagrams: each run is one execution.
///
/// The journals keep Lamport readings; the vector clocks that these viewers need are computed
/// here. They count the events that are written: a clock begins at 1 in every window, and a receipt
/// whose send lies before it tells of nothing. Recording a state for a snapshot is an event of its
/// own, caused by the marker that asked for it, so that a cut is seen as a line of such events that
/// no message crosses backwards.
///
/// - SeeAlso: I. Beschastnikh et al., "Visualizing Distributed System Executions", TOSEM 29(2),
///   2020. <https://doi.org/10.1145/3375633>
final class ShiVizLog: RunExport {
  /// The regular expressions for an event, of two lines, and for an execution's label.
  ///
  /// Fields that imported logs lack are left out.
  private static func header(of run: StoredRun) -> String {
    (run.lacks(.time) ? "" : #"(?<timestamp>\d+) "#) + #"(?<kind>\w+) "#
      + (run.lacks(.clock) ? "" : #"lamport=(?<lamport>\d+) "#)
      + (run.lacks(.queue) ? "" : #"queue=(?<queue>\d*) "#)
      + #"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})"# + "\n" + "=== (?<trace>.*) ===\n"
  }
  /// With so many events ShiViz takes half a minute, and the time grows with the square.
  static let eventCountMax = 30_000

  private var text: ExportText
  /// The labels in use, with the properties of every JavaScript object: ShiViz keys executions by
  /// label.
  private var labels: Set<String> = [
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf", "__defineGetter__", "__defineSetter__", "__lookupGetter__",
    "__lookupSetter__", "__proto__",
  ]
  private var hasHeader = false
  private var clocks: [VectorClock] = []
  private var messages = MessagesInTransit<VectorClock>(Topology(completeWith: 1))
  /// Each machine's vector clock when it sent its markers; looked up, never iterated.
  private var markers: [UInt64: [UInt32: VectorClock]] = [:]
  private var eventCount = 0
  private var eventCountOfLongest = 0
  /// The fields that the current run has.
  private var (hasTime, hasClock, hasQueue) = (true, true, true)
  private var tellsQueue: [Bool] = []
  private var hosts = HostNames()
  /// The workload's columns of the current run.
  private var fields: [FieldDeclaration] = []

  init(_ file: AtomicFile) {
    text = ExportText(file)
  }

  var warnings: [String] {
    guard eventCountOfLongest > Self.eventCountMax else { return [] }
    return [
      "\(eventCountOfLongest) events are more than ShiViz shows in reasonable time, which grows "
        + "with their square; choose fewer than \(Self.eventCountMax) with --from and --to"
    ]
  }

  func begin(_ run: StoredRun, clockBefore: UInt64) {
    // Several runs share one header; an imported run is exported alone.
    if !hasHeader { text.write(Self.header(of: run)) }
    hasHeader = true
    text.write("=== \(label(of: run)) ===\n")
    (hasTime, hasClock) = (!run.lacks(.time), !run.lacks(.clock))
    (hasQueue, tellsQueue) = (!run.lacks(.queue), run.manifest.tellsQueue)
    hosts = HostNames(of: run.manifest)
    fields = run.fields.columns
    clocks = Array(repeating: VectorClock(machineCount: run.machineCount), count: run.machineCount)
    messages = MessagesInTransit(in: run)
    markers = [:]
    eventCount = 0
  }

  func add(_ event: CausalEvent) {
    let (machine, line) = (event.machine, event.line)
    var clock = clocks[machine.index]
    // Keeping the old one would force another copy.
    clocks[machine.index] = VectorClock(counts: [])
    if let cause = cause(of: event) { clock.merge(cause) }
    clock.tick(at: machine)
    switch line.kind {
    case .send: messages.add(clock, sentBy: event)
    case .snapshot: keepMarkers(of: event, clock)
    case .internal, .receive, .deposit, .withdraw: break
    }
    write(event, of: machine)
    text.write("\(hosts[machine]) ")
    write(clock)
    clocks[machine.index] = clock
    eventCount += 1
  }

  private func write(_ event: CausalEvent, of machine: MachineID) {
    let line = event.line
    if hasTime { text.write("\(line.systemTime) ") }
    text.write("\(line.kind.word) ")
    if hasClock { text.write("lamport=\(line.clock) ") }
    if hasQueue {
      text.write(tellsQueue[machine.index] ? "queue=\(line.queueLength) " : "queue= ")
    }
    text.write("\(line.story(hosts))\(FieldText.story(fields, event.values))\n")
  }

  func endRun() {
    eventCountOfLongest = max(eventCountOfLongest, eventCount)
  }

  func end() -> AtomicFile { text.end() }

  /// The vector clock of this event's cause on another machine; nil when it has none.
  private func cause(of event: CausalEvent) -> VectorClock? {
    switch event.line.kind {
    case .receive: messages.remove(receivedBy: event)
    case .snapshot: markers[event.line.messageReading]?[event.line.peerNumber]
    case .internal, .send, .deposit, .withdraw: nil
    }
  }

  private func keepMarkers(of event: CausalEvent, _ clock: VectorClock) {
    let id = event.line.messageReading
    markers[id, default: [:]][event.machine.number] = clock
    // When all machines have recorded, no first marker is still to be received.
    if markers[id]?.count == clocks.count { markers[id] = nil }
  }

  private func write(_ clock: VectorClock) {
    var separator = "{"
    for (number, count) in clock.counts.enumerated() where count > 0 {
      text.write("\(separator)\"\(hosts[number])\":\(count)")
      separator = ","
    }
    text.write("}\n")
  }

  /// The run's name as a label that is unique and cannot be read as markup.
  private func label(of run: StoredRun) -> String {
    let name = String(
      String.UnicodeScalarView(
        run.name.inOneLine.unicodeScalars.map { $0 == "<" ? "‹" : $0 == ">" ? "›" : $0 }))
    var label = name
    var number = 1
    while !labels.insert(label).inserted {
      number += 1
      label = "\(name) (\(number))"
    }
    return label
  }
}

extension JournalLine {
  /// A description of the event, as a viewer shows it.
  func story(_ hosts: HostNames) -> String {
    // No reading is 0; 0 means that the imported logs do not tell the reading.
    let message = messageReading > 0 ? " \(messageReading)" : ""
    switch (kind, peer) {
    case (.send, .all): return "send\(message) to all"
    case (.send, .machine(let target)): return "send\(message) to \(hosts[target])"
    case (.send, .group(let group)):
      return "send\(message) to \(hosts.names(ofGroup: group).joined(separator: ", "))"
    case (.receive, .machine(let source)):
      return "receive\(message) from \(hosts[source])"
    case (.snapshot, .machine(let source)):
      return "snapshot \(snapshotName) by marker of \(hosts[source])"
    case (.snapshot, _): return "snapshot \(snapshotName) begins"
    default: return "\(kind.word)"
    }
  }

  /// The id of the snapshot that a snapshot line names.
  var snapshotName: String {
    snapshot.map { "\(SnapshotID(initiator: $0.initiator, number: $0.number))" } ?? ""
  }
}
