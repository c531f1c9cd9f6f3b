import Analysis
import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// A module for TLC, the model checker of TLA+: a run's journals as sequences of lines, and its
/// first complete snapshot.
///
/// `RecordedRun.tla`, written beside it, says what TLC then checks: that the lines are a behaviour
/// of `ChandyLamport.tla`. Values of fields are texts there, because TLC compares only values of a
/// kind.
///
/// - SeeAlso: L. Lamport, "Specifying Systems", 2002; H. Cirstea, M. A. Kuppe, B. Loillier and
///   S. Merz, "Validating Traces of Distributed Programs Against TLA+ Specifications", 2024.
final class TLAModule: RunExport {
  /// With so many events TLC takes minutes.
  static let eventCountMax = 20_000
  /// With so many channels each of its steps is slow.
  static let channelCountMax = 500
  /// The highest number that TLC knows.
  private static let numberMax = UInt64(Int32.max)

  private var text: ExportText
  private(set) var refusal: String?
  private var runCount = 0
  private var eventCount = 0
  private var topology = Topology(completeWith: 1)
  private var fields = FieldNames.none
  /// The run's snapshots, in the order they were begun.
  private var snapshotIDs: [SnapshotID] = []
  private var run: StoredRun?
  /// The lines of each machine's journal, as records, with the snapshot that they are of.
  private var lines: [[(record: String, snapshot: SnapshotID?)]] = []
  /// How many lines of each machine's file have been read, the header included.
  private var lineCounts: [Int] = []

  init(_ file: AtomicFile) { text = ExportText(file) }

  /// The files beside the module: the specification, and TLC's configuration.
  static var companions: [(name: String, bytes: [UInt8])] {
    [
      ("ChandyLamport.tla", PackageResources.ChandyLamport_tla),
      ("RecordedRun.tla", PackageResources.RecordedRun_tla),
      ("Run.cfg", PackageResources.Run_cfg),
    ]
  }

  func begin(_ run: StoredRun, clockBefore: UInt64) {
    runCount += 1
    refusal = refusal ?? reason(against: run, clockBefore)
    if refusal != nil { return }
    (topology, fields) = (run.topology, run.fields)
    lines = topology.machineIDs.map { _ in [] }
    lineCounts = topology.machineIDs.map { _ in 1 }
    do throws(RunRecordError) {
      snapshotIDs = run.inOrder(try run.files.snapshotIDs())
      self.run = run
    } catch {
      refusal = "--export tla: \(error)"
    }
  }

  /// Why the specification is not about such a run; nil when it is.
  private func reason(against run: StoredRun, _ clockBefore: UInt64) -> String? {
    let plan = run.manifest.plan
    if runCount > 1 { return "--export tla writes one run; name a single RUN" }
    if clockBefore > 0 { return "--export tla writes whole runs; leave out --from" }
    if run.manifest.imported != nil || run.manifest.from != nil {
      return "--export tla needs a run's journals from its first event; this run has none"
    }
    if run.topology.channelCount > Self.channelCountMax {
      return "TLC takes at most \(Self.channelCountMax) channels"
    }
    guard plan.promises.isUsual, plan.algorithm == .chandyLamport, !plan.markersWait else {
      return "--export tla is about reliable FIFO channels and markers handled on arrival; "
        + "leave out "
        + (plan.claimWords.isEmpty ? "--marker-handling" : plan.claimWords)
    }
    return nil
  }

  func add(_ event: CausalEvent) {
    let (machine, line) = (event.machine, event.line)
    lineCounts[machine.index] += 1
    let snapshot = line.snapshot.map {
      SnapshotID(initiator: $0.initiator, number: $0.number)
    }
    eventCount += 1
    if eventCount > Self.eventCountMax {
      refusal = "TLC takes at most \(Self.eventCountMax) events; choose fewer with --to"
    }
    let messageFields = event.values.prefix(fields.message.count)
    let hasMessage = line.kind == .send || line.kind == .receive
    if max(line.clock, line.tick, hasMessage ? line.messageReading : 0) > Self.numberMax {
      refusal = "TLC knows no number above \(Self.numberMax), and the clocks read more"
    }
    let made = record([
      ("number", "\(lineCounts[machine.index])"), ("kind", "\"\(Self.word(of: line.kind))\""),
      ("tick", "\(line.tick)"), ("reading", "\(line.clock)"),
      ("peers", set(peers(of: line, at: machine).map { "\($0)" })),
      ("id", hasMessage ? "\(line.messageReading)" : "0"),
      ("fields", hasMessage ? sequence(of: messageFields) : "<<>>"),
      ("state", sequence(of: event.values.dropFirst(fields.message.count))),
    ])
    lines[machine.index].append((made, snapshot))
  }

  /// The first complete snapshot that all machines have recorded by the end of what is written.
  private func firstSnapshot() throws(RunRecordError) -> SnapshotFile? {
    let recorded = lines.map { Set($0.compactMap(\.snapshot)) }
    for id in snapshotIDs where recorded.allSatisfy({ $0.contains(id) }) {
      if let file = try run?.snapshot(id), file.status == .complete { return file }
    }
    return nil
  }

