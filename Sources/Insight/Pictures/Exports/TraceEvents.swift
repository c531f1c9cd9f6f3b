import Analysis
import LogicalTime
import RunRecord
import ScaleModel
import TextFormats

/// Trace events for Perfetto and `chrome://tracing`: a process per run, a thread per machine, an
/// arrow per message.
///
/// Every event is a short slice; a flow binds the slice of a send to that of its receipt, so what
/// is still on its way at the window's end has none. Queue, clock and drift are counters, and where
/// a machine recorded a snapshot there is an instant.
///
/// Perfetto orders processes by their number of slices and ignores sort indices, but it orders the
/// threads of a process by their ids. So machines are threads, numbered in id order.
///
/// Perfetto binds a flow to the slice that began last on its track, so no two slices of a machine
/// begin at the same time: events that share one follow each other by a nanosecond. It reads events
/// in the order of time, so a message that was received before it was sent, by clocks that differ,
/// has no flow.
///
/// - SeeAlso: "Trace Event Format", Google, 2016, and <https://perfetto.dev/docs>.
final class TraceEvents: RunExport {
  /// The longest slice, when no event follows sooner: wide enough to click on.
  static let sliceNanosecondsMax: Int64 = 2_000_000

  private var text: ExportText
  private var isFirst = true
  private var flowCount = 0
  /// The thread of the current run's machine 0, which is also the run's process.
  private var firstThread = 1
  private var originTime: Int64 = 0
  /// The send time of each message in flight.
  private var messages = MessagesInTransit<Int64>(Topology(completeWith: 1))
  private var largestClock: UInt64 = 0
  private var machines: [Machine] = []
  /// The fields that the current run has.
  private var (hasClock, hasTick) = (true, true)
  private var tellsQueue: [Bool] = []
  /// The machines' names in an imported run's logs; nil in a run of ours.
  private var names: [String]?
  private var hosts = HostNames()
  /// The workload's columns of the current run.
  private var fields: [FieldDeclaration] = []
  private(set) var refusal: String?

  /// How many messages were received before they were sent, by the machines' system clocks.
  private var backwardCount = 0

  private struct Machine {
    /// The last values of its counters.
    var queueLength: Int?
    var drift: UInt64?
    /// The start of its latest slice.
    var latestStart = Int64.min
  }

  /// Begins the file.
  ///
  /// - Parameter file: The file to write.
  init(_ file: AtomicFile) {
    text = ExportText(file)
    text.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")
  }

  func begin(_ run: StoredRun, clockBefore: UInt64) {
    if run.lacks(.time) {
      refusal =
        "--export perfetto places events by time, and \(Manifest.Lack.time.sentence); "
        + "shiviz and dot do without"
    }
    (hasClock, hasTick) = (!run.lacks(.clock), !run.lacks(.tick))
    tellsQueue = run.manifest.tellsQueue
    originTime = run.originTime
    messages = MessagesInTransit(in: run)
    machines = Array(repeating: Machine(), count: run.machineCount)
    largestClock = clockBefore
    names = run.manifest.imported?.machines
    hosts = HostNames(of: run.manifest)
    fields = run.fields.columns
    write(
      "\"ph\":\"M\",\(track(of: 0)),\"name\":\"process_name\","
        + "\"args\":{\"name\":\(JSONText.encode(run.name, isPretty: false))}")
    for machine in run.topology.machineIDs {
      let rate =
        run.lacks(.rate)
        ? "" : " (\(DecimalText.short(run.manifest.rate(of: machine.index), decimals: 3)) Hz)"
      let name = "machine \(run.manifest.name(of: machine.index))\(rate)"
      let track = track(of: machine)
      write(
        "\"ph\":\"M\",\(track),\"name\":\"thread_name\","
          + "\"args\":{\"name\":\(JSONText.encode(name, isPretty: false))}")
      // Other viewers use this.
      write(
        "\"ph\":\"M\",\(track),\"name\":\"thread_sort_index\","
          + "\"args\":{\"sort_index\":\(firstThread + machine.index)}")
    }
    for death in run.manifest.deaths ?? [] {
      write(
        "\"ph\":\"i\",\"s\":\"t\",\(track(of: death.machine)),"
          + "\"ts\":\(microseconds(death.timeNs - run.originTime)),\"cat\":\"death\","
          + "\"name\":\"died\","
          + "\"args\":{\"cause\":\(JSONText.encode(death.cause, isPretty: false))}")
    }
  }

