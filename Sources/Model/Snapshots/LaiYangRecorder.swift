import LogicalTime

/// One machine's side of Lai and Yang's algorithm: coloured messages and histories.
///
/// A machine records before it receives the first message of a newer round, so no message sent
/// after its sender's cut is received before its receiver's: the cut is consistent without any
/// order on channels. It sends no control message. Instead each part has the messages that the
/// machine has sent and received since the last complete round. What the machine at one end of a
/// channel has sent and the machine at the other end has not received is in transit, and
/// ``TransitLedger`` finds it.
///
/// A snapshot spreads with the program's own messages, so it does not end while the machines send
/// none. One snapshot may be under way at a time. When a round is complete, each machine removes
/// from its histories what is before the cut.
///
/// - SeeAlso: T. H. Lai, T. H. Yang, "On Distributed Snapshots", Information Processing Letters
///   25(3), 1987. <https://doi.org/10.1016/0020-0190(87)90125-6>
public struct LaiYangRecorder<Message: Sendable>: StateRecorder {
  /// The machine that records.
  public let machine: MachineID
  /// The latest snapshot that it recorded or gave up; number 0 before the first.
  private var latest: SnapshotID
  /// The number of the latest round that it recorded; zero for none.
  private var recordedNumber: UInt32 = 0
  /// The number of the latest round known to be complete; zero for none.
  private var complete: UInt32 = 0
  /// The channels of its machine, in both directions.
  package let channels: any ChannelMap
  /// What it sent and received since the last complete round that it knows of, ascending by peer;
  /// peers without messages are left out.
  private var histories: [PeerHistory<Message>] = []

  /// Makes the recorder of a machine that has recorded nothing.
  public init(machine: MachineID, channels: any ChannelMap) {
    self.machine = machine
    self.channels = channels
    latest = SnapshotID(initiator: machine, number: 0)
  }

  /// The number of the latest round, begun here or elsewhere.
  public var initiatedCount: UInt32 { latest.number }
  /// Always: histories have every message.
  public var isRecording: Bool { true }
  /// The round of messages sent now; nil before the first.
  public var round: Round? {
    latest.number == 0 ? nil : Round(id: latest, complete: complete)
  }

  /// Begins the next round.
  public mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>]) {
    let id = SnapshotID(initiator: machine, number: latest.number &+ 1)
    return (id, record(id))
  }

  /// Refuses a marker: the algorithm sends none.
  public mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    [.markerRefused(id, from: source, .neverInitiated)]
  }

  /// Adds a message to the history of its channel.
  public mutating func sent(_ message: Message, to target: MachineID) {
    histories[indexOfHistory(with: target)].sent.messages.append(message)
  }

  /// Records first if the message is of a newer round, then adds it to its channel's history.
  public mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    var effects: [SnapshotEffect<Message>] = []
    if let round, round.id.number > latest.number {
      cut(to: round.complete)
      effects = record(round.id)
    }
    histories[indexOfHistory(with: source)].received.messages.append(message)
    return effects
  }

  /// Refuses to join the snapshot later.
  public mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>] {
    if id.number > latest.number { latest = id }
    return []
  }

  /// Removes what is before the cut from the histories, if the snapshot was complete.
  public mutating func ended(_ id: SnapshotID, isComplete: Bool) {
    if isComplete { cut(to: id.number) }
  }

  /// Records the machine's state and its histories, in one step.
  private mutating func record(_ id: SnapshotID) -> [SnapshotEffect<Message>] {
    latest = id
    recordedNumber = id.number
    for index in histories.indices { histories[index].markCut() }
    let messageCount = histories.reduce(0) { $0 + $1.messageCount }
    let report = TransitReport.histories(
      sent: histories.map {
        ChannelState(channel: .init(from: machine, to: $0.peer), messages: $0.sent.messages)
      },
      received: histories.map {
        ChannelState(channel: .init(from: $0.peer, to: machine), messages: $0.received.messages)
      },
      byteCount: messageCount * MemoryLayout<Message>.stride)
    return [.record(id, sendMarkerTo: []), .transit(id, report), .partComplete(id)]
  }

  /// Removes what was sent and received before the cut of a complete round.
  ///
  /// Does nothing unless that round is the latest that this machine recorded: it remembers one cut.
  private mutating func cut(to number: UInt32) {
    guard number > complete, number == recordedNumber else { return }
    complete = number
    for index in histories.indices { histories[index].removeBeforeCut() }
  }

  private mutating func indexOfHistory(with peer: MachineID) -> Int {
    let index = histories.partitioningIndex { $0.peer >= peer }
    if index == histories.count || histories[index].peer != peer {
      histories.insert(PeerHistory(peer: peer), at: index)
    }
    return index
  }
}

/// The messages between one machine and another, both ways.
private struct PeerHistory<Message: Sendable>: Sendable {
  /// The messages of one channel, in order.
  struct Log: Sendable {
    var messages: [Message] = []
    /// How many of them are before the latest cut.
    var countBeforeCut = 0
  }

  /// The other machine.
  let peer: MachineID
  var sent = Log()
  var received = Log()

  var messageCount: Int { sent.messages.count + received.messages.count }

  /// Remembers where the cut is.
  mutating func markCut() {
    sent.countBeforeCut = sent.messages.count
    received.countBeforeCut = received.messages.count
  }

  /// Removes what is before the cut.
  mutating func removeBeforeCut() {
    sent.messages.removeFirst(sent.countBeforeCut)
    received.messages.removeFirst(received.countBeforeCut)
    (sent.countBeforeCut, received.countBeforeCut) = (0, 0)
  }
}
