import LogicalTime
import ScaleModel

/// One line of a journal, as it was read.
package struct JournalLine: Hashable, Sendable {
  /// Who else took part in the event.
  package enum Peer: Hashable, Sendable {
    case none
    /// All neighbours: the line is a send to each.
    case all
    case machine(MachineID)
  }

  /// The number of the instruction; on a snapshot line the latest one carried out.
  package var tick: UInt64
  /// Nanoseconds since the Unix epoch; virtual: since the start.
  package var systemTime: Int64
  package var kind: Event.Kind
  /// The Lamport reading after the event.
  package var clock: UInt64
  /// How many messages waited after the event.
  package var queueLength: Int
  package var peer: Peer
  /// The reading the message carries; zero when the line has none.
  package var messageReading: UInt64
  /// Of a snapshot line: the snapshot's initiator and its number there.
  package var snapshot: (initiator: MachineID, number: UInt32)? {
    guard kind == .snapshot else { return nil }
    return (MachineID(Int(messageReading >> 32)), UInt32(truncatingIfNeeded: messageReading))
  }
  /// The money the message carries; nil when the journal has none.
  package var amount: Int64?
  /// The machine's money after the event; nil when the journal has none.
  package var balance: Int64?
}
