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
  /// How many journal lines are not of ticks; stored here, where it takes no memory of its own.
  @usableFromInline var snapshotLineCount: UInt32
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
  /// Why the workload cannot go on; nil while it can.
  @inlinable public var failure: WorkloadFailure? { work.failure }

  // The fields that every tick and arrival touches are adjacent, to need as few cache lines per
  // machine as possible when there are a million; what an arrival touches is in the first of them.

  @usableFromInline var arrived: Inbox<Work.Payload>
  /// Whether arrivals must go to the recorder: while a snapshot here waits for markers that are
  /// handled on arrival, or always where messages carry rounds.
  @inlinable public var isRecording: Bool { recordsArrivals }
  @usableFromInline var recordsArrivals: Bool
  /// Whether the states that it records have that of its stream of chance.
  @usableFromInline package var recordsChance = Work.recordsChance
  /// Whether the last tick is over, where markers wait for ticks.
  @usableFromInline var ticksAreOver = false
  @usableFromInline var lastQueueLength: UInt32
  @usableFromInline var logicalClock: LamportClock
  @usableFromInline var ticks: UInt64
  @usableFromInline var work: Work
  @usableFromInline var chance: Chance
  /// Whether a tick may find more than messages: an instruction that is owed, or markers that wait
  /// for ticks; stored, because every tick asks.
  @usableFromInline var isDiverted: Bool
  /// When markers are handled.
  public let markerHandling: MarkerHandling
  /// Whether messages carry rounds, so that sends must go to the recorder too.
  @usableFromInline package let usesRounds: Bool
  /// The number of the round that the machine is in, which its messages carry; zero before the
  /// first, and where messages carry none.
  @usableFromInline var roundNumber: UInt32 = 0
  /// What the start and receipts made it owe, in order: carried out one per tick, before anything
  /// else.
  public internal(set) var owed: [Instruction<Work.Payload>] = [] {
    didSet { isDiverted = owesInstruction || markerHandling == .tick }
  }
  /// What few machines have at a time: one element, or none to take no more than a word of each.
  @usableFromInline var extras: [MachineExtras<Work.Payload>] = []

  /// Its side of the snapshots under way.
  @usableFromInline var recorder: MachineRecorder<Message<Work.Payload>>

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
  ///   - algorithm: How the run's machines take snapshots.
  ///   - markerHandling: When they handle markers; at ticks only where markers make snapshots.
  public init(
    id: MachineID, neighbours: Neighbours, workload: Work, seed: UInt64, channels: any ChannelMap,
    algorithm: SnapshotAlgorithm = .chandyLamport, markerHandling: MarkerHandling = .arrival
  ) {
    precondition(
      markerHandling == .arrival || algorithm == .chandyLamport,
      "Only Chandy and Lamport's snapshots have markers that can wait for ticks")
    self.markerHandling = markerHandling
    isDiverted = markerHandling == .tick
    self.id = id
    self.neighbours = neighbours
    work = workload
    chance = Chance(SplitMix64(seed: seed, purpose: .ticks, index: UInt64(id.number)))
    logicalClock = LamportClock()
    ticks = 0
    arrived = Inbox()
    recordsArrivals = algorithm.usesRounds
    usesRounds = algorithm.usesRounds
    lastQueueLength = 0
    recorder = MachineRecorder(algorithm, machine: id, channels: channels)
    snapshotLineCount = 0
    owe(work.begin(Surroundings(machine: id, neighbours: neighbours, tick: 0, reading: 0)))
  }

  /// Enqueues a message that its channel delivers now; it waits in the inbox for a tick.
  ///
  /// Where messages carry rounds, call ``arrive(_:of:into:)``.
  @inlinable
  public mutating func arrive(_ message: Message<Work.Payload>) {
    if isRecording { record(message) }
    arrived.append(message)
  }

  /// Closes the channel to a neighbour: neither messages nor markers are sent there any more.
  ///
  /// A send whose channels are all closed becomes an internal event, so a journal never records a
  /// send that did not happen. Closing a channel twice changes nothing.
  public mutating func closeChannel(to neighbour: Neighbour) {
    guard !closedNeighbours.contains(neighbour) else { return }
    extra.closedNeighbours.append(neighbour)
    if let target = target(at: Int(neighbour.index)) { _ = recorder.handle(.closedTo(target)) }
  }

  /// Carries out one instruction: the first that is owed, else the receipt of the oldest waiting
  /// message, else what the workload chooses.
  ///
  /// Markers that wait for a tick are handled before it.
  ///
  /// - Parameter sink: Carries out what the machine decides.
  /// - Returns: Whether the workload can go on; if not, ``failure`` says why.
  @inlinable
  @inline(__always)
  @discardableResult
  public mutating func tick(into sink: inout some EffectSink<Work>) -> Bool {
    if !isDiverted || !carryOutOwed(into: &sink) {
      ticks &+= 1
      if let message = arrived.popFirst() {
        receive(message, into: &sink)
      } else {
        // All that an event changes anyway comes before the choice: so the branches on what is
        // chosen follow it at once, and are one with those of the choice itself.
        let reading = beginEvent()
        let surroundings = Surroundings(
          machine: id, neighbours: neighbours, tick: ticks, reading: reading)
        perform(work.chooseInstruction(surroundings, chance: &chance), at: reading, into: &sink)
      }
    }
    return !Work.canFail || work.failure == nil
  }

  /// Carries out one instruction with chosen outcomes in place of chance.
  ///
  /// - Parameters:
  ///   - outcomes: What the workload draws from.
  ///   - sink: Carries out what the machine decides.
  /// - Returns: What is left of `outcomes`; it counts the outcomes that there were.
  @inlinable
  package mutating func tick(
    drawing outcomes: Chance, into sink: inout some EffectSink<Work>
  ) -> Chance {
    chance = outcomes
    tick(into: &sink)
    defer { chance = Chance(outcome: 0, drawMax: 1) }
    return chance
  }

  @inlinable
  mutating func receive(
    _ message: Message<Work.Payload>, into sink: inout some EffectSink<Work>
  ) {
    let reading = logicalClock.tick(receiving: message.reading)
    lastQueueLength = UInt32(truncatingIfNeeded: arrived.count)
    let more = work.receive(
      message,
      Surroundings(machine: id, neighbours: neighbours, tick: ticks, reading: reading))
    if !more.isEmpty { owe(more) }
    sink.log(
      Event(
        tick: ticks, kind: .receive, reading: reading, queueLength: arrived.count,
        peer: .machine(message.source), messageReading: message.reading, round: message.round),
      payload: message.payload, workload: work)
  }

  // Inlined, as `tick` is: left to the optimizer, a free tick is two or three calls, and takes a
  // third more instructions.
  @inlinable
  @inline(__always)
  mutating func perform(
    _ instruction: Instruction<Work.Payload>, at reading: UInt64,
    into sink: inout some EffectSink<Work>
  ) {
    let peer: Event.Peer
    let sent: Work.Payload
    switch instruction {
    case .internal:
      return logInternal(at: reading, into: &sink)
    case .send(let payload, let neighbour):
      guard isOpen(neighbour) else { return takeBack(payload, at: reading, into: &sink) }
      sink.send(message(payload, reading: reading), to: neighbour)
      (peer, sent) = (.neighbour(neighbour), payload)
    case .sendToAll(let payload):
      guard closedNeighbours.count < neighbours.count else {
        return takeBack(payload, at: reading, into: &sink)
      }
      sink.sendToAll(message(payload, reading: reading))
      (peer, sent) = (.all, payload)
    case .reply(let payload, let machine):
      guard let neighbour = sink.neighbour(machine), isOpen(neighbour) else {
        return takeBack(payload, at: reading, into: &sink)
      }
      sink.send(message(payload, reading: reading), to: neighbour)
      (peer, sent) = (.neighbour(neighbour), payload)
    }
    if usesRounds { recordSend(message(sent, reading: reading), to: peer) }
    sink.log(
      Event(
        tick: ticks, kind: .send, reading: reading, queueLength: queueLengthAtLastEvent,
        peer: peer, messageReading: reading, round: roundNumber),
      payload: sent, workload: work)
  }

  /// Advances the clock to an event that is no receipt.
  ///
  /// - Returns: The event's reading.
  @inlinable
  @inline(__always)
  mutating func beginEvent() -> UInt64 {
    // Empty at a free tick; messages may wait while the machine does what it owes.
    lastQueueLength = UInt32(truncatingIfNeeded: arrived.count)
    return logicalClock.tick()
  }

  @inlinable
  @inline(__always)
  mutating func logInternal(at reading: UInt64, into sink: inout some EffectSink<Work>) {
    sink.log(
      Event(
        tick: ticks, kind: .internal, reading: reading, queueLength: queueLengthAtLastEvent),
      payload: nil, workload: work)
  }

  /// Has an internal event in place of a send whose channels have all closed.
  @inlinable
  @inline(never)
  mutating func takeBack(
    _ payload: Work.Payload, at reading: UInt64, into sink: inout some EffectSink<Work>
  ) {
    work.takeBack(payload)
    logInternal(at: reading, into: &sink)
  }

  /// What it sends at a reading of its clock.
  @inlinable
  func message(_ payload: Work.Payload, reading: UInt64) -> Message<Work.Payload> {
    Message(source: id, reading: reading, payload: payload, round: roundNumber)
  }

  /// Whether messages can be sent to a neighbour.
  @inlinable
  func isOpen(_ neighbour: Neighbour) -> Bool {
    extras.isEmpty || !closedNeighbours.contains(neighbour)
  }

  // MARK: What is owed

  /// Whether the next tick carries out an instruction that is owed, ahead of those by hand.
  public var owesInstruction: Bool { !owed.isEmpty }

  /// Handles the markers that wait for this tick, then carries out an instruction that is owed.
  ///
  /// - Returns: Whether one was owed; if not, the tick is still to be carried out.
  @inlinable
  @inline(never)
  mutating func carryOutOwed(into sink: inout some EffectSink<Work>) -> Bool {
    if markerHandling == .tick { handleWaitingMarkers(into: &sink) }
    guard owesInstruction else { return false }
    ticks &+= 1
    perform(takeOwed(), at: beginEvent(), into: &sink)
    return true
  }

  @usableFromInline
  mutating func owe(_ instructions: [Instruction<Work.Payload>]) { owed += instructions }

  /// Removes and returns the first instruction that is owed.
  @usableFromInline
  mutating func takeOwed() -> Instruction<Work.Payload> {
    owed.isEmpty ? .internal : owed.removeFirst()
  }
}
