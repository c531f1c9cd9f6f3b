import LogicalTime
import RunRecord
import ScaleModel
import Transport

/// Carries out a machine's effects in wall time: messages to the mesh, lines to the journal.
///
/// Neither is written at once. The owner's loop flushes the journal first and the mesh second, so a
/// message is never on its way before the line that tells of it is in the file.
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

  mutating func fail(_ failure: MachineFailure) {
    if self.failure == nil { self.failure = failure }
  }
}
