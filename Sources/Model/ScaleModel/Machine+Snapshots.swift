import LogicalTime
import Snapshots

extension Machine {
  /// How many snapshots this machine has begun, or the latest round it has joined; the number of
  /// the next one it begins is one more.
  @inlinable public var begunSnapshotCount: UInt32 { recorder.initiatedCount }

  /// Begins a snapshot: the machine records its state and sends markers, in one step.
  ///
  /// - Parameter sink: Carries out what the machine decides.
  /// - Returns: The new snapshot's id.
  @inlinable
  @discardableResult
  public mutating func beginSnapshot(
    into sink: inout some EffectSink<Work>
  ) -> SnapshotID {
    let effects = recorder.handle(.initiate)
    let snapshot = SnapshotID(initiator: id, number: recorder.initiatedCount)
    carryOut(effects, firstMarkerFrom: nil, into: &sink)
    if ticksAreOver { abortSnapshot(snapshot, because: .runEnded, into: &sink) }
    return snapshot
  }

  /// Handles a marker that its channel delivers now, or makes it wait for its tick; it costs none.
  ///
  /// - Parameters:
  ///   - id: The marker's snapshot.
  ///   - source: The machine that sent it.
  ///   - sink: Carries out what the machine decides.
  @inlinable
  public mutating func arriveMarker(
    _ id: SnapshotID, from source: MachineID, into sink: inout some EffectSink<Work>
  ) {
    if ticksAreOver { return refuse(id, into: &sink) }
    if markerHandling == .tick { return wait(.marker(id), from: source) }
    carryOut(recorder.handle(.marker(id, from: source)), firstMarkerFrom: source, into: &sink)
  }

  /// Records for a snapshot because its run asks for it, where no marker does.
  public mutating func recordWhenAsked(
    _ id: SnapshotID, into sink: inout some EffectSink<Work>
  ) {
    carryOut(
      recorder.handle(.marker(id, from: id.initiator)), firstMarkerFrom: nil, into: &sink)
  }

  /// Enqueues a message that carries its sender's round; the machine may have to record first.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - round: The round its sender was in; nil before the first.
  ///   - sink: Carries out what the machine decides.
  public mutating func arrive(
    _ message: Message<Work.Payload>, of round: Round?, into sink: inout some EffectSink<Work>
  ) {
    let source = message.source
    carryOut(
      recorder.handle(.message(message, of: round, from: source)), firstMarkerFrom: source,
      into: &sink)
    arrived.append(message)
  }

  /// Handles the end of a snapshot: it is over for all machines, complete or partial.
  public mutating func endSnapshot(_ id: SnapshotID, isComplete: Bool) {
    _ = recorder.handle(.ended(id, isComplete: isComplete))
  }

  @usableFromInline
  mutating func record(_ message: Message<Work.Payload>) {
    _ = recorder.handle(.message(message, of: nil, from: message.source))
  }

  /// Tells the recorder of a message that was just sent to these neighbours.
  @usableFromInline
  mutating func recordSend(_ message: Message<Work.Payload>, to peer: Event.Peer) {
    if case .neighbour(let neighbour) = peer {
      if let target = target(at: Int(neighbour.index)) {
        _ = recorder.handle(.sent(message, to: target))
      }
      return
    }
    for (index, target) in (recorder.channels?.targets(of: id) ?? []).enumerated()
    where isOpen(Neighbour(index: index)) {
      _ = recorder.handle(.sent(message, to: target))
    }
  }

  /// The neighbour at an index; nil when there is none.
  func target(at index: Int) -> MachineID? {
    let targets = recorder.channels?.targets(of: id) ?? []
    return targets.indices.contains(index) ? targets[index] : nil
  }

  /// Closes the channel from `source`: nothing will come from it any more.
  public mutating func closeChannel(
    from source: MachineID, into sink: inout some EffectSink<Work>
  ) {
    if markerHandling == .tick && !ticksAreOver { return wait(.end, from: source) }
    carryOut(recorder.handle(.closedFrom(source)), firstMarkerFrom: nil, into: &sink)
  }

  /// Gives up the machine's part in a snapshot, whatever is missing from it.
  @inlinable
  public mutating func abortSnapshot(
    _ id: SnapshotID, because cause: MissingCause,
    into sink: inout some EffectSink<Work>
  ) {
    carryOut(recorder.handle(.abort(id, cause)), firstMarkerFrom: nil, into: &sink)
  }

