import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

extension ByteWriter {
  mutating func write(_ id: SnapshotID) { write(id.word) }

  mutating func write(_ part: RecordedPart) {
    write(part.id)
    write(part.machine)
    write(part.state.clock)
    write(part.state.tick)
    write(part.state.journalLineCount)
    write(part.state.values)
    write(bytes: part.state.otherState)
    write(part.state.owed) { $0.write($1) }
    write(part.state.random.map { [$0] } ?? []) { $0.write($1) }
    write(part.state.inbox) { $0.write($1) }
    write(part.channels) { $0.write($1, peer: $1.channel.source) }
    switch part.transit {
    case nil: write(UInt8(0))
    case .histories(let sent, let received, let byteCount):
      write(UInt8(1))
      write(sent) { $0.write($1, peer: $1.channel.target) }
      write(received) { $0.write($1, peer: $1.channel.source) }
      write(UInt64(byteCount))
    case .surplus(let surplus):
      write(UInt8(2))
      write(UInt64(bitPattern: surplus))
    }
  }

  /// Writes the state of a channel between the part's machine and a peer.
  private mutating func write(_ channel: ChannelState<RecordedMessage>, peer: MachineID) {
    write(peer)
    write(
      UInt8(channel.incompleteBecause.flatMap { MissingCause.allCases.firstIndex(of: $0) } ?? 255))
    write(channel.messages) { $0.write($1) }
  }

  mutating func write(_ message: RecordedMessage) {
    write(message.source)
    write(message.reading)
    write(message.values)
    write(message.round)
  }

  private mutating func write(_ instruction: RecordedInstruction) {
    switch instruction.target {
    case .none: write(UInt8(0))
    case .neighbour(let neighbour):
      write(UInt8(1))
      write(neighbour.index)
    case .all: write(UInt8(2))
    case .machine(let machine):
      write(UInt8(3))
      write(machine)
    }
    write(instruction.values)
  }
}

extension ByteReader {
  mutating func readSnapshotID() throws(Malformed) -> SnapshotID {
    SnapshotID(word: try read(UInt64.self))
  }

  mutating func readMissingCause() throws(Malformed) -> MissingCause {
    guard let cause = MissingCause(rawValue: try readText()) else { throw Malformed() }
    return cause
  }

  mutating func readPart() throws(Malformed) -> RecordedPart {
    let id = try readSnapshotID()
    let machine = try readMachine()
    let clock = try read(UInt64.self)
    let tick = try read(UInt64.self)
    let journalLineCount = try read(UInt64.self)
    let values = try readValues()
    let otherState = Array(try readBytes())
    let owed = try readArray { reader throws(Malformed) in try reader.readInstruction() }
    let random = try readArray { reader throws(Malformed) in try reader.read(UInt64.self) }
    guard random.count <= 1 else { throw Malformed() }
    let inbox = try readArray { reader throws(Malformed) in try reader.readMessage() }
    let state = RecordedState(
      clock: clock, tick: tick, journalLineCount: journalLineCount, inbox: inbox, values: values,
      otherState: otherState, owed: owed, random: random.first)
    var part = RecordedPart(
      id: id, machine: machine, state: state, channels: try readChannels(into: machine))
    switch try read(UInt8.self) {
    case 0: break
    case 1:
      let sent = try readArray { reader throws(Malformed) in
        try reader.readChannel { ChannelID(from: machine, to: $0) }
      }
      let received = try readChannels(into: machine)
      let byteCount = Int(truncatingIfNeeded: try read(UInt64.self))
      part.transit = .histories(sent: sent, received: received, byteCount: byteCount)
    case 2: part.transit = .surplus(Int64(bitPattern: try read(UInt64.self)))
    default: throw Malformed()
    }
    return part
  }

  private mutating func readChannels(
    into machine: MachineID
  ) throws(Malformed) -> [ChannelState<RecordedMessage>] {
    try readArray { reader throws(Malformed) in
      try reader.readChannel { ChannelID(from: $0, to: machine) }
    }
  }

  private mutating func readChannel(
    _ channel: (MachineID) -> ChannelID
  ) throws(Malformed) -> ChannelState<RecordedMessage> {
    let peer = try readMachine()
    let cause = Int(try read(UInt8.self))
    guard cause == 255 || MissingCause.allCases.indices.contains(cause) else {
      throw Malformed()
    }
    let messages = try readArray { reader throws(Malformed) in try reader.readMessage() }
    return ChannelState(
      channel: channel(peer), messages: messages,
      incompleteBecause: cause == 255 ? nil : MissingCause.allCases[cause])
  }

  mutating func readMessage() throws(Malformed) -> RecordedMessage {
    RecordedMessage(
      source: try readMachine(), reading: try read(UInt64.self), values: try readValues(),
      round: try read(UInt32.self))
  }

  private mutating func readInstruction() throws(Malformed) -> RecordedInstruction {
    let target: RecordedInstruction.Target
    switch try read(UInt8.self) {
    case 0: target = .none
    case 1: target = .neighbour(Neighbour(index: Int(try read(UInt32.self))))
    case 2: target = .all
    case 3: target = .machine(try readMachine())
    default: throw Malformed()
    }
    return RecordedInstruction(target: target, values: try readValues())
  }
}
