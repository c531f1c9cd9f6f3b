import LogicalTime
import ScaleModel
import Snapshots

extension WorldModel {
  /// Carries out an action.
  ///
  /// - Parameters:
  ///   - action: The action.
  ///   - world: The world; when the action is not possible in it, its machines and channels stay as
  ///     they are.
  ///   - keepsLines: Whether the journal's lines are among the effects.
  /// - Returns: What machines did; nil when the action is not possible.
  @discardableResult
  package func perform(
    _ action: ScheduledAction, on world: inout World<Work>, keepsLines: Bool = false
  ) -> WorldEffects<Work>? {
    forgetLast(&world)
    switch action {
    case .tick(let id, let outcome):
      guard isAlive(id, in: world) else { return nil }
      return tick(id, outcome: outcome, on: &world, keepsLines: keepsLines).effects
    case .deliver(let source, let target, let position):
      guard let channel = channel(source, target, position, in: world) else { return nil }
      let content = world.channels[channel].remove(at: position)
      noteChange(of: channel, in: &world)
      world.action = action
      return deliver(content, channel, on: &world, keepsLines: keepsLines)
    case .lose(let source, let target, let position):
      guard let channel = channel(source, target, position, in: world) else { return nil }
      if case .end = world.channels[channel][position] { return nil }
      world.action = action
      return lose(at: position, on: channel, in: &world)
    case .crash(let id):
      guard isAlive(id, in: world) else { return nil }
      world.action = action
      crash(id, in: &world)
      return WorldEffects()
    case .snapshot(let id):
      guard isAlive(id, in: world), mayBeginSnapshot(world) else { return nil }
      world.snapshotCount += 1
      world.action = action
      if settings.snapshotAlgorithm == .naive { world.observer?.ask(allBut: id) }
      return change(id, in: &world, keepsLines, input: [1]) { machine, sink in
        machine.beginSnapshot(into: &sink)
      }
    case .record(let id, let snapshot):
      guard isAlive(id, in: world), world.observer?.answer(id, snapshot) ?? false else {
        return nil
      }
      world.action = action
      return change(id, in: &world, keepsLines, input: [6, snapshot.word]) { machine, sink in
        machine.recordWhenAsked(snapshot, into: &sink)
      }
    }
  }

  /// Forgets what is known of the action before.
  private func forgetLast(_ world: inout World<Work>) {
    (world.changesFields, world.failure) = (false, nil)
  }

  private func isAlive(_ id: MachineID, in world: World<Work>) -> Bool {
    id.index < world.machineCount && !world.hasCrashed(id)
  }

  /// The channel with something at this position that may be next; nil when there is none.
  private func channel(
    _ source: MachineID, _ target: MachineID, _ position: Int, in world: World<Work>
  ) -> Int? {
    guard settings.topology.hasChannel(from: source, to: target),
      let neighbour = settings.topology.neighbour(target, of: source)
    else { return nil }
    let channel = settings.topology.channelIndex(of: neighbour, from: source)
    guard world.channels[channel].indices.contains(position), position == 0 || !settings.isFIFO
    else { return nil }
    return channel
  }

  /// Carries out an instruction of a machine, with these outcomes of its draws.
  func tick(
    _ id: MachineID, outcome: UInt64, on world: inout World<Work>, keepsLines: Bool
  ) -> (effects: WorldEffects<Work>, drawn: Chance) {
    forgetLast(&world)
    var drawn = Chance(outcome: outcome, drawMax: settings.drawMax)
    var failure: WorkloadFailure?
    let effects = change(id, in: &world, keepsLines, input: []) { machine, sink in
      drawn = machine.tick(drawing: drawn, into: &sink)
      if Work.canFail { failure = machine.failure }
    }
    if drawn.isCut { world.isSampled = true }
    world.failure = failure
    world.action = .tick(id, outcome: outcome)
    return (effects, drawn)
  }

  private func deliver(
    _ content: World<Work>.InTransit, _ channel: Int, on world: inout World<Work>,
    keepsLines: Bool
  ) -> WorldEffects<Work> {
    let (source, target) = (channels[channel].source, channels[channel].target)
    if world.hasCrashed(target) { return WorldEffects() }
    switch content {
    case .message(let message):
      let usesRounds = settings.snapshotAlgorithm.usesRounds
      let round = usesRounds ? world.observer?.round(of: message) : nil
      let effects = change(
        target, in: &world, keepsLines, input: [2, UInt64(channel), message.reading],
        isArrival: !usesRounds
      ) { machine, sink in
        // A machine that records because of the message does so before it arrives.
        usesRounds ? machine.arrive(message, of: round, into: &sink) : machine.arrive(message)
      }
      world.observer?.arrived(message.reading, on: channel)
      return effects
    case .marker(let id):
      return change(target, in: &world, keepsLines, input: [3, UInt64(channel), id.word]) {
        machine, sink in machine.arriveMarker(id, from: source, into: &sink)
      }
    case .end:
      return change(target, in: &world, keepsLines, input: [4, UInt64(channel)]) {
        machine, sink in machine.closeChannel(from: source, into: &sink)
      }
    }
  }

