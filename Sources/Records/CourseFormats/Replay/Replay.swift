import LogicalTime
import Snapshots

/// Servers that pass tokens along links, and snapshots of them, tick by tick from a script.
///
/// An item put on a link at time t is due at t + 1 + d, with a delay d drawn for it. In each tick
/// the servers act in the order of their names as text, and each delivers at most one item: the
/// head of its first outgoing link, in the order of names, whose head is due. Markers fan out in
/// the same order.
///
/// ``SnapshotRecorder`` takes the snapshots: there is nothing of the algorithm here.
package struct Replay {
  private let topology: ReplayTopology
  private let channels: ChannelList
  private var delays: ReplayDelays
  private var time = 0
  private var tokens: [Int]
  private var recorders: [SnapshotRecorder<Int>]
  /// The items on the links of each server, in the order of its targets; the first is the head.
  private var links: [[Ring<InFlight>]]
  private var inFlightCount = 0
  /// The parts that machines have begun but not handed over.
  private var parts: [SnapshotID: [MachineID: LocalSnapshot<Int, Int>]] = [:]
  /// How many parts of all snapshots have not been handed over.
  private var missingPartCount = 0
  /// The snapshots in the order of the script.
  private var snapshots: [GlobalSnapshot<Int, Int>] = []
  private var numbers: [SnapshotID: Int] = [:]

  private struct InFlight {
    let due: Int
    let content: Content

    enum Content {
      case tokens(Int)
      case marker(SnapshotID)
    }
  }

  /// Replays a script, then ticks until every snapshot has finished or nothing is in transit.
  ///
  /// - Parameters:
  ///   - topologyText: The text of a `.top` file.
  ///   - eventsText: The text of an `.events` file.
  ///   - delays: The delays of messages and markers.
  /// - Returns: The snapshots, in the order of the script; a partial one says what is missing.
  /// - Throws: The first line that is malformed or impossible.
  package static func run(
    topologyText: String, eventsText: String, delays: ReplayDelays
  ) throws(ReplayError) -> [ReplaySnapshot] {
    let topology = try ReplayTopology(parsing: topologyText)
    let script = try ReplayScript(parsing: eventsText, topology: topology)
    var replay = Replay(topology: topology, delays: delays)
    for step in script.steps { try replay.carryOut(step) }
    try replay.finish()
    return replay.snapshots.indices.map { replay.snapshot(number: $0) }
  }

  private init(topology: ReplayTopology, delays: ReplayDelays) {
    self.topology = topology
    self.delays = delays
    tokens = topology.tokens
    channels = ChannelList(
      topology.targets.enumerated().flatMap { source, targets in
        targets.map { ChannelID(from: MachineID(source), to: $0) }
      })
    links = topology.targets.map { $0.map { _ in Ring() } }
    let channels = channels
    recorders = topology.names.indices.map {
      SnapshotRecorder(machine: MachineID($0), channels: channels)
    }
  }

  private mutating func carryOut(_ step: ReplayScript.Step) throws(ReplayError) {
    switch step.action {
    case .send(let count, let source, let target):
      guard count <= tokens[source.index] else {
        throw ReplayError(
          .events, line: step.line,
          .overdraw(
            server: topology.names[source.index], tokens: tokens[source.index], wanted: count))
      }
      tokens[source.index] -= count
      try put(.tokens(count), from: source, to: target)
    case .snapshot(let server):
      let (id, effects) = recorders[server.index].initiate()
      numbers[id] = snapshots.count
      missingPartCount += topology.names.count
      snapshots.append(
        GlobalSnapshot(
          id: id, machines: topology.names.indices.map { MachineID($0) }, channels: channels))
      try carryOut(effects, at: server)
    case .tick(let count):
      try tick(count: count)
    }
  }

  /// Ticks until every snapshot is complete, or nothing in transit could complete one.
  private mutating func finish() throws(ReplayError) {
    while inFlightCount > 0, missingPartCount > 0 { try tick(count: 1) }
    // Recorders still waiting now wait for markers of servers that no marker can reach.
    for server in recorders.indices {
      for id in recorders[server].recordingIDs {
        try carryOut(recorders[server].abort(id, because: .unreachable), at: MachineID(server))
      }
    }
  }

  private mutating func tick(count: Int) throws(ReplayError) {
    for _ in 0..<count {
      // The remaining ticks would change nothing, so they need not run.
      if inFlightCount == 0 { return }
      time += 1
      for source in topology.names.indices { try deliver(from: source) }
    }
  }

  /// Delivers the first due head on the links of one server, in the order of targets.
  private mutating func deliver(from source: Int) throws(ReplayError) {
    for (index, target) in topology.targets[source].enumerated() {
      guard let head = links[source][index].first, head.due <= time else { continue }
      _ = links[source][index].popFirst()
      inFlightCount -= 1
      switch head.content {
      case .tokens(let count):
        recorders[target.index].message(count, from: MachineID(source))
        tokens[target.index] += count
      case .marker(let id):
        try carryOut(recorders[target.index].marker(id, from: MachineID(source)), at: target)
      }
      return
    }
  }

  private mutating func put(
    _ content: InFlight.Content, from source: MachineID, to target: MachineID
  ) throws(ReplayError) {
    guard let index = topology.targets[source.index].firstIndex(of: target) else { return }
    let due = time + 1 + (try delays.next())
    links[source.index][index].append(InFlight(due: due, content: content))
    inFlightCount += 1
  }

  // MARK: Effects of recorders

  private mutating func carryOut(
    _ effects: [SnapshotEffect<Int>], at server: MachineID
  ) throws(ReplayError) {
    for effect in effects {
      switch effect {
      case .record(let id, let targets):
        parts[id, default: [:]][server] = LocalSnapshot(
          id: id, machine: server, state: tokens[server.index])
        for target in targets { try put(.marker(id), from: server, to: target) }
      case .channelFinal(let id, let state):
        parts[id]?[server]?.add(state)
      case .partComplete(let id), .partAborted(let id, _):
        handOver(id, of: server)
      case .transit, .caught, .markerRefused:
        break
      }
    }
  }

  private mutating func handOver(_ id: SnapshotID, of server: MachineID) {
    guard let number = numbers[id], let part = parts[id]?.removeValue(forKey: server) else {
      return
    }
    missingPartCount -= 1
    do throws(GatheringError) {
      try snapshots[number].add(part)
    } catch {
      preconditionFailure("A recorder's part does not belong to its snapshot: \(error)")
    }
  }

  private func snapshot(number: Int) -> ReplaySnapshot {
    let snapshot = snapshots[number]
    let parts = topology.names.indices.compactMap { snapshot.part(of: MachineID($0)) }
    let messages = parts.flatMap { part in
      part.channels.flatMap { state in
        state.messages.map { tokens in
          ReplaySnapshot.Message(
            source: topology.names[state.channel.source.index],
            target: topology.names[state.channel.target.index], tokens: tokens)
        }
      }
    }
    return ReplaySnapshot(
      number: number,
      servers: parts.map { .init(name: topology.names[$0.machine.index], tokens: $0.state) },
      messages: messages, missing: missing(from: snapshot))
  }

  private func missing(from snapshot: GlobalSnapshot<Int, Int>) -> [String] {
    guard case .partial(let missing) = snapshot.status else { return [] }
    return missing.map { part in
      switch part {
      case .machine(let machine, .tooManySnapshots):
        "server \(topology.names[machine.index]) was recording as many snapshots as it can"
      case .machine(let machine, _):
        "no marker reached server \(topology.names[machine.index])"
      case .channel(let channel, _):
        "no marker came over the link \(topology.names[channel.source.index]) "
          + topology.names[channel.target.index]
      }
    }
  }
}
