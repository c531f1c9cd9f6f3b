import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// Carries out a machine's effects in wall time: messages and markers to the mesh, lines to the
/// journal, parts of snapshots to the supervisor.
///
/// None is written at once. The owner's loop flushes the journal first, then the mesh, then the
/// reports, so nothing is told to anybody before the line that tells of it is in the file.
struct WallSink<Work: Workload>: EffectSink {
  typealias Payload = Work.Payload

  let mesh: Mesh
  let journal: JournalWriter?
  /// The ids behind the machine's neighbours, by place.
  let neighbours: [MachineID]
  /// The system time of the tick that is being carried out.
  var systemTime: Int64 = 0
  /// How far the machine is, by its last event.
  private(set) var progress = MachineProgress()
  /// What the supervisor is to hear of snapshots, in order.
  private(set) var reports: [ControlReport] = []
  /// The first thing that went wrong.
  private(set) var failure: MachineFailure?

  init(mesh: Mesh, journal: JournalWriter?, neighbours: [MachineID]) {
    self.mesh = mesh
    self.journal = journal
    self.neighbours = neighbours
  }

  mutating func send(_ message: Message<Work.Payload>, to neighbour: Neighbour) {
    let peer = neighbours[Int(neighbour.place)]
    let amount = Work.amount(of: message.payload)
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
    progress.ticks = event.tick
    progress.clock = event.reading
    progress.queueLength = event.queueLength
    if event.kind == .send { progress.sends += 1 }
    if event.kind == .receive { progress.receives += 1 }
    journal?.append(event, systemTime: systemTime)
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    progress.markers += 1
    let marker = WireMessage.marker(initiator: id.initiator, number: id.number)
    if case .tooManyBytesWait = mesh.send(marker, to: target) {
      fail(.peerTooSlow(peer: target, byteCount: OutgoingQueue.byteCountMax))
    }
  }

  mutating func recorded(_ part: MachinePart<Work.Payload>) {
    reports.append(.recorded(RecordedPart(part, of: Work.self)))
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Work.Payload>?) {
    reports.append(.finishedPart(id, part.map { RecordedPart($0, of: Work.self) }))
  }

  /// Takes out what the supervisor is to hear.
  mutating func takeReports() -> [ControlReport] {
    defer { reports.removeAll(keepingCapacity: true) }
    return reports
  }

  mutating func fail(_ failure: MachineFailure) {
    if self.failure == nil { self.failure = failure }
  }
}
