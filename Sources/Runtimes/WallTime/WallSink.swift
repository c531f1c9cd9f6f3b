import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// Carries out a machine's effects in wall time: messages and markers to the mesh, lines to the
/// journal, parts of snapshots to the supervisors.
///
/// It writes nothing at once. The machine's loop flushes the journal first, then the mesh, then the
/// reports, so another machine or a client hears of no event before its line is in the file.
struct WallSink<Work: Workload>: MachineLifeSink {
  let mesh: any MachineLinks
  /// What is sent on channels that promise less than usual; nil when the plan's promise all.
  private var departures: Departures<WireMessage>?
  let journal: JournalWriter?
  /// The ids of the machine's neighbours, by index.
  let neighbours: [MachineID]
  /// Whether messages, and not only markers, wait for the next flush.
  var hasUnsentMessages = false
  /// The time of the current tick.
  var systemTime = SystemInstant(nanoseconds: 0)
  /// The machine's progress at its last event.
  private(set) var progress: MachineProgress
  /// How many messages of each machine were received, indexed by its id; empty when not counted.
  private(set) var receivedCounts: [UInt64] = []
  /// The fields of messages and states.
  let fields: WorkloadFields<Work>
  /// What is conserved; nil when the workload names nothing.
  private let conserved: ConservedFields?
  /// The sum of the conserved field over the messages in the inbox.
  private var waitingSum: Int64 = 0
  /// The events to report; nil when the run reports none.
  private var told: ToldEvents?
  /// The reports on snapshots and the answers that wait for the next flush, in order.
  private var reports: [ControlReport] = []
  /// The answers that wait for a complete snapshot; nil in a run in which nothing is undone.
  private var held: HeldAnswers?
  /// The latest recorded states, whose channels are still being recorded.
  ///
  /// Most parts are complete a moment later; only a state that is due is reported ahead of its
  /// channels.
  private var newStates: [(due: SystemInstant, part: MachinePart<Work.Payload>)] = []
  /// The round that messages sent now carry; nil before the first, and without rounds.
  private var round: Round?
  /// The first failure.
  private(set) var failure: MachineFailure?

  /// How long a state waits for its channels before it is reported alone.
  private static var statePatience: TimeSpan { .milliseconds(5) }

  init(
    mesh: any MachineLinks, journal: JournalWriter?, machine: MachineID, plan: RunPlan,
    workload: Work, told: ToldEvents?, countsReceipts: Bool = false
  ) {
    receivedCounts = Array(repeating: 0, count: countsReceipts ? plan.machineCount : 0)
    departures = Departures(plan: plan, source: machine)
    held = plan.restartCountMax == nil ? nil : HeldAnswers()
    self.mesh = mesh
    self.journal = journal
    neighbours = plan.topology.neighbours(of: machine)
    self.told = told
    fields = WorkloadFields(workload)
    // What arrives twice is not conserved: then no sum tells which messages are honest.
    conserved = plan.promises.isExactlyOnce ? workload.conservedFields : nil
    // Of a machine without an event, its start is its end.
    progress = MachineProgress(values: fields.values(of: workload))
  }

  mutating func restored(_ machine: Machine<Work>) {
    progress = MachineProgress(
      ticks: machine.tickCount, clock: machine.clock.reading,
      queueLength: machine.queueLengthAtLastEvent, values: fields.values(of: machine.workload))
  }

  mutating func begin(at systemTime: SystemInstant) {
    departures?.begin(at: systemTime)
    journal?.begin(at: systemTime.nanoseconds)
  }

