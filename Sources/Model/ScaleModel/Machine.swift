import LogicalTime
import Snapshots

/// One machine of the model, as a value: it takes inputs and hands effects to a sink.
///
/// Inputs are ticks and arrivals. It knows no time, no socket and no file, so the very same machine
/// runs in threads, in processes and in virtual time, and tests need none of them. A tick allocates
/// nothing once the inbox has grown to its working size.
///
/// - Invariant: Every tick is exactly one event, so the number of events equals ``tickCount``.
@frozen
public struct Machine<Work: Workload>: Sendable {
  /// Which machine of the plan it is.
  public let id: MachineID
  /// The machines it can send to.
  public let neighbours: Neighbours
  /// Its logical clock: the reading of its latest event.
  @inlinable public var clock: LamportClock { logicalClock }
  /// How many ticks it has carried out.
  @inlinable public var tickCount: UInt64 { ticks }
  /// The messages that wait for a tick.
  @inlinable public var inbox: Inbox<Work.Payload> { arrived }
  /// How many messages waited right after its latest event; more may have arrived since.
  @inlinable public var queueLengthAtLastEvent: Int { Int(lastQueueLength) }
  /// What it does on free ticks.
  @inlinable public var workload: Work { work }

  // The fields that every tick and arrival touches are adjacent, to need as few cache lines per
  // machine as possible when there are a million.

  @usableFromInline var logicalClock: LamportClock
  @usableFromInline var ticks: UInt64
  @usableFromInline var arrived: Inbox<Work.Payload>
  /// Whether a snapshot here waits for markers, so that arrivals must go to the recorder.
  public internal(set) var isRecording: Bool
  @usableFromInline var lastQueueLength: UInt32
  @usableFromInline var work: Work
  @usableFromInline var random: SplitMix64
  /// The neighbours whose channel has closed, in the order they closed.
  @usableFromInline var closedNeighbours: [Neighbour]

  /// Its side of the snapshots under way.
  @usableFromInline var recorder: SnapshotRecorder<Message<Work.Payload>>
  /// Its parts in the snapshots in progress: recorded, but not complete yet.
  @usableFromInline var parts: [MachinePart<Work.Payload>]
  /// How many journal lines are not of ticks.
  @usableFromInline var snapshotLineCount: UInt64

  /// The offset of the inbox in a machine's memory, in bytes; the simulator prefetches it.
  package static var inboxOffset: Int { MemoryLayout<Self>.offset(of: \.arrived) ?? 0 }

  /// Makes a machine that has not done anything yet.
  ///
  /// - Parameters:
  ///   - id: Which machine of the plan it is.
  ///   - neighbours: The machines it can send to.
  ///   - workload: What it does on free ticks, in its state at the start.
  ///   - seed: The run's seed; the machine derives its own stream from it.
  ///   - channels: The run's channels; all machines of a run share the map.
  public init(
    id: MachineID, neighbours: Neighbours, workload: Work, seed: UInt64, channels: any ChannelMap
  ) {
    self.id = id
    self.neighbours = neighbours
    work = workload
    random = SplitMix64(seed: seed, purpose: .ticks, index: UInt64(id.number))
    logicalClock = LamportClock()
    ticks = 0
    arrived = Inbox()
    isRecording = false
    lastQueueLength = 0
    closedNeighbours = []
    recorder = SnapshotRecorder(machine: id, channels: channels)
    parts = []
    snapshotLineCount = 0
  }

  /// Enqueues a message that its channel delivers now; it waits in the inbox for a tick.
  @inlinable
  public mutating func arrive(_ message: Message<Work.Payload>) {
    if isRecording { recorder.message(message, from: message.source) }
    arrived.append(message)
  }

  /// Closes the channel to a neighbour: neither messages nor markers are sent there any more.
  ///
  /// A send whose channels are all closed becomes an internal event, so a journal never records a
  /// send that did not happen. Closing a channel twice changes nothing.
  public mutating func closeChannel(to neighbour: Neighbour) {
    guard !closedNeighbours.contains(neighbour) else { return }
    closedNeighbours.append(neighbour)
    recorder.channelClosed(toNeighbourAt: Int(neighbour.place))
  }

  /// Carries out one instruction: receives the oldest waiting message, or does what the workload
  /// chooses when none waits.
  ///
  /// - Parameter sink: Carries out what the machine decides.
  @inlinable
  public mutating func tick(into sink: inout some EffectSink<Work.Payload>) {
    ticks &+= 1
    if let message = arrived.popFirst() {
      receive(message, into: &sink)
    } else {
      perform(work.chooseInstruction(neighbours: neighbours, random: &random), into: &sink)
    }
  }

  @inlinable
  mutating func receive(
    _ message: Message<Work.Payload>, into sink: inout some EffectSink<Work.Payload>
  ) {
    let reading = logicalClock.tick(receiving: message.reading)
    lastQueueLength = UInt32(truncatingIfNeeded: arrived.count)
    work.receive(message.payload)
    sink.log(
      Event(
        tick: ticks, kind: .receive, reading: reading, queueLength: arrived.count,
        peer: .machine(message.source), messageReading: message.reading,
        amount: Work.amount(of: message.payload), balance: work.balance))
  }

  @inlinable
  mutating func perform(
    _ instruction: Instruction<Work.Payload>, into sink: inout some EffectSink<Work.Payload>
  ) {
    let reading = logicalClock.tick()
    // The workload chooses only when the inbox is empty.
    lastQueueLength = 0
    var event = Event(
      tick: ticks, kind: .internal, reading: reading, queueLength: 0,
      balance: work.balance)
    switch instruction {
    case .internal:
      break
    case .send(let payload, let neighbour) where closedNeighbours.contains(neighbour):
      work.takeBack(payload)
      event.balance = work.balance
    case .sendToAll(let payload) where closedNeighbours.count == neighbours.count:
      work.takeBack(payload)
      event.balance = work.balance
    case .send(let payload, let neighbour):
      sink.send(Message(source: id, reading: reading, payload: payload), to: neighbour)
      event.kind = .send
      event.peer = .neighbour(neighbour)
      event.messageReading = reading
      event.amount = Work.amount(of: payload)
    case .sendToAll(let payload):
      sink.sendToAll(Message(source: id, reading: reading, payload: payload))
      event.kind = .send
      event.peer = .all
      event.messageReading = reading
      event.amount = Work.amount(of: payload)
    }
    sink.log(event)
  }
}
