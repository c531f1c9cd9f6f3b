import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Where a simulated run goes on from: a complete snapshot, in the values of its workload.
///
/// - Invariant: On each channel the readings of the messages, those in the inbox first, ascend and
///   are none that its source has not reached.
package struct RestorePoint<Work: Workload> {
  /// A message that was in transit at the cut.
  struct InTransit {
    let message: Message<Work.Payload>
    let target: MachineID
  }

  /// The snapshot.
  package let id: SnapshotID
  /// When it was requested, and when it was complete.
  let (requested, completed): (RunTime, RunTime)
  /// One state per machine, in id order; the snapshot's own line is before it in the journal.
  private(set) var states: [MachineState<Work.Payload>] = []
  /// How many snapshots each machine had begun, in id order.
  private(set) var begunCounts: [UInt32]
  /// By source, then by target, then in the order they were sent.
  private(set) var inTransit: [InTransit] = []

  private let fields: WorkloadFields<Work>
  private let names: FieldNames
  private let topology: Topology
  private let workload: Work
  private let path: String

  /// Reads a snapshot of a run with this plan and workload.
  ///
  /// - Parameters:
  ///   - file: The snapshot.
  ///   - path: Its file, for errors.
  ///   - plan: The plan of its run.
  ///   - workload: The workload of every machine, in its state at the start.
  ///   - earlier: The other snapshots begun before; their ids are not used again.
  /// - Throws: ``RunRecordError`` with the first key that no such run can have.
  package init(
    _ file: SnapshotFile, path: String, plan: RunPlan, workload: Work,
    earlier: [SnapshotID] = []
  ) throws(RunRecordError) {
    (id, self.path) = (file.id, path)
    requested = RunTime(nanoseconds: file.requestedTimeNs)
    completed = RunTime(nanoseconds: file.completedTimeNs)
    (self.workload, topology) = (workload, plan.topology)
    fields = WorkloadFields(workload)
    names = FieldNames(fields)
    begunCounts = Array(repeating: 0, count: topology.machineCount)
    for id in earlier + [file.id] {
      guard begunCounts.indices.contains(id.initiator.index), id.number < 1 << 31 else {
        throw .malformed(
          path: path, line: nil, column: "id", problem: "the plan has no snapshot \(id)")
      }
      begunCounts[id.initiator.index] = max(begunCounts[id.initiator.index], id.number)
    }
    try expect(
      file.status == .complete, "status",
      "the snapshot is partial: \(file.reason ?? "something is missing"); take a complete one")
    try expect(
      file.requestedTimeNs >= 0, "requested_time_ns", "\(file.requestedTimeNs) is before the run")
    try expect(
      file.machines.map(\.id) == Array(topology.machineIDs), "machines",
      "they are not machines 0 to \(topology.machineCount - 1), each once, as the plan has them")
    for (index, machine) in file.machines.enumerated() {
      let state = try state(of: machine, "machines[\(index)]")
      try check(state, of: machine.id, plan)
      states.append(state)
    }
    try takeChannels(of: file)
    try checkReadings()
  }

  /// The parts of the machines as they recorded them, in id order.
  var parts: [RecordedPart] {
    let map = TopologyChannels(topology)
    // Looked up, never iterated.
    let messages = Dictionary(grouping: inTransit) {
      ChannelID(from: $0.message.source, to: $0.target)
    }
    return zip(topology.machineIDs, states).map { machine, state in
      let channels = map.sources(of: machine).map { source in
        let channel = ChannelID(from: source, to: machine)
        return ChannelState(
          channel: channel, messages: (messages[channel] ?? []).map(\.message))
      }
      let then = MachineState(
        clock: state.clock, tick: state.tick,
        // Its own line was not in the journal yet.
        journalLineCount: state.journalLineCount - 1, inbox: state.inbox, values: state.values,
        otherState: state.otherState, owed: state.owed, random: state.random)
      return RecordedPart(
        MachinePart<Work.Payload>(id: id, machine: machine, state: then, channels: channels), fields
      )
    }
  }

  private func expect(
    _ holds: Bool, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String
  ) throws(RunRecordError) {
    if !holds { throw refusal(key(), problem()) }
  }

  private func refusal(_ key: String, _ problem: String) -> RunRecordError {
    .malformed(path: path, line: nil, column: key, problem: problem)
  }

  private func state(
    of machine: SnapshotFile.Machine, _ key: String
  ) throws(RunRecordError) -> MachineState<Work.Payload> {
    try expect(
      machine.tick <= machine.clock && machine.tick <= machine.events && machine.clock < 1 << 62
        && machine.events < 1 << 62,
      key, "every tick is an event, and takes a reading and a line of the journal")
    try expectNames(of: machine.fields, among: names.state, key)
    var inbox: [Message<Work.Payload>] = []
    for (index, message) in machine.inbox.enumerated() {
      let key = "\(key).inbox[\(index)]"
      guard let source = message.source, source.index < topology.machineCount,
        topology.neighbour(machine.id, of: source) != nil
      else {
        throw refusal("\(key).source", "the plan has no such channel to machine \(machine.id)")
      }
      inbox.append(try self.message(message, from: source, key))
    }
    var owed: [Instruction<Work.Payload>] = []
    for (index, instruction) in (machine.owed ?? []).enumerated() {
      owed.append(try self.instruction(instruction, of: machine.id, "\(key).owed[\(index)]"))
    }
    let random = machine.random.map { UInt64($0) }
    guard let other = machine.otherState else { throw refusal("\(key).state", "it is not base 64") }
    try expect(random != .some(nil), "\(key).random", "it is not a whole number of 64 bits")
    return MachineState(
      clock: machine.clock, tick: machine.tick, journalLineCount: machine.events + 1,
      inbox: inbox, values: machine.fields.values(of: names.state), otherState: other, owed: owed,
      random: random ?? nil)
  }

  /// Rejects a state that the workload cannot have, and a cut that is not within the run.
  private func check(
    _ state: MachineState<Work.Payload>, of id: MachineID, _ plan: RunPlan
  ) throws(RunRecordError) {
    let seconds = state.tick / UInt64(plan.rates[id.index])
    try expect(
      seconds <= UInt64(plan.duration.nanoseconds / 1_000_000_000)
        && requested <= plan.end, "machines[\(id)].tick",
      "the cut is not within the run's \(plan.duration); take a longer duration")
    var machine = Machine(
      id: id, neighbours: topology.neighbourhood(of: id), workload: workload, seed: plan.seed,
      channels: TopologyChannels(topology))
    let isState = machine.restore(state)
    try expect(
      isState, "machines[\(id)]",
      machine.failure.map { "the workload cannot go back to it: \($0)" }
        ?? "it is no state of the plan's workload")
  }

  private func message(
    _ message: SnapshotFile.Message, from source: MachineID, _ key: String
  ) throws(RunRecordError) -> Message<Work.Payload> {
    Message(
      source: source, reading: message.message, payload: try payload(message.fields, key))
  }

  private func payload(
    _ values: NamedValues, _ key: String
  ) throws(RunRecordError) -> Work.Payload {
    try expectNames(of: values, among: names.message, key)
    guard let payload = fields.payload(values.values(of: names.message)), workload.admits(payload)
    else { throw refusal(key, "it is no message of the plan's workload") }
    return payload
  }

  private func expectNames(
    of values: NamedValues, among declared: [FieldDeclaration], _ key: String
  ) throws(RunRecordError) {
    for entry in values.entries {
      try expect(
        declared.contains { $0.name == entry.name }, "\(key).\(entry.name)",
        "the plan's workload has no such field")
    }
  }

  private func instruction(
    _ owed: SnapshotFile.Owed, of machine: MachineID, _ key: String
  ) throws(RunRecordError) -> Instruction<Work.Payload> {
    guard let send = owed.send else {
      try expect(owed.internal == true, key, "it is neither internal nor a send")
      return .internal
    }
    let payload = try payload(send.fields, "\(key).send")
    if owed.to?.text == "all" { return .sendToAll(payload) }
    guard let number = owed.to?.integer, 0..<Int64(topology.machineCount) ~= number else {
      throw refusal("\(key).to", "it is neither a machine of the plan nor 'all'")
    }
    let target = MachineID(Int(number))
    return topology.neighbour(target, of: machine).map { .send(payload, to: $0) }
      ?? .reply(payload, to: target)
  }

  private mutating func takeChannels(of file: SnapshotFile) throws(RunRecordError) {
    var previous: ChannelID?
    for (index, channel) in file.channels.enumerated() {
      let key = "channels[\(index)]"
      let ids = 0..<topology.machineCount
      let isKnown =
        ids.contains(channel.source.index) && ids.contains(channel.target.index)
        && topology.neighbour(channel.target, of: channel.source) != nil
      try expect(isKnown, key, "the plan has no channel \(channel.source)→\(channel.target)")
      let id = ChannelID(from: channel.source, to: channel.target)
      try expect(previous.map { $0 < id } ?? true, key, "channels ascend, and each is there once")
      previous = id
      for (messageIndex, message) in channel.messages.enumerated() {
        inTransit.append(
          InTransit(
            message: try self.message(
              message, from: channel.source, "\(key).messages[\(messageIndex)]"),
            target: channel.target))
      }
    }
    let emptyCount = file.emptyChannels ?? 0
    try expect(
      emptyCount == topology.channelCount - file.channels.count, "channels",
      "there are \(file.channels.count) and \(emptyCount) empty ones, and the plan has "
        + "\(topology.channelCount)")
  }

  /// Rejects doubled messages, and messages that their source has not sent.
  private func checkReadings() throws(RunRecordError) {
    // Looked up, never iterated.
    var latest: [ChannelID: UInt64] = [:]
    func check(_ message: Message<Work.Payload>, to target: MachineID) throws(RunRecordError) {
      let channel = ChannelID(from: message.source, to: target)
      let name = "message \(message.source):\(message.reading) to machine \(target)"
      try expect(
        message.reading > latest[channel, default: 0], "machines",
        "\(name) is there twice, or out of order")
      try expect(
        message.reading <= states[message.source.index].clock, "machines",
        "\(name) was sent after the cut")
      latest[channel] = message.reading
    }
    for (target, state) in zip(topology.machineIDs, states) {
      for message in state.inbox { try check(message, to: target) }
    }
    for passage in inTransit { try check(passage.message, to: passage.target) }
  }
}
