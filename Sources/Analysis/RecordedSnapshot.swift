import LogicalTime
import RunRecord
import Snapshots

/// A snapshot as its file tells it, ready to be held against the journals.
///
/// - Invariant: Every machine and channel named is one of the run, each at most once; a complete
///   snapshot has all of them.
struct RecordedSnapshot {
  /// What one machine recorded of itself.
  struct State {
    let machine: Int
    /// How many lines its journal has before the cut, the header aside.
    let position: Int
    let clock: UInt64
    let tick: UInt64
    let inboxCount: Int
    let balance: Int64?
    /// Where its messages are among ``RecordedSnapshot/contents``.
    let contents: Range<Int>

    /// The line of the journal where the cut is, where the header is line 1.
    var line: Int { position &+ 2 }
  }

  /// A message in an inbox or on its way.
  struct Content {
    /// The number of its channel, counted target by target.
    let channel: Int
    let source: UInt32
    let reading: UInt64
    let amount: Int64?
  }

  let id: SnapshotID
  let path: String
  let isComplete: Bool
  /// One per machine that recorded, ascending by machine.
  let states: [State]
  /// The messages of one state after the other: its inbox, oldest first, then the channels that
  /// lead to it, source by source.
  let contents: [Content]
  /// The channels whose contents are exact, looked up and never iterated; nil when all are.
  private let exactChannels: Set<Int>?

  /// Refuses what no snapshot of the run can say.
  ///
  /// - Parameters:
  ///   - file: The file as it was read.
  ///   - path: Where, for the error.
  ///   - machineCount: How many machines the run has.
  ///   - channels: Numbers its channels target by target.
  /// - Throws: ``RunRecordError`` with the key of what is wrong.
  init(
    _ file: SnapshotFile, path: String, machineCount: Int, channels: NeighbourPlaces
  ) throws(RunRecordError) {
    var reader = SnapshotFileReader(
      file: file, path: path, machineCount: machineCount, channels: channels)
    try reader.read()
    id = file.id
    self.path = path
    isComplete = file.status == .complete
    states = reader.states
    contents = reader.contents
    exactChannels = isComplete ? nil : reader.listedChannels
  }

  /// The state of a machine; nil when it is not in the snapshot.
  func state(of machine: Int) -> State? { place(of: machine).map { states[$0] } }

  /// The place of a machine among ``states``; nil when it is not there.
  func place(of machine: Int) -> Int? {
    // In a complete snapshot each machine stands at its own number.
    if machine < states.count && states[machine].machine == machine { return machine }
    var low = 0
    var high = states.count
    while low < high {
      let middle = (low + high) / 2
      if states[middle].machine < machine { low = middle + 1 } else { high = middle }
    }
    return low < states.count && states[low].machine == machine ? low : nil
  }

  /// Whether the snapshot says exactly what was on a channel.
  func isExact(channel: Int) -> Bool { exactChannels?.contains(channel) ?? true }
}

/// Goes through a snapshot's file once, naming the key of what cannot be.
private struct SnapshotFileReader {
  let file: SnapshotFile
  let path: String
  let machineCount: Int
  let channels: NeighbourPlaces
  private(set) var states: [RecordedSnapshot.State] = []
  private(set) var contents: [RecordedSnapshot.Content] = []
  private(set) var listedChannels: Set<Int> = []

  init(file: SnapshotFile, path: String, machineCount: Int, channels: NeighbourPlaces) {
    (self.file, self.path) = (file, path)
    (self.machineCount, self.channels) = (machineCount, channels)
  }

  mutating func read() throws(RunRecordError) {
    try expect(
      file.initiator.index < machineCount, "initiator",
      "there is no machine \(file.initiator) in the run")
    try expect(
      file.completedTimeNs >= file.requestedTimeNs, "completed_time_ns",
      "it is before requested_time_ns")
    let machines = try machinesInOrder()
    let channels = try channelsByTarget()
    try expectWhole()
    var nextChannel = 0
    for place in machines {
      try take(machine: place, channels, &nextChannel)
    }
    try expect(
      nextChannel == channels.count, nextChannel < channels.count
        ? "channels[\(channels[nextChannel].place)].target" : "channels",
      "the state of that machine is not in the snapshot")
  }