  func add(_ event: CausalEvent) {
    let line = event.line
    var track = "\(track(of: event.machine)),\"ts\":\(microseconds(event.time - originTime))"
    if line.kind == .snapshot {
      write(
        "\"ph\":\"i\",\"s\":\"t\",\(track),\"cat\":\"snapshot\","
          + "\"name\":\"snapshot \(line.snapshotName)\",\"args\":{\"clock\":\(line.clock)}")
      return
    }
    let latestStart = machines[event.machine.index].latestStart
    let start = latestStart < event.time ? event.time : latestStart + 1
    machines[event.machine.index].latestStart = start
    track = "\(self.track(of: event.machine)),\"ts\":\(microseconds(start - originTime))"
    let room = event.nextTime.map { max(1, $0 - start) } ?? .max
    write(
      "\"ph\":\"X\",\(track),\"dur\":\(microseconds(min(room, Self.sliceNanosecondsMax))),"
        + "\"cat\":\"lc\",\"name\":\"\(line.kind.word)\",\"args\":{\(arguments(of: event))}")
    switch line.kind {
    case .send: messages.add(start, sentBy: event)
    case .receive: writeFlow(to: event, startingAt: start, track)
    case .internal, .deposit, .withdraw, .snapshot: break
    }
    writeCounters(of: event, track)
  }

  var warnings: [String] {
    guard backwardCount > 0 else { return [] }
    let messages = counted(backwardCount, "message")
    return [
      "Perfetto shows no arrow for \(messages), received before being sent by the machines' clocks"
    ]
  }

  func endRun() {
    firstThread += machines.count
  }

  func end() -> AtomicFile {
    text.write("\n]}\n")
    return text.end()
  }

  /// Binds a receipt's slice, already written, to that of its send.
  private func writeFlow(to event: CausalEvent, startingAt start: Int64, _ track: String) {
    guard let sentTime = messages.remove(receivedBy: event),
      case .machine(let source) = event.line.peer
    else { return }
    guard sentTime <= start else {
      backwardCount += 1
      return
    }
    flowCount += 1
    let flow = "\"cat\":\"lc\",\"name\":\"message\",\"id\":\(flowCount)"
    let sent = "\(self.track(of: source)),\"ts\":\(microseconds(sentTime - originTime))"
    write("\"ph\":\"s\",\(sent),\(flow)")
    write("\"ph\":\"f\",\"bp\":\"e\",\(track),\(flow)")
  }

  private func writeCounters(of event: CausalEvent, _ track: String) {
    let line = event.line
    largestClock = max(largestClock, line.clock)
    let drift = largestClock - line.clock
    if hasClock {
      write(counter("clock", of: event, "reading", line.clock, track))
    }
    let machine = machines[event.machine.index]
    if tellsQueue[event.machine.index], machine.queueLength != line.queueLength {
      write(counter("queue", of: event, "length", line.queueLength, track))
    }
    if hasClock, machine.drift != drift {
      write(counter("drift", of: event, "behind", drift, track))
    }
    machines[event.machine.index].queueLength = line.queueLength
    machines[event.machine.index].drift = drift
  }

  /// A counter of one machine; counters belong to the process, so the name includes the machine.
  private func counter(
    _ name: String, of event: CausalEvent, _ unit: String, _ value: some BinaryInteger,
    _ track: String
  ) -> String {
    let label =
      names.map { names in
        JSONText.encode("machine \(names[event.machine.index]): \(name)", isPretty: false)
      } ?? "\"machine \(event.machine): \(name)\""
    return "\"ph\":\"C\",\(track),\"name\":\(label),\"args\":{\"\(unit)\":\(value)}"
  }

  private func arguments(of event: CausalEvent) -> String {
    let line = event.line
    var arguments: [String] = []
    if hasClock { arguments.append("\"clock\":\(line.clock)") }
    if hasTick { arguments.append("\"tick\":\(line.tick)") }
    switch line.peer {
    case .none: break
    case .all: arguments.append("\"to\":\"all\"")
    case .group(let group):
      let others = hosts.names(ofGroup: group).joined(separator: ", ")
      arguments.append("\"to\":\(JSONText.encode(others, isPretty: false))")
    case .machine(let peer):
      let name = names.map { $0[peer.index] } ?? "\(peer)"
      arguments.append(
        "\"\(line.kind == .send ? "to" : "from")\":\(JSONText.encode(name, isPretty: false))")
    }
    if line.messageReading > 0 { arguments.append("\"message\":\(line.messageReading)") }
    for (field, value) in zip(fields, event.values) where value != .nothing {
      arguments.append("\"\(field.name)\":\(JSONText.encode(value, isPretty: false))")
    }
    return arguments.joined(separator: ",")
  }

  private func track(of machine: MachineID) -> String {
    "\"pid\":\(firstThread),\"tid\":\(firstThread + machine.index)"
  }

  private func microseconds(_ nanoseconds: Int64) -> String {
    let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
    let sign = nanoseconds < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)"
  }

  private func write(_ fields: String) {
    text.write(isFirst ? "\n{" : ",\n{")
    text.write(fields)
    text.write("}")
    isFirst = false
  }
}