  /// Counts what is conserved in a message that has arrived for the inbox.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - workload: The machine's current workload.
  /// - Returns: Whether the machine's state and all messages in the inbox together fit 64 bits; if
  ///   not, no honest machine of this run has sent the message.
  mutating func admit(_ message: Message<Work.Payload>, besides workload: Work) -> Bool {
    guard let conserved,
      let carried = fields.message[conserved.message].value(in: message.payload).integer,
      let held = fields.state[conserved.state].value(in: workload).integer
    else { return true }
    let waiting = waitingSum.addingReportingOverflow(carried)
    if waiting.overflow || held.addingReportingOverflow(waiting.partialValue).overflow {
      return false
    }
    waitingSum = waiting.partialValue
    return true
  }

  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    let peer = neighbours[Int(neighbour.index)]
    let content = MessageContent(fields.values(of: message.payload))
    let frame =
      round.map { WireMessage.roundMessage($0, reading: message.reading, content: content) }
      ?? .message(reading: message.reading, content: content)
    if departures == nil { return hand(frame, to: peer) }
    departures?.send(frame, to: peer, now: systemTime)
    sendDue(at: systemTime)
    let waitingCount = departures?.count ?? 0
    if waitingCount >= MachineLifecycle<Self>.waitingCountMax {
      fail(.tooManyWaiting(count: waitingCount))
    }
  }

  /// Hands a frame to the peer's link.
  private mutating func hand(_ frame: WireMessage, to peer: MachineID) {
    if case .marker = frame {} else { hasUnsentMessages = true }
    switch mesh.send(frame, to: peer) {
    case .queued, .noLink:
      // A link that has just ended loses the frame, as it loses those on their way.
      break
    case .tooManyBytesWait:
      fail(.peerTooSlow(peer: peer, byteCount: OutgoingQueue.byteCountMax))
    case .tooLong(let byteCount):
      fail(
        .messageTooLong(
          peer: peer, byteCount: byteCount, byteCountMax: DatagramLinks.frameByteCountMax))
    }
  }

  /// Whether what is sent may wait in the sink.
  var holdsBack: Bool { departures != nil }

  /// Loses the message that would leave next for a machine.
  ///
  /// - Returns: Whether one waited.
  mutating func lose(to target: MachineID) -> Bool { departures?.loseFirst(to: target) ?? false }

  /// Hands the links what leaves at `systemTime` or before, on channels that promise less than
  /// usual.
  mutating func sendDue(at systemTime: SystemInstant) {
    while let (peer, frame) = departures?.popDue(now: systemTime) { hand(frame, to: peer) }
  }

  mutating func sendToAll(_ message: Message<Work.Payload>) {
    for index in neighbours.indices { send(message, to: Neighbour(index: index)) }
  }

  mutating func log(_ event: Event, payload: Work.Payload?, workload: Work) {
    if event.kind.isInstruction {
      progress.ticks = event.tick
      progress.clock = event.reading
      progress.queueLength = event.queueLength
    }
    if event.kind == .send { progress.sends += 1 }
    if event.kind == .receive {
      progress.receives += 1
      if !receivedCounts.isEmpty, case .machine(let source) = event.peer {
        receivedCounts[source.index] += 1
      }
    }
    if !fields.state.isEmpty { progress.values = fields.values(of: workload) }
    if event.kind == .receive, let conserved, let payload {
      waitingSum -= fields.message[conserved.message].value(in: payload).integer ?? 0
    }
    if let machine = told?.machine {
      let event = ToldEvent(
        event, of: machine, systemTime: systemTime.nanoseconds, payload: payload,
        workload: workload,
        fields: fields
      ) { neighbours[Int($0.index)] }
      if let event { told?.add(event) }
    }
    if Work.canFail, let failure = workload.failure { fail(.workload("\(failure)")) }
    journal?.append(event, systemTime: systemTime.nanoseconds) { pen in
      fields.forEachColumn(payload, workload) { pen.write($0) }
    }
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    progress.markers += 1
    let marker = WireMessage.marker(initiator: id.initiator, number: id.number)
    if departures == nil { return hand(marker, to: target) }
    departures?.send(marker: id.word, marker, to: target, now: systemTime)
    sendDue(at: systemTime)
  }

  mutating func entered(_ round: Round) { self.round = round }

  mutating func caught(_ message: Message<Work.Payload>, for id: SnapshotID) {
    reports.append(.run(.caught(id, RecordedMessage(message, fields))))
  }

  mutating func recorded(_ part: MachinePart<Work.Payload>) {
    held?.recorded(part.id)
    newStates.append((systemTime + Self.statePatience, part))
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Work.Payload>?) {
    // A closure over the elements would copy each of them.
    if let index = newStates.indices.first(where: { newStates[$0].part.id == id }) {
      newStates.remove(at: index)
    }
    reports.append(.run(.finishedPart(id, part.map { RecordedPart($0, fields) })))
  }

  func neighbour(_ machine: MachineID) -> Neighbour? {
    neighbours.firstIndex(of: machine).map { Neighbour(index: $0) }
  }

  /// Keeps the answer to a request, which is reported once the journal has the line of its event.
  ///
  /// Where machines go back, it waits until a complete snapshot covers that event.
  mutating func answer(_ number: UInt64, _ answer: HandAnswer) {
    guard held != nil else { return reports.append(.hand(number: number, answer)) }
    held?.hold(number, answer)
    reports.append(.run(.awaitsSnapshot))
  }

  mutating func ended(_ id: SnapshotID, isComplete: Bool) {
    for (number, answer) in held?.ended(id, isComplete: isComplete) ?? [] {
      reports.append(.hand(number: number, answer))
    }
    if !isComplete, held?.isEmpty == false { reports.append(.run(.awaitsSnapshot)) }
  }

  mutating func endAnswers() {
    for (number, answer) in held?.end() ?? [] {
      reports.append(.hand(number: number, answer))
    }
  }

  func values(of workload: Work) -> [FieldValue] { fields.values(of: workload) }

  /// When the next state is due to be reported, or the next frame to leave.
  var nextFlushTime: SystemInstant {
    min(newStates.first?.due ?? .never, departures?.nextDue ?? .never)
  }

  /// Removes and returns the reports that are due at `systemTime`.
  mutating func takeReports(systemTime: SystemInstant) -> [ControlReport] {
    while let first = newStates.first, first.due <= systemTime {
      reports.append(.run(.recorded(RecordedPart(newStates.removeFirst().part, fields))))
    }
    if reports.isEmpty { return [] }
    defer { reports.removeAll(keepingCapacity: true) }
    return reports
  }

  /// Removes and returns the events to report; nil when there are none.
  mutating func takeToldEvents() -> ControlReport? { told?.takeReport() }

  mutating func fail(_ failure: MachineFailure) {
    if self.failure == nil { self.failure = failure }
  }
}