  /// Whether TLC knows all numbers of a snapshot's file.
  private static func isWithinNumbers(_ file: SnapshotFile) -> Bool {
    let messages = file.machines.flatMap(\.inbox) + file.channels.flatMap(\.messages)
    return file.machines.allSatisfy { max($0.clock, $0.tick, $0.events) <= numberMax }
      && messages.allSatisfy { $0.message <= numberMax }
  }

  private static func word(of kind: Event.Kind) -> String {
    switch kind {
    case .send, .receive, .snapshot: "\(kind.word)"
    case .internal, .deposit, .withdraw: "\(Event.Kind.internal.word)"
    }
  }

  private func peers(of line: JournalLine, at machine: MachineID) -> [MachineID] {
    switch line.peer {
    case .machine(let peer): [peer]
    case .all: Array(topology.neighbours(of: machine))
    case .none, .group: []
    }
  }

  func endRun() {
    if refusal != nil { return }
    let snapshot: SnapshotFile?
    do throws(RunRecordError) {
      snapshot = try firstSnapshot()
    } catch {
      refusal = "--export tla: \(error)"
      return
    }
    guard snapshot.map(Self.isWithinNumbers) ?? true else {
      refusal = "TLC knows no number above \(Self.numberMax), and the snapshot has one"
      return
    }
    text.write(
      """
      ---- MODULE Run ----
      \\* A run of scalemodel. In this folder: java -cp tla2tools.jar tlc2.TLC Run
      EXTENDS RecordedRun

      TheMachines == 0..\(topology.machineCount - 1)
      TheChannels == \(set(channels.map { Self.pair($0.source, $0.target) }))

      """)
    for (machine, records) in lines.enumerated() {
      text.write("Journal\(machine) == <<")
      let told = records.filter { $0.snapshot == nil || $0.snapshot == snapshot?.id }
      for (index, line) in told.enumerated() {
        text.write((index == 0 ? "\n  " : ",\n  ") + line.record)
      }
      text.write(">>\n")
    }
    let journals = lines.indices.map { ("\($0)", "Journal\($0)") }
    text.write("TheJournal ==\(function(journals))\n")
    text.write("TheSnapshot == \(snapshot.map { "<<\(record(of: $0))>>" } ?? "<<>>")\n====\n")
  }

  func end() -> AtomicFile { text.end() }

  // MARK: The snapshot

  private var channels: [ChannelID] {
    topology.machineIDs.flatMap { source in
      topology.neighbours(of: source).map { ChannelID(from: source, to: $0) }
    }
  }

  private func record(of file: SnapshotFile) -> String {
    let states = file.machines.map { machine in
      (
        "\(machine.id)",
        record([
          ("clock", "\(machine.clock)"), ("tick", "\(machine.tick)"),
          ("events", "\(machine.events)"),
          (
            "inbox",
            sequence(
              machine.inbox.map {
                record([("source", "\($0.source ?? machine.id)"), ("message", record(of: $0))])
              })
          ),
          ("state", sequence(of: machine.fields.values(of: fields.journaledState))),
        ])
      )
    }
    let contents = channels.map { channel in
      let listed = file.channels.first {
        $0.source == channel.source && $0.target == channel.target
      }
      return (
        Self.pair(channel.source, channel.target),
        sequence((listed?.messages ?? []).map { record(of: $0) })
      )
    }
    return record([("machines", function(states)), ("channels", function(contents))])
  }

  private func record(of message: SnapshotFile.Message) -> String {
    record([
      ("id", "\(message.message)"),
      ("fields", sequence(of: message.fields.values(of: fields.message))),
    ])
  }

  // MARK: The language

  private static func pair(_ source: MachineID, _ target: MachineID) -> String {
    "<<\(source), \(target)>>"
  }

  private func set(_ elements: [String]) -> String { "{\(elements.joined(separator: ", "))}" }

  private func sequence(_ elements: [String]) -> String {
    "<<\(elements.joined(separator: ", "))>>"
  }

  private func sequence(of values: some Sequence<FieldValue>) -> String {
    sequence(values.map(\.tlaText))
  }

  private func record(_ entries: [(name: String, value: String)]) -> String {
    "[\(entries.map { "\($0.name) |-> \($0.value)" }.joined(separator: ", "))]"
  }

  /// A function by its values; `<<>>` without any.
  private func function(_ entries: [(argument: String, value: String)]) -> String {
    if entries.isEmpty { return "<<>>" }
    return entries.map { "\n  \($0.argument) :> \($0.value)" }.joined(separator: " @@")
  }
}

extension FieldValue {
  /// The value as a text of TLA+, which is ASCII: other characters, quotes and backslashes are
  /// written as `%` and their number; different values of a field are different texts.
  fileprivate var tlaText: String {
    if self == .nothing { return "\"%none\"" }
    let plain: ClosedRange<UInt32> = 32...126
    return "\""
      + description.unicodeScalars.map { scalar in
        plain.contains(scalar.value) && !"\"\\%".unicodeScalars.contains(scalar)
          ? String(scalar) : "%\(scalar.value);"
      }.joined() + "\""
  }
}
