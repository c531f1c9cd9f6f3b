import Analysis
import LogicalTime
import RunRecord
import ScaleModel

/// Trace events for Perfetto and `chrome://tracing`: a process per machine, an arrow per message.
///
/// Every event is a short slice; that of a send is bound to that of its receipt by a flow, so what
/// is still on its way at the window's end has none. Queue, clock and drift are counters, and where
/// a machine recorded a snapshot there is an instant.
///
/// Perfetto binds a flow to the slice that began last on its track, so no two slices of a machine
/// begin at the same time: events that share one follow each other by a nanosecond. It reads events
/// in the order of time, so a message that was received before it was sent, by clocks that differ,
/// has no flow.
///
/// - SeeAlso: "Trace Event Format", Google, 2016, and <https://perfetto.dev/docs>.
final class TraceEvents: RunExport {
  /// How long a slice is when nothing follows sooner: long enough to be hit with a mouse.
  static let sliceNanosecondsMax: Int64 = 2_000_000

  private var text: ExportText
  private let namesRuns: Bool
  private var isFirst = true
  private var flowCount = 0
  /// The process of the present run's machine 0.
  private var firstProcess = 1
  private var originTime: Int64 = 0
  /// When each message on its way was sent.
  private var messages = MessagesInTransit<Int64>(Topology(completeWith: 1))
  private var largestClock: UInt64 = 0
  private var machines: [Machine] = []
  /// What the present run tells of its events.
  private var (hasClock, hasTick) = (true, true)
  private var tellsQueue: [Bool] = []
  private(set) var refusal: String?

  /// How many messages were received before they were sent, by the machines' system clocks.
  private var backwardCount = 0

  private struct Machine {
    /// What its counters show.
    var queueLength: Int?
    var drift: UInt64?
    /// When its latest slice began.
    var latestStart = Int64.min
  }

  /// Begins the file.
  ///
  /// - Parameters:
  ///   - file: Where it goes.
  ///   - namesRuns: Whether machines are named with their run.
  init(_ file: WholeFile, namesRuns: Bool) {
    text = ExportText(file)
    self.namesRuns = namesRuns
    text.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")
  }

  func begin(_ run: RecordedRun, clockBefore: UInt64) {
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
    for machine in run.topology.machineIDs {
      let rate = run.lacks(.rate) ? "" : " (\(run.manifest.plan.rates[machine.index]) Hz)"
      let name = (namesRuns ? "\(run.name): " : "") + "machine \(machine)\(rate)"
      let place = place(of: machine)
      write(
        "\"ph\":\"M\",\(place),\"name\":\"process_name\","
          + "\"args\":{\"name\":\(JSONText.encode(name, isPretty: false))}")
      write(
        "\"ph\":\"M\",\(place),\"name\":\"process_sort_index\","
          + "\"args\":{\"sort_index\":\(firstProcess + machine.index)}")
      write("\"ph\":\"M\",\(place),\"name\":\"thread_name\",\"args\":{\"name\":\"events\"}")
    }
  }

  func add(_ event: CausalEvent) {
    let line = event.line
    var place = "\(place(of: event.machine)),\"ts\":\(microseconds(event.time - originTime))"
    if line.kind == .snapshot {
      write(
        "\"ph\":\"i\",\"s\":\"p\",\(place),\"cat\":\"snapshot\","
          + "\"name\":\"snapshot \(line.snapshotName)\",\"args\":{\"clock\":\(line.clock)}")
      return
    }
    let latestStart = machines[event.machine.index].latestStart
    let start = latestStart < event.time ? event.time : latestStart + 1
    machines[event.machine.index].latestStart = start
    place = "\(self.place(of: event.machine)),\"ts\":\(microseconds(start - originTime))"
    let room = event.nextTime.map { max(1, $0 - start) } ?? .max
    write(
      "\"ph\":\"X\",\(place),\"dur\":\(microseconds(min(room, Self.sliceNanosecondsMax))),"
        + "\"cat\":\"lc\",\"name\":\"\(line.kind.word)\",\"args\":{\(arguments(of: line))}")
    switch line.kind {
    case .send: messages.add(start, sentBy: event)
    case .receive: writeFlow(to: event, startingAt: start, place)
    case .internal, .deposit, .withdraw, .snapshot: break
    }
    writeCounters(of: event, place)
  }

  var warnings: [String] {
    guard backwardCount > 0 else { return [] }
    let messages = backwardCount == 1 ? "1 message" : "\(backwardCount) messages"
    return [
      "Perfetto shows no arrow for \(messages), received before being sent by the machines' clocks"
    ]
  }

  func endRun() {
    firstProcess += machines.count
  }

  func end() -> WholeFile {
    text.write("\n]}\n")
    return text.end()
  }

  /// Binds a receipt's slice, which is written, to that of its send.
  private func writeFlow(to event: CausalEvent, startingAt start: Int64, _ place: String) {
    guard let sentTime = messages.remove(receivedBy: event),
      case .machine(let source) = event.line.peer
    else { return }
    guard sentTime <= start else {
      backwardCount += 1
      return
    }
    flowCount += 1
    let flow = "\"cat\":\"lc\",\"name\":\"message\",\"id\":\(flowCount)"
    let sent = "\(self.place(of: source)),\"ts\":\(microseconds(sentTime - originTime))"
    write("\"ph\":\"s\",\(sent),\(flow)")
    write("\"ph\":\"f\",\"bp\":\"e\",\(place),\(flow)")
  }

  private func writeCounters(of event: CausalEvent, _ place: String) {
    let line = event.line
    largestClock = max(largestClock, line.clock)
    let drift = largestClock - line.clock
    if hasClock {
      write("\"ph\":\"C\",\(place),\"name\":\"clock\",\"args\":{\"reading\":\(line.clock)}")
    }
    let machine = machines[event.machine.index]
    if tellsQueue[event.machine.index], machine.queueLength != line.queueLength {
      write("\"ph\":\"C\",\(place),\"name\":\"queue\",\"args\":{\"length\":\(line.queueLength)}")
    }
    if hasClock, machine.drift != drift {
      write("\"ph\":\"C\",\(place),\"name\":\"drift\",\"args\":{\"behind\":\(drift)}")
    }
    machines[event.machine.index].queueLength = line.queueLength
    machines[event.machine.index].drift = drift
  }

  private func arguments(of line: JournalLine) -> String {
    var arguments: [String] = []
    if hasClock { arguments.append("\"clock\":\(line.clock)") }
    if hasTick { arguments.append("\"tick\":\(line.tick)") }
    switch line.peer {
    case .none: break
    case .all: arguments.append("\"to\":\"all\"")
    case .machine(let peer):
      arguments.append("\"\(line.kind == .send ? "to" : "from")\":\"\(peer)\"")
    }
    if line.messageReading > 0 { arguments.append("\"message\":\(line.messageReading)") }
    if let amount = line.amount { arguments.append("\"amount\":\(amount)") }
    if let balance = line.balance { arguments.append("\"balance\":\(balance)") }
    return arguments.joined(separator: ",")
  }

  private func place(of machine: MachineID) -> String {
    let process = firstProcess + machine.index
    return "\"pid\":\(process),\"tid\":\(process)"
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
