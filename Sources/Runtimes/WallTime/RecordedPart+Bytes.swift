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
    write(part.state.balance)
    write(part.state.netDeposits)
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
    write(message.amount)
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
    let balance = try readOptional()
    let netDeposits = try read(Int64.self)
    let inbox = try readArray { reader throws(Malformed) in try reader.readMessage() }
    let state = RecordedState(
      clock: clock, tick: tick, journalLineCount: journalLineCount, inbox: inbox, balance: balance,
      netDeposits: netDeposits)
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
      source: try readMachine(), reading: try read(UInt64.self), amount: try readOptional())
  }
}
