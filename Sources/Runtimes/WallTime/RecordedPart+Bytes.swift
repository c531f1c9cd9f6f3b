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
    write(part.channels) { writer, channel in
      writer.write(channel.channel.source)
      writer.write(
        UInt8(
          channel.incompleteBecause.flatMap { MissingCause.allCases.firstIndex(of: $0) } ?? 255))
      writer.write(channel.messages) { $0.write($1) }
    }
  }

  private mutating func write(_ message: RecordedMessage) {
    write(message.source)
    write(message.reading)
    write(message.values)
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
    let channels = try readArray { reader throws(Malformed) in
      let source = try reader.readMachine()
      let cause = Int(try reader.read(UInt8.self))
      guard cause == 255 || MissingCause.allCases.indices.contains(cause) else {
        throw Malformed()
      }
      let messages = try reader.readArray { reader throws(Malformed) in try reader.readMessage() }
      return ChannelState(
        channel: ChannelID(from: source, to: machine), messages: messages,
        incompleteBecause: cause == 255 ? nil : MissingCause.allCases[cause])
    }
    return RecordedPart(id: id, machine: machine, state: state, channels: channels)
  }

  private mutating func readMessage() throws(Malformed) -> RecordedMessage {
    RecordedMessage(
      source: try readMachine(), reading: try read(UInt64.self), values: try readValues())
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
