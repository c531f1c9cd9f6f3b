import LogicalTime

/// What the machines of a run do: the first thing to read for an algorithm of one's own.
///
/// A machine carries out one instruction per tick: what a receipt or the start made it owe comes
/// first, then instructions by hand, then the oldest message of the inbox; a tick that is left is
/// *free*, and the workload chooses what it does. Clock, inbox, journal, markers and pacing belong
/// to ``Machine``; a workload has only its own state, and draws by nothing but ``Chance``.
///
/// Its fields are what the laboratory sees of it: columns of journals, keys of snapshot files,
/// names in predicates. Messages travel, and states are recorded, as the values of their fields.
public protocol Workload: Hashable, Sendable {
  /// What its messages carry besides the reading.
  associatedtype Payload: Hashable & Sendable

  /// The fields of a message, in the order of the journal's columns.
  var messageFields: [Field<Payload>] { get }

  /// The fields of a machine's state, in the order of the journal's columns, behind a message's.
  var stateFields: [Field<Self>] { get }

  /// What a state holds beside its fields, in the order of ``otherState``; none when the fields are
  /// all there is.
  static var otherParts: [StatePart<Self>] { get }

  /// What a state holds beside its fields, as bytes; none when the fields are all there is.
  var otherState: [UInt8] { get }

  /// Sets what a state holds beside its fields; called once, after the fields have been set.
  ///
  /// - Parameter bytes: ``otherState`` of the recorded machine.
  /// - Returns: Whether the bytes are such a state; if not, nothing has changed.
  mutating func restore(otherState bytes: [UInt8]) -> Bool

  /// A payload that a received message's fields are set in.
  var blankPayload: Payload { get }

  /// The message field that is taken from a state field at a send and added to it at a receipt, so
  /// that the sum over machines and messages never changes by itself; nil when there is none.
  var conservedFields: ConservedFields? { get }

  /// Whether snapshots record the machine's stream of chance, so that a machine can continue from
  /// one as it would have.
  static var recordsChance: Bool { get }

  /// Whether what it does depends on readings of clocks, its own or those of messages.
  ///
  /// An exploration tells states apart by readings only then.
  static var usesReadings: Bool { get }

  /// Whether what it does depends on the numbers of ticks.
  static var usesTicks: Bool { get }

  /// Which machines are alike, so that an exploration need not tell them apart; nil when none are.
  func symmetry(in topology: Topology) -> MachineSymmetry?

  /// What a state holds beside its fields when machines have other ids; asked only of a workload
  /// with a symmetry.
  func otherState(renaming: MachineRenaming) -> [UInt8]

  /// Whether an honest machine of this run can have sent `payload`; a link that brings another one
  /// is closed.
  func admits(_ payload: Payload) -> Bool

  /// Prepares the machine; called once, before its first tick.
  ///
  /// - Returns: What the machine owes at the start, an instruction for each of its first ticks.
  mutating func begin(_ surroundings: Surroundings) -> [Instruction<Payload>]

  /// Chooses what a free tick does.
  ///
  /// - Parameters:
  ///   - surroundings: The machine, its neighbours, and the tick and reading of the event.
  ///   - chance: The machine's own stream.
  /// - Returns: One instruction, which is one event.
  mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<Payload>

  /// Receives a message: its source, the reading it carries, and its payload.
  ///
  /// - Returns: What the receipt makes the machine owe, in order; the instructions are carried out
  ///   one per tick, behind those that it owes already.
  mutating func receive(
    _ message: Message<Payload>, _ surroundings: Surroundings
  ) -> [Instruction<Payload>]

  /// Takes back the payload of a message that was not sent because all its channels have closed.
  mutating func takeBack(_ payload: Payload)

  /// Carries out an instruction by hand, which a user told the machine while it runs.
  ///
  /// - Parameters:
  ///   - words: What the user typed behind the machine, the instruction's own word first.
  ///   - surroundings: The machine, its neighbours, and the tick and reading of the event.
  /// - Returns: What the machine does in this tick.
  /// - Throws: Why it is refused; nothing has changed then.
  mutating func carryOut(
    _ words: [String], _ surroundings: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<Payload>

  /// The workload, so that copies go on without each other, as an exploration needs it.
  var independent: Self { get }

  /// Whether an exploration can tell its states apart only by all that has happened to the machine.
  var isToldByHistory: Bool { get }

  /// Whether ``failure`` may ever say anything.
  static var canFail: Bool { get }

  /// Why the workload cannot go on; nil while it can.
  ///
  /// Runtimes ask after every tick, and end the machine as if it had died. From then on the
  /// workload chooses internal events and owes nothing.
  var failure: WorkloadFailure? { get }
}

/// Why a workload could not go on, as a user reads it.
public struct WorkloadFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// One clause without a full stop, with the remedy; it follows the machine and a colon.
  public let description: String

  /// Fails for this reason.
  public init(_ description: String) { self.description = description }
}

extension Workload {
  /// False: a workload that needs nothing from outside never fails.
  @inlinable public static var canFail: Bool { false }

  /// Nil.
  @inlinable public var failure: WorkloadFailure? { nil }

  /// Itself, which is right for every workload that is nothing but values.
  public var independent: Self { self }

  /// False.
  public var isToldByHistory: Bool { false }

  /// None.
  public var stateFields: [Field<Self>] { [] }

  /// None.
  public static var otherParts: [StatePart<Self>] { [] }

  /// True.
  public static var recordsChance: Bool { true }

  /// True, which is right for every workload, though an exploration then finds more states.
  public static var usesReadings: Bool { true }

  /// True, which is right for every workload, though an exploration then finds more states.
  public static var usesTicks: Bool { true }

  /// Nil, which is right for every workload, though an exploration then finds more states.
  public func symmetry(in topology: Topology) -> MachineSymmetry? { nil }

  /// None.
  public var conservedFields: ConservedFields? { nil }

  /// True.
  @inlinable public func admits(_ payload: Payload) -> Bool { true }

  /// Owes nothing.
  @inlinable
  public mutating func begin(_ surroundings: Surroundings) -> [Instruction<Payload>] { [] }

  /// Does nothing.
  @inlinable public mutating func takeBack(_ payload: Payload) {}

  /// Refuses: there are none.
  public mutating func carryOut(
    _ words: [String], _ surroundings: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<Payload> {
    throw .noneByHand
  }
}

extension Workload where Payload == NoPayload {
  /// None: a message carries only its reading.
  public var messageFields: [Field<NoPayload>] { [] }

  /// The only payload there is.
  public var blankPayload: NoPayload { NoPayload() }
}

/// What one tick does besides a receipt; every case is one event.
@frozen
public enum Instruction<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// An event that no other machine can notice.
  case `internal`
  /// A message to one neighbour.
  case send(Payload, to: Neighbour)
  /// The same message to all neighbours, as one event.
  case sendToAll(Payload)
  /// A message to the machine of that id, such as the source of an earlier one; an internal event
  /// when there is no channel to it.
  case reply(Payload, to: MachineID)
}
