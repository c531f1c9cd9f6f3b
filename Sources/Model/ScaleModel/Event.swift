import LogicalTime

/// Something that happened on a machine, as its journal records it.
@frozen
public struct Event: Hashable, Sendable {
  /// What kind of thing happened.
  @frozen
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// An event no other machine can notice.
    case `internal`
    /// A message left, for one neighbour or for all.
    case send
    /// A message was taken out of the inbox.
    case receive
    /// The machine recorded its state for a snapshot; no tick, and the clock does not advance.
    case snapshot
    /// Something that the workload conserves was put in by hand.
    case deposit
    /// Something that the workload conserves was taken out by hand.
    case withdraw

    /// Whether it is an instruction, which takes a tick; a machine's last instruction shows its
    /// progress.
    @inlinable public var isInstruction: Bool { self != .snapshot }

    /// The word a journal uses.
    public var word: StaticString {
      switch self {
      case .internal: "internal"
      case .send: "send"
      case .receive: "receive"
      case .snapshot: "snapshot"
      case .deposit: "deposit"
      case .withdraw: "withdraw"
      }
    }
  }

  /// The other party of an event.
  @frozen
  public enum Peer: Hashable, Sendable {
    /// No other machine.
    case none
    /// One neighbour, by its index.
    case neighbour(Neighbour)
    /// All neighbours.
    case all
    /// A machine, by its id.
    case machine(MachineID)
  }

  /// The number of the instruction, from 1; for a snapshot the latest one carried out.
  public var tick: UInt64
  /// What kind of thing happened.
  public var kind: Kind
  /// The Lamport reading after the event.
  public var reading: UInt64
  /// How many messages wait in the inbox after the event.
  public var queueLength: Int
  /// The target of a send, the source of a receipt.
  public var peer: Peer
  /// The reading the message carries; zero when there is no message.
  public var messageReading: UInt64
  /// The number of the round that the message carries; zero without one.
  public var round: UInt32

  /// Makes an event from its parts.
  @inlinable
  public init(
    tick: UInt64, kind: Kind, reading: UInt64, queueLength: Int, peer: Peer = .none,
    messageReading: UInt64 = 0, round: UInt32 = 0
  ) {
    self.tick = tick
    self.kind = kind
    self.reading = reading
    self.queueLength = queueLength
    self.peer = peer
    self.messageReading = messageReading
    self.round = round
  }
}