  /// Carries out the recorder's effects, in order.
  @inlinable
  mutating func carryOut(
    _ effects: [SnapshotEffect<Message<Work.Payload>>], firstMarkerFrom source: MachineID?,
    into sink: inout some EffectSink<Work>
  ) {
    recordsArrivals = recorder.isRecording && markerHandling == .arrival
    if usesRounds, let round = recorder.round, round.id.number != roundNumber {
      roundNumber = round.id.number
      sink.entered(round)
    }
    for effect in effects {
      switch effect {
      case .record(let id, let targets):
        record(id, firstMarkerFrom: source, into: &sink)
        for target in targets { sink.sendMarker(id, to: target) }
      case .channelFinal(let id, let channel):
        if let index = partIndex(of: id) { extra.parts[index].add(channel) }
      case .partComplete(let id), .partAborted(let id, _):
        let part = partIndex(of: id).map { extra.parts.remove(at: $0) }
        sink.finished(id, part: part)
      case .transit(let id, let report):
        if let index = partIndex(of: id) { extra.parts[index].transit = report }
      case .caught(let id, _, let message):
        sink.caught(message, for: id)
      case .markerRefused:
        // A late or unknown marker has changed nothing.
        break
      }
    }
  }

  /// The machine's state now, as a snapshot records it.
  @inlinable public var state: MachineState<Work.Payload> {
    MachineState(
      clock: clock.reading, tick: tickCount,
      journalLineCount: tickCount + UInt64(snapshotLineCount),
      inbox: markerHandling == .arrival ? inbox.messages : [],
      values: workload.stateFields.map { $0.value(in: workload) },
      otherState: workload.otherState, owed: owed,
      random: recordsChance ? chance.state : nil)
  }

  /// Goes on after the snapshots that it began before a restart; ids never repeat.
  @inlinable
  package mutating func goOn(afterSnapshots count: UInt32) { recorder.goOn(after: count) }

  /// Goes back to a recorded state of this machine; no channel may have closed, and no snapshot may
  /// be under way.
  ///
  /// A workload that records no chance draws on from where its stream is.
  ///
  /// - Parameters:
  ///   - state: What the machine recorded.
  ///   - begunSnapshotCount: How many snapshots it had begun; ids never repeat.
  /// - Returns: Whether it is a state of this workload; if not, nothing has changed, but that the
  ///   workload has perhaps failed, and tells why.
  public mutating func restore(
    _ state: MachineState<Work.Payload>, begunSnapshotCount: UInt32 = 0
  ) -> Bool {
    var restored = work
    let fields = restored.stateFields
    guard fields.count == state.values.count,
      zip(fields, state.values).allSatisfy({ $0.set($1, in: &restored) }),
      let lineCount = UInt32(exactly: state.journalLineCount &- state.tick)
    else { return false }
    guard restored.restore(otherState: state.otherState) else {
      if Work.canFail, restored.failure != nil { work = restored }
      return false
    }
    work = restored
    recorder.goOn(after: begunSnapshotCount)
    logicalClock = LamportClock(reading: state.clock)
    ticks = state.tick
    snapshotLineCount = lineCount
    arrived = Inbox()
    for message in state.inbox { arrived.append(message) }
    lastQueueLength = UInt32(truncatingIfNeeded: state.inbox.count)
    owed = state.owed
    if let random = state.random { chance = Chance(SplitMix64(state: random)) }
    return true
  }

  @inlinable
  func partIndex(of id: SnapshotID) -> Int? {
    extras.first?.parts.firstIndex { $0.id == id }
  }

  @inlinable
  mutating func record(
    _ id: SnapshotID, firstMarkerFrom source: MachineID?,
    into sink: inout some EffectSink<Work>
  ) {
    let part = MachinePart<Work.Payload>(id: id, machine: self.id, state: state)
    extra.parts.append(part)
    snapshotLineCount += 1
    sink.log(
      Event(
        tick: tickCount, kind: .snapshot, reading: clock.reading, queueLength: inbox.count,
        peer: source.map { .machine($0) } ?? .none, messageReading: id.word),
      payload: nil, workload: workload)
    sink.recorded(part)
  }
}

extension SnapshotID {
  /// The id packed in one word: the initiator in the upper half, the number in the lower.
  @inlinable public var word: UInt64 { UInt64(initiator.number) << 32 | UInt64(number) }

  /// Unpacks the id from its word.
  public init(word: UInt64) {
    self.init(
      initiator: MachineID(Int(word >> 32)), number: UInt32(truncatingIfNeeded: word))
  }
}
