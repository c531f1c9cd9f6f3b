import LogicalTime
import RunRecord
import ScaleModel

/// Holds a snapshot's file against its run; errors name the key that is wrong.
///
/// What is impossible in any run was refused when the file was read.
struct SnapshotFileReader {
  let file: SnapshotFile
  let path: String
  let machineCount: Int
  let channels: ChannelNumbering
  let fields: FieldNames
  private(set) var states: [StoredSnapshot.State] = []
  private(set) var contents: [StoredSnapshot.Content] = []
  /// The values of each message in turn.
  private(set) var messageValues: [FieldValue] = []
  private(set) var listedChannels: Set<Int> = []
  /// Whether the file has a state: one per machine of the run.
  private var hasState: [Bool]

  init(
    file: SnapshotFile, path: String, machineCount: Int, channels: ChannelNumbering,
    fields: FieldNames
  ) {
    (self.file, self.path, self.fields) = (file, path, fields)
    (self.machineCount, self.channels) = (machineCount, channels)
    hasState = Array(repeating: false, count: machineCount)
  }

  mutating func read() throws(RunRecordError) {
    try expect(
      file.initiator.index < machineCount, "initiator",
      "there is no machine \(file.initiator) in the run")
    let machines = try machinesInOrder()
    try expectAllMachines()
    let channels = try channelsByTarget()
    try expectAllChannels()
    var nextChannel = 0
    contents.reserveCapacity(file.inboxMessageCount + file.channelMessageCount)
    for index in machines {
      try take(machine: index, channels, &nextChannel)
    }
  }

  private func expect(
    _ holds: Bool, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String
  ) throws(RunRecordError) {
    if holds { return }
    throw .malformed(path: path, line: nil, column: key(), problem: problem())
  }

  /// The indices of the machines in the file, ascending by machine.
  private mutating func machinesInOrder() throws(RunRecordError) -> [Int] {
    for (listIndex, machine) in file.machines.enumerated() {
      let index = machine.id.index
      try expect(
        index < machineCount, "machines[\(listIndex)].id",
        "there is no machine \(machine.id) in the run")
      try expect(
        !hasState[index], "machines[\(listIndex)].id",
        "machine \(machine.id) has two states in one snapshot")
      hasState[index] = true
    }
    return file.machines.indices.sorted { file.machines[$0].id < file.machines[$1].id }
  }

  /// The indices of the channels in the file with their numbers, ascending by number.
  private mutating func channelsByTarget() throws(RunRecordError) -> [(number: Int, index: Int)] {
    var found: [(number: Int, index: Int)] = []
    for (index, channel) in file.channels.enumerated() {
      let number =
        channel.target.index < machineCount
        ? channels.channel(of: channel.target.index, with: channel.source.number) : nil
      guard let number else {
        throw .malformed(
          path: path, line: nil, column: "channels[\(index)]",
          problem: "the run has no channel \(channel.source)→\(channel.target)")
      }
      try expect(
        hasState[channel.target.index], "channels[\(index)].target",
        "the state of machine \(channel.target) is not in the snapshot")
      try expect(
        listedChannels.insert(number).inserted, "channels[\(index)]",
        "channel \(channel.source)→\(channel.target) has two states in one snapshot")
      found.append((number, index))
    }
    return found.sorted { $0.number < $1.number }
  }

  /// Rejects a snapshot that says it is complete and lacks a machine.
  private func expectAllMachines() throws(RunRecordError) {
    guard file.status == .complete else { return }
    try expect(file.reason == nil, "reason", "a complete snapshot lacks nothing")
    if let machine = hasState.firstIndex(of: false) {
      throw .malformed(
        path: path, line: nil, column: "machines",
        problem: "machine \(machine) is missing; a complete snapshot has every machine")
    }
  }

  /// Rejects a wrong count of empty channels, and a snapshot that says it is complete and lacks a
  /// channel.
  private func expectAllChannels() throws(RunRecordError) {
    let emptyCount = file.emptyChannels ?? 0
    try expect(
      emptyCount <= channels.channelCount - listedChannels.count,
      "empty_channels",
      "\(emptyCount) besides the \(listedChannels.count) that are listed; "
        + "the run has \(channels.channelCount)")
    guard file.status == .complete else { return }
    try expect(
      listedChannels.count + emptyCount == channels.channelCount,
      file.emptyChannels == nil ? "channels" : "empty_channels",
      "\(missingChannel); a complete snapshot has every channel")
  }

  /// Names the first channel that is not listed.
  private var missingChannel: String {
    for target in 0..<machineCount {
      for channel in channels.channels(of: target) where !listedChannels.contains(channel) {
        return "\(channels.other(of: target, on: channel))→\(target) is missing"
      }
    }
    return "none is missing"
  }

  /// Reads a machine with its incoming channels.
  private mutating func take(
    machine index: Int, _ listed: [(number: Int, index: Int)], _ nextChannel: inout Int
  ) throws(RunRecordError) {
    let machine = file.machines[index]
    let start = contents.count
    for (inboxIndex, message) in machine.inbox.enumerated() {
      guard let source = message.source,
        channels.channel(of: machine.id.index, with: source.number) != nil
      else {
        throw .malformed(
          path: path, line: nil, column: "machines[\(index)].inbox[\(inboxIndex)].source",
          problem: message.source.map { "the run has no channel \($0)→\(machine.id)" }
            ?? "the key is missing")
      }
      add(message, from: source)
    }
    while nextChannel < listed.count,
      file.channels[listed[nextChannel].index].target == machine.id
    {
      let channel = file.channels[listed[nextChannel].index]
      for message in channel.messages { add(message, from: channel.source) }
      nextChannel += 1
    }
    states.append(
      StoredSnapshot.State(
        machine: machine.id.index, position: Int(machine.events), clock: machine.clock,
        tick: machine.tick, inboxCount: machine.inbox.count,
        values: machine.fields.values(of: fields.journaledState), byHand: machine.byHand ?? 0,
        contents: start..<contents.count))
  }

  private mutating func add(_ message: SnapshotFile.Message, from source: MachineID) {
    for field in fields.message { messageValues.append(message.fields[field.name]) }
    contents.append(
      StoredSnapshot.Content(reading: message.message, source: source.number))
  }
}
