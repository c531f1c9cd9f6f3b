import LogicalTime
import ScaleModel

/// One line of a journal: 56 bytes without a pointer, so that a batch of lines is plain memory.
///
/// The values of the workload's columns are beside the lines, in a ``JournalBuffer``.
///
/// - Invariant: `tick`, `clock` and a send's or receipt's `messageReading` are below 2⁶³ and
///   `systemTime` is from 0 to below 2⁶², so that differences of two of a kind fit 64 bits;
///   `queueLength` is below 2³².
@frozen
package struct JournalLine: Hashable, Sendable {
  /// The other party of the event.
  package enum Peer: Hashable, Sendable {
    /// No other party, as of an internal event.
    case none
    /// All neighbours: the line is a send to each.
    case all
    /// Several machines but not all, by their group's index in an imported run's manifest.
    case group(Int)
    /// One machine.
    case machine(MachineID)
  }

  /// The number of the instruction; on a snapshot line the latest one carried out.
  package var tick: UInt64
  /// Nanoseconds since the Unix epoch; virtual: since the start.
  package var systemTime: Int64
  /// The Lamport reading after the event.
  package var clock: UInt64
  /// The reading the message carries; zero when the line has none.
  ///
  /// A snapshot line stores the snapshot's id here: the initiator in the upper half, its number in
  /// the lower.
  package var messageReading: UInt64
  /// The workload's columns that have a value: a bit for each, the lowest for the first.
  package var filledColumns: UInt64
  /// How many messages waited after the event.
  package var queueLength: Int
  /// The peer's number, ``noPeer`` or ``allPeers``.
  package var peerNumber: UInt32
  /// The kind of event.
  package var kind: Event.Kind

  /// The peer number of a line without a peer.
  @inlinable package static var noPeer: UInt32 { .max }
  /// The peer number of a send to all neighbours.
  @inlinable package static var allPeers: UInt32 { .max - 1 }

  /// The peer number of the first group; that of the next is one more.
  @inlinable package static var groupBase: UInt32 { 1 << 31 }

  /// Makes a line from its parts.
  package init(
    tick: UInt64 = 0, systemTime: Int64 = 0, kind: Event.Kind = .internal, clock: UInt64 = 0,
    queueLength: Int = 0, peer: Peer = .none, messageReading: UInt64 = 0
  ) {
    self.tick = tick
    self.systemTime = systemTime
    self.kind = kind
    self.clock = clock
    self.messageReading = messageReading
    self.queueLength = queueLength
    switch peer {
    case .none: peerNumber = Self.noPeer
    case .all: peerNumber = Self.allPeers
    case .machine(let id): peerNumber = id.number
    case .group(let group): peerNumber = Self.groupBase + UInt32(group)
    }
    filledColumns = 0
  }

  /// The other party.
  package var peer: Peer {
    switch peerNumber {
    case Self.noPeer: .none
    case Self.allPeers: .all
    case Self.groupBase...: .group(Int(peerNumber - Self.groupBase))
    default: .machine(MachineID(Int(peerNumber)))
    }
  }

  /// The initiator and number of a snapshot line; nil on any other line.
  package var snapshot: (initiator: MachineID, number: UInt32)? {
    guard kind == .snapshot else { return nil }
    return (MachineID(Int(messageReading >> 32)), UInt32(truncatingIfNeeded: messageReading))
  }
}