  private func expect(
    _ holds: Bool, _ key: @autoclosure () -> String, _ problem: @autoclosure () -> String
  ) throws(RunRecordError) {
    if holds { return }
    throw .malformed(path: path, line: nil, column: key(), problem: problem())
  }

  /// The places of the machines in the file, ascending by machine.
  private func machinesInOrder() throws(RunRecordError) -> [Int] {
    var places = [Int?](repeating: nil, count: machineCount)
    for (place, machine) in file.machines.enumerated() {
      let index = machine.id.index
      try expect(
        index < machineCount, "machines[\(place)].id",
        "there is no machine \(machine.id) in the run")
      try expect(
        places[index] == nil, "machines[\(place)].id",
        "machine \(machine.id) has two states in one snapshot")
      places[index] = place
    }
    return places.compactMap { $0 }
  }

  /// The places of the channels in the file with their numbers, ascending by number.
  private mutating func channelsByTarget() throws(RunRecordError) -> [(number: Int, place: Int)] {
    var found: [(number: Int, place: Int)] = []
    for (place, channel) in file.channels.enumerated() {
      let number =
        channel.target.index < machineCount
        ? channels.channel(of: channel.target.index, with: channel.source.number) : nil
      guard let number else {
        throw .malformed(
          path: path, line: nil, column: "channels[\(place)]",
          problem: "the run has no channel \(channel.source)→\(channel.target)")
      }
      try expect(
        listedChannels.insert(number).inserted, "channels[\(place)]",
        "channel \(channel.source)→\(channel.target) has two states in one snapshot")
      found.append((number, place))
    }
    return found.sorted { $0.number < $1.number }
  }

  /// Refuses a snapshot that calls itself complete and is not.
  private func expectWhole() throws(RunRecordError) {
    let emptyCount = file.emptyChannels ?? 0
    try expect(
      emptyCount >= 0 && emptyCount <= channels.channelCount - listedChannels.count,
      "empty_channels",
      "\(emptyCount) besides the \(listedChannels.count) that are listed; "
        + "the run has \(channels.channelCount)")
    guard file.status == .complete else { return }
    try expect(file.reason == nil, "reason", "a complete snapshot lacks nothing")
    try expect(
      file.machines.count == machineCount, "machines",
      "\(file.machines.count) of \(machineCount) machines; a complete snapshot has them all")
    try expect(
      listedChannels.count + emptyCount == channels.channelCount,
      file.emptyChannels == nil ? "channels" : "empty_channels",
      "\(listedChannels.count + emptyCount) of \(channels.channelCount) channels; "
        + "a complete snapshot has them all")
  }

  /// Takes in a machine with the channels that lead to it.
  private mutating func take(
    machine place: Int, _ listed: [(number: Int, place: Int)], _ nextChannel: inout Int
  ) throws(RunRecordError) {
    let machine = file.machines[place]
    let start = contents.count
    for (inboxPlace, message) in machine.inbox.enumerated() {
      let channel = message.source.flatMap {
        channels.channel(of: machine.id.index, with: $0.number)
      }
      guard let source = message.source, let channel else {
        throw .malformed(
          path: path, line: nil, column: "machines[\(place)].inbox[\(inboxPlace)].source",
          problem: message.source.map { "the run has no channel \($0)→\(machine.id)" }
            ?? "the key is missing")
      }
      contents.append(
        RecordedSnapshot.Content(
          channel: channel, source: source.number, reading: message.message,
          amount: message.amount))
    }
    while nextChannel < listed.count,
      file.channels[listed[nextChannel].place].target == machine.id
    {
      let channel = file.channels[listed[nextChannel].place]
      for message in channel.messages {
        contents.append(
          RecordedSnapshot.Content(
            channel: listed[nextChannel].number, source: channel.source.number,
            reading: message.message, amount: message.amount))
      }
      nextChannel += 1
    }
    states.append(
      RecordedSnapshot.State(
        machine: machine.id.index, position: Int(clamping: machine.events), clock: machine.clock,
        tick: machine.tick, inboxCount: machine.inbox.count, balance: machine.balance,
        contents: start..<contents.count))
  }
}
