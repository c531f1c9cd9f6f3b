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
  /// Its money; nil when the workload knows none.
  package var balance: Int64?
  /// Deposits minus withdrawals.
  package var netDeposits: Int64

  /// Makes a state of its parts.
  package init(
    clock: UInt64, tick: UInt64, journalLineCount: UInt64, inbox: [RecordedMessage],
    balance: Int64?, netDeposits: Int64 = 0
  ) {
    self.clock = clock
    self.tick = tick
    self.journalLineCount = journalLineCount
    self.inbox = inbox
    self.balance = balance
    self.netDeposits = netDeposits
  }
}

/// A message in a snapshot; source and reading identify it.
package struct RecordedMessage: Hashable, Sendable {
  /// The machine that sent it.
  package var source: MachineID
  /// The clock reading of the send.
  package var reading: UInt64
  /// The money it carries; nil when the workload knows none.
  package var amount: Int64?

  /// Makes a message of its parts.
  package init(source: MachineID, reading: UInt64, amount: Int64?) {
    self.source = source
    self.reading = reading
    self.amount = amount
  }

  /// Converts a message of a workload.
  package init<Work: Workload>(_ message: Message<Work.Payload>, of workload: Work.Type) {
    source = message.source
    reading = message.reading
    amount = Work.amount(of: message.payload)
  }
}

extension LocalSnapshot where State == RecordedState, Message == RecordedMessage {
  /// Converts a machine's part.
  package init<Work: Workload>(_ part: MachinePart<Work.Payload>, of workload: Work.Type) {
    let state = RecordedState(
      clock: part.state.clock, tick: part.state.tick,
      journalLineCount: part.state.journalLineCount,
      inbox: part.state.inbox.map { RecordedMessage($0, of: workload) },
      balance: part.state.balance, netDeposits: part.state.netDeposits)
    self.init(
      id: part.id, machine: part.machine, state: state,
      channels: part.channels.map { channel in
        ChannelState(
          channel: channel.channel,
          messages: channel.messages.map { RecordedMessage($0, of: workload) },
          incompleteBecause: channel.incompleteBecause)
      })
  }
}
