import LogicalTime

/// How machines record a global state together.
///
/// Each algorithm assumes something of the channels; where a run's channels do not promise it, the
/// algorithm's snapshots can be wrong, or never end.
public enum SnapshotAlgorithm: String, Hashable, Codable, Sendable, CaseIterable {
  /// Markers separate the messages before the cut from those after it: ``SnapshotRecorder``.
  /// It needs channels that are reliable, and first in, first out.
  case chandyLamport = "chandy-lamport"
  /// Each machine records when it is asked, and messages on channels are not recorded:
  /// ``NaiveRecorder``. It promises nothing; the others are compared with it.
  case naive
  /// Messages carry the sender's round, and machines keep histories: ``LaiYangRecorder``. It needs
  /// neither order nor control messages, but the machines must go on sending.
  case laiYang = "lai-yang"
  /// Messages carry the sender's round, and what is in transit is counted: ``MatternRecorder``.
  /// It needs every message to arrive exactly once, in any order.
  case mattern
  /// Each machine records when its own physical clock shows an agreed time, and messages on
  /// channels are not recorded: ``NaiveRecorder``. Its cuts are consistent where any two clocks
  /// differ by less than every message is on its way.
  case synchronised
  /// Each machine records its state alone, at times of its own: checkpoints without a snapshot.
  case independent
  /// As ``independent``, and a machine that a message tells of a later checkpoint than its own
  /// records first: ``InducedRecorder``.
  case induced

  /// The algorithms of snapshots: the two others make checkpoints of single machines.
  public static let allCases = [chandyLamport, naive, laiYang, mattern, synchronised]

  /// Whether each machine records by itself, so that there is no snapshot of them all.
  public var recordsAlone: Bool { self == .independent || self == .induced }

  /// Whether messages carry their sender's round, so that one snapshot is under way at a time; the
  /// round of an induced checkpoint is its index.
  public var usesRounds: Bool { self == .laiYang || self == .mattern || self == .induced }

  /// Whether machines record when they are asked from outside, each at a time of its own.
  public var asksForRecords: Bool { self == .naive || self == .synchronised }
}

/// The round that a message's sender is in: what a coloured message carries beside its content.
///
/// Lai and Yang, and Mattern, colour messages white before the sender records and red afterwards.
/// Rounds that follow each other need only two colours; a number and the snapshot's id say the same
/// and let a receiver know which snapshot it joins.
///
/// - SeeAlso: T. H. Lai, T. H. Yang, "On Distributed Snapshots", Information Processing Letters
///   25(3), 1987. <https://doi.org/10.1016/0020-0190(87)90125-6>
@frozen
public struct Round: Hashable, Sendable {
  /// The latest snapshot that the sender has recorded or given up; its number is the round's.
  public let id: SnapshotID
  /// The number of the latest round before it that was complete; zero for none.
  public let complete: UInt32

  /// Makes the round of a snapshot.
  @inlinable
  public init(id: SnapshotID, complete: UInt32) {
    self.id = id
    self.complete = complete
  }

  /// The round of a message that carries its number only; nil for 0, which stands for none.
  ///
  /// - Parameters:
  ///   - number: The number.
  ///   - sender: The message's sender; of a round before the latest one only the number counts.
  ///   - latest: The latest round; nil before the first.
  @inlinable
  package init?(_ number: UInt32, from sender: MachineID, latest: Round?) {
    if number == 0 { return nil }
    if let latest, latest.id.number == number {
      self = latest
    } else {
      self.init(id: SnapshotID(initiator: sender, number: number), complete: 0)
    }
  }
}
