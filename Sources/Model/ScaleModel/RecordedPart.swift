import LogicalTime
import Snapshots

/// A machine's part in a snapshot in the form files have, independent of the workload.
package typealias RecordedPart = LocalSnapshot<RecordedState, RecordedMessage>

/// What a machine recorded of itself.
package struct RecordedState: Hashable, Sendable {
  /// The reading of its latest event.
  package var clock: UInt64
  /// How many ticks it had carried out.
  package var tick: UInt64
  /// How many lines its journal had before the cut, the header aside.
  package var journalLineCount: UInt64
  /// The messages in its inbox, oldest first.
  package var inbox: [RecordedMessage]
  /// The values of its workload's state fields, in their order.
  package var values: [FieldValue]
  /// What its workload's state holds beside the fields, as bytes.
  package var otherState: [UInt8]
  /// The instructions that it owes, in order.
  package var owed: [RecordedInstruction]
  /// The state of its stream of chance; nil when its workload's snapshots have none.
  package var random: UInt64?

  /// Makes a state from its parts.
  package init(
    clock: UInt64, tick: UInt64, journalLineCount: UInt64, inbox: [RecordedMessage],
    values: [FieldValue] = [], otherState: [UInt8] = [], owed: [RecordedInstruction] = [],
    random: UInt64? = nil
  ) {
    self.clock = clock
    self.tick = tick
    self.journalLineCount = journalLineCount
    self.inbox = inbox
    self.values = values
    self.otherState = otherState
    self.owed = owed
    self.random = random
  }
}

/// A message in a snapshot; source and reading identify it.
package struct RecordedMessage: Hashable, Sendable {
  /// The machine that sent it.
  package var source: MachineID
  /// The clock reading of the send.
  package var reading: UInt64
  /// The values of its fields, in their order.
  package var values: [FieldValue]
  /// The number of the round that it carries; zero without rounds, and before the first.
  package var round: UInt32

  /// Makes a message from its parts.
  package init(
    source: MachineID, reading: UInt64, values: [FieldValue] = [], round: UInt32 = 0
  ) {
    self.source = source
    self.reading = reading
    self.values = values
    self.round = round
  }

  /// Converts a message of a workload.
  package init<Work: Workload>(
    _ message: Message<Work.Payload>, _ fields: WorkloadFields<Work>
  ) {
    self.init(
      source: message.source, reading: message.reading, values: fields.values(of: message.payload),
      round: message.round)
  }
}

/// An instruction that a machine owes.
package struct RecordedInstruction: Hashable, Sendable {
  /// Where its message goes.
  package enum Target: Hashable, Sendable {
    /// There is no message: an internal event.
    case none
    /// To one neighbour, by its index.
    case neighbour(Neighbour)
    /// To all neighbours.
    case all
    /// To the machine of that id.
    case machine(MachineID)
  }

  /// Where its message goes.
  package var target: Target
  /// The values of the message's fields; empty without a message.
  package var values: [FieldValue]

  /// Makes an instruction from its parts.
  package init(target: Target, values: [FieldValue]) {
    self.target = target
    self.values = values
  }

  /// Converts an instruction of a workload.
  package init<Work: Workload>(
    _ instruction: Instruction<Work.Payload>, _ fields: WorkloadFields<Work>
  ) {
    switch instruction {
    case .internal: self.init(target: .none, values: [])
    case .send(let payload, let neighbour):
      self.init(target: .neighbour(neighbour), values: fields.values(of: payload))
    case .sendToAll(let payload):
      self.init(target: .all, values: fields.values(of: payload))
    case .reply(let payload, let machine):
      self.init(target: .machine(machine), values: fields.values(of: payload))
    }
  }
}

extension LocalSnapshot where State == RecordedState, Message == RecordedMessage {
  /// Converts a machine's part.
  ///
  /// Specialized, because a snapshot waits for it; the attribute has its official name,
  /// `@specialized`, only from Swift 6.3 on.
  @_specialize(where Work == Chatter)
  @_specialize(where Work == Bank)
  @_specialize(where Work == ErasedWorkload)
  package init<Work: Workload>(
    _ part: MachinePart<Work.Payload>, _ fields: WorkloadFields<Work>
  ) {
    let state = RecordedState(
      clock: part.state.clock, tick: part.state.tick,
      journalLineCount: part.state.journalLineCount,
      inbox: part.state.inbox.map { RecordedMessage($0, fields) }, values: part.state.values,
      otherState: part.state.otherState,
      owed: part.state.owed.map { RecordedInstruction($0, fields) }, random: part.state.random)
    self.init(
      id: part.id, machine: part.machine, state: state,
      channels: part.channels.map { Self.channel($0, fields) })
    switch part.transit {
    case .histories(let sent, let received, let byteCount):
      transit = .histories(
        sent: sent.map { Self.channel($0, fields) },
        received: received.map { Self.channel($0, fields) }, byteCount: byteCount)
    case .surplus(let surplus): transit = .surplus(surplus)
    case nil: break
    }
  }

  private static func channel<Work: Workload>(
    _ channel: ChannelState<ScaleModel.Message<Work.Payload>>, _ fields: WorkloadFields<Work>
  ) -> ChannelState<RecordedMessage> {
    ChannelState(
      channel: channel.channel, messages: channel.messages.map { RecordedMessage($0, fields) },
      incompleteBecause: channel.incompleteBecause)
  }
}

extension RecordedState {
  /// The state in the values of a workload; nil when it is none of that workload's.
  ///
  /// Its journal has one more line by then: that of the snapshot.
  package func state<Work: Workload>(
    _ fields: WorkloadFields<Work>
  ) -> MachineState<Work.Payload>? {
    let messages = inbox.compactMap { $0.message(fields) }
    let instructions = owed.compactMap { $0.instruction(fields) }
    guard messages.count == inbox.count, instructions.count == owed.count else { return nil }
    return MachineState(
      clock: clock, tick: tick, journalLineCount: journalLineCount &+ 1, inbox: messages,
      values: values, otherState: otherState, owed: instructions, random: random)
  }
}

extension RecordedMessage {
  /// The message in the values of a workload; nil when it is none of that workload's.
  package func message<Work: Workload>(
    _ fields: WorkloadFields<Work>
  ) -> Message<Work.Payload>? {
    fields.payload(values).map {
      Message(source: source, reading: reading, payload: $0, round: round)
    }
  }
}

extension RecordedInstruction {
  fileprivate func instruction<Work: Workload>(
    _ fields: WorkloadFields<Work>
  ) -> Instruction<Work.Payload>? {
    guard target != .none else { return .internal }
    guard let payload = fields.payload(values) else { return nil }
    return switch target {
    case .none: .internal
    case .neighbour(let neighbour): .send(payload, to: neighbour)
    case .all: .sendToAll(payload)
    case .machine(let machine): .reply(payload, to: machine)
    }
  }
}
