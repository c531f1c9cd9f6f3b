import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// Carries out a machine's effects in wall time: messages and markers to the mesh, lines to the
/// journal, parts of snapshots to the supervisors.
///
/// None is written at once. The owner's loop flushes the journal first, then the mesh, then the
/// reports, so no event is told to anybody before the line that tells of it is in the file.
struct WallSink<Work: Workload>: MachineLifeSink {
  typealias Payload = Work.Payload

  let mesh: Mesh
  let journal: JournalWriter?
  /// The ids behind the machine's neighbours, by place.
  let neighbours: [MachineID]
  /// Whether messages, and not only markers, wait for the next flush.
  var hasUnsentMessages = false
  /// The system time of the tick that is being carried out.
  var systemTime: Int64 = 0
  /// How far the machine is, by its last event.
  private(set) var progress: MachineProgress
  /// How many messages of each machine were received, by the machine's id; empty when nobody asks.
  private(set) var receivedCounts: [UInt64] = []
  /// The money that has arrived and waits for a tick.
  private var waitingAmount: Int64 = 0
  /// What is told of events; nil when nobody listens.
  private var told: ToldEvents?
  /// What the supervisor is to hear of snapshots and accounts, in order.
  private var reports: [ControlReport] = []
  /// States that were recorded lately.
  ///
  /// Most parts are whole a moment later; only a state whose channels take their time is reported
  /// ahead of them.
  private var newStates: [(due: Int64, part: RecordedPart)] = []
  /// The first thing that went wrong.
  private(set) var failure: MachineFailure?

  /// How long a state waits for its channels before it is reported alone.
  private static var stateNanoseconds: Int64 { 5_000_000 }

  init(
    mesh: Mesh, journal: JournalWriter?, neighbours: [MachineID], workload: Work,
    told: ToldEvents?, countedMachineCount: Int = 0
  ) {
    receivedCounts = Array(repeating: 0, count: countedMachineCount)
    self.mesh = mesh
    self.journal = journal
    self.neighbours = neighbours
    self.told = told
    progress = MachineProgress(balance: workload.balance)
  }

  /// Takes in that a message has come for the inbox.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - workload: The machine's, as it is now.
  /// - Returns: Whether all its money fits beside what the machine holds and what waits; when it
  ///   does not, the message is none that an honest machine of this run sends.
  mutating func admit(_ message: Message<Work.Payload>, besides workload: Work) -> Bool {
    guard let amount = Work.amount(of: message.payload), let balance = workload.balance else {
      return true
    }
    let waiting = waitingAmount.addingReportingOverflow(amount)
    if waiting.overflow || balance.addingReportingOverflow(waiting.partialValue).overflow {
      return false
    }
    waitingAmount = waiting.partialValue
    return true
  }

  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    let peer = neighbours[Int(neighbour.place)]
    let amount = Work.amount(of: message.payload)
    hasUnsentMessages = true
    switch mesh.send(.message(reading: message.reading, amount: amount), to: peer) {
    case .queued, .noLink:
      // A link that has just ended loses what is sent on it, as it loses what was on its way.
      break
    case .tooManyBytesWait:
      fail(.peerTooSlow(peer: peer, byteCount: OutgoingQueue.byteCountMax))
    }
  }

  mutating func sendToAll(_ message: Message<Work.Payload>) {
    for place in neighbours.indices { send(message, to: Neighbour(place: place)) }
  }

  mutating func log(_ event: Event) {
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
    if let balance = event.balance {
      progress.balance = balance
      if let amount = event.amount { count(amount, of: event.kind) }
    }
    told?.add(event, systemTime: systemTime, neighbours: neighbours)
    journal?.append(event, systemTime: systemTime)
  }

  private mutating func count(_ amount: Int64, of kind: Event.Kind) {
    switch kind {
    case .receive: waitingAmount -= amount
    case .deposit: progress.netDeposits += amount
    case .withdraw: progress.netDeposits -= amount
    case .send, .internal, .snapshot: break
    }
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    progress.markers += 1
    let marker = WireMessage.marker(initiator: id.initiator, number: id.number)
    if case .tooManyBytesWait = mesh.send(marker, to: target) {
      fail(.peerTooSlow(peer: target, byteCount: OutgoingQueue.byteCountMax))
    }
  }

  mutating func recorded(_ part: MachinePart<Work.Payload>) {
    newStates.append((systemTime + Self.stateNanoseconds, RecordedPart(part, of: Work.self)))
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Work.Payload>?) {
    newStates.removeAll { $0.part.id == id }
    reports.append(.run(.finishedPart(id, part.map { RecordedPart($0, of: Work.self) })))
  }

  func neighbour(_ machine: MachineID) -> Neighbour? {
    neighbours.firstIndex(of: machine).map { Neighbour(place: $0) }
  }

  /// Takes an answer to a request, to be told after the line of the event it tells of is written.
  mutating func answer(_ number: UInt64, _ answer: AccountAnswer) {
    reports.append(.account(number: number, answer))
  }

  /// When a state is to be reported, in system time; `Int64.max` when none waits.
  var nextReportTime: Int64 { newStates.first?.due ?? .max }

  /// Takes out what the supervisor is to hear by `systemTime`.
  mutating func takeReports(systemTime: Int64) -> [ControlReport] {
    while let first = newStates.first, first.due <= systemTime {
      reports.append(.run(.recorded(newStates.removeFirst().part)))
    }
    if reports.isEmpty { return [] }
    defer { reports.removeAll(keepingCapacity: true) }
    return reports
  }

  /// Takes out what is to be told of events; nil when there is nothing.
  mutating func takeToldEvents() -> ControlReport? { told?.takeReport() }

  mutating func fail(_ failure: MachineFailure) {
    if self.failure == nil { self.failure = failure }
  }
}