  private func lose(
    at position: Int, on channel: Int, in world: inout World<Work>
  ) -> WorldEffects<Work> {
    let content = world.channels[channel].remove(at: position)
    noteChange(of: channel, in: &world)
    world.lossCount += 1
    var effects = WorldEffects<Work>()
    if case .message(let message) = content {
      world.observer?.lost(message.reading, on: channel)
      effects.losesMessage = true
    }
    return effects
  }

  /// Stops a machine: its channels end behind what it has sent, and its senders know at once.
  private func crash(_ id: MachineID, in world: inout World<Work>) {
    world.crashed |= 1 << UInt64(id.number)
    world.crashCount += 1
    for (index, channel) in channels.enumerated() {
      if channel.source == id {
        world.channels[index].append(.end)
        noteChange(of: index, in: &world)
      }
      guard channel.target == id, !world.hasCrashed(channel.source),
        let neighbour = settings.topology.neighbour(id, of: channel.source)
      else { continue }
      _ = change(channel.source, in: &world, false, input: [5, UInt64(index)]) { machine, _ in
        machine.closeChannel(to: neighbour)
      }
    }
  }

  /// Replaces a machine by what it is after an input, and carries out what it decides; `input` is
  /// what the machine's state does not tell of it.
  private func change(
    _ id: MachineID, in world: inout World<Work>, _ keepsLines: Bool, input: [UInt64],
    isArrival: Bool = false, _ body: (inout Machine<Work>, inout WorldSink<Work>) -> Void
  ) -> WorldEffects<Work> {
    var sink = WorldSink<Work>(topology: settings.topology, source: id, keepsLines: keepsLines)
    if world.alone.isEmpty {
      changePart(of: id, in: &world, input: input, isArrival: isArrival) { body(&$0, &sink) }
    } else {
      body(&world.alone[id.index], &sink)
    }
    for (channel, content) in sink.sent {
      if world.hasCrashed(channels[channel].target) { continue }
      world.channels[channel].append(content)
      noteChange(of: channel, in: &world)
      if case .message(let message) = content { world.observer?.sent(message.reading, on: channel) }
    }
    for part in sink.effects.recorded {
      world.observer?.recorded(
        part.id, channelsTo: incoming[id.index])
    }
    for case (_, let part?) in sink.effects.finished { world.observer?.finished(part, channels) }
    for (message, snapshot) in sink.effects.caught {
      world.observer?.caught(message, for: snapshot, by: id, channels)
    }
    if let ended = world.observer?.takeEnded() {
      for machine in settings.topology.machineIDs where !world.hasCrashed(machine) {
        _ = change(machine, in: &world, false, input: [7, ended.word]) { machine, _ in
          machine.endSnapshot(ended, isComplete: true)
        }
      }
    }
    return sink.effects
  }

  /// Replaces what is shared of a machine.
  private func changePart(
    of id: MachineID, in world: inout World<Work>, input: [UInt64], isArrival: Bool,
    _ body: (inout Machine<Work>) -> Void
  ) {
    let before = world.parts[id.index]
    var machine = before.machine
    body(&machine)
    // What arrives changes the inbox alone.
    let values = isArrival ? before.values : fields.values(of: machine.workload)
    let own = isArrival ? before.own : ownDigest(of: machine, values)
    if !isArrival, fieldsRead.contains(where: { values[$0] != before.values[$0] }) {
      world.changesFields = true
    }
    let state = digest(of: machine, own)
    var history = before.history
    if world.observer != nil {
      var digester = Digester()
      digester.add(before.history)
      digester.add(state)
      for word in input { digester.add(word) }
      history = digester.digest
    }
    world.parts[id.index] = World<Work>.Part(
      machine, values: values, own: own, state: state, history: history)
  }

  /// Tells a channel from others by what is on it now.
  private func noteChange(of channel: Int, in world: inout World<Work>) {
    if world.alone.isEmpty { world.channels[channel].digest = digest(of: world.channels[channel]) }
  }
}
