import LogicalTime
import Snapshots

/// What a machine records of itself for a snapshot.
public struct MachineState<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// The reading of its latest event.
  public let clock: UInt64
  /// How many ticks it had carried out.
  public let tick: UInt64
  /// How many lines its journal had, the header aside: its position in the journal.
  public let journalLineCount: UInt64
  /// The messages that waited for a tick, oldest first.
  public let inbox: [Message<Payload>]
  /// The values of the workload's state fields, in their order.
  public let values: [FieldValue]
  /// What the workload's state holds beside its fields.
  public let otherState: [UInt8]
  /// The instructions it owed, in order.
  public let owed: [Instruction<Payload>]
  /// The state of its stream of chance; nil when its workload's snapshots have none.
  public let random: UInt64?

  /// Makes a state of its parts.
  @inlinable
  public init(
    clock: UInt64, tick: UInt64, journalLineCount: UInt64, inbox: [Message<Payload>],
    values: [FieldValue], otherState: [UInt8] = [], owed: [Instruction<Payload>] = [],
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

/// A machine's part in a snapshot: its state, and the messages in transit to it.
public typealias MachinePart<Payload: Hashable & Sendable> =
  LocalSnapshot<MachineState<Payload>, Message<Payload>>
