import LogicalTime

/// A line through the histories of all machines that separates events before it from those after.
///
/// A cut is *consistent* when no effect is before it whose cause is not. Numbers and messages may
/// add up across an inconsistent cut by luck, so sums prove nothing; this compares histories.
///
/// - SeeAlso: F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989, theorem 4;
///   K. M. Chandy, L. Lamport, ACM TOCS 3(1), 1985, section 3.1.
///   <https://doi.org/10.1145/214451.214456>
public struct Cut: Hashable, Sendable {
  /// Each machine's clock at the cut, in id order.
  ///
  /// Entry *i* of clock *i* is how many events of machine *i* are before the cut.
  public let clocks: [VectorClock]

  /// Makes the cut at these clocks: one per machine, in id order.
  ///
  /// - Precondition: Every clock has one entry per machine.
  public init(clocks: [VectorClock]) {
    precondition(
      clocks.allSatisfy { $0.counts.count == clocks.count },
      "A cut has one clock per machine, and each clock one entry per machine")
    self.clocks = clocks
  }

  /// How many events of `machine` are before the cut.
  public func eventCount(of machine: MachineID) -> UInt64 { clocks[machine.index][machine] }

  /// Whether every event before the cut has all its causes before the cut.
  public var isConsistent: Bool { firstViolation == nil }

  /// An event before the cut with a cause after it; nil when the cut is consistent.
  public var firstViolation: CutViolation? {
    for knower in clocks.indices {
      for known in clocks.indices {
        let machine = MachineID(known)
        if clocks[knower][machine] > eventCount(of: machine) {
          return .effectWithoutCause(
            at: MachineID(knower), knows: clocks[knower][machine], of: machine,
            eventCount: eventCount(of: machine))
        }
      }
    }
    return nil
  }

  /// Whether everything before `earlier` is before this cut as well.
  public func contains(_ earlier: Cut) -> Bool {
    clocks.count == earlier.clocks.count
      && clocks.indices.allSatisfy {
        earlier.eventCount(of: MachineID($0)) <= eventCount(of: MachineID($0))
      }
  }
}

/// How a snapshot fails to be the consistent cut it claims to be.
public enum CutViolation: Error, Hashable, Sendable {
  /// At the cut, a machine knows of more events of another than that machine had performed.
  case effectWithoutCause(at: MachineID, knows: UInt64, of: MachineID, eventCount: UInt64)
  /// The message received before the cut at this index was not sent there before the cut: it was
  /// sent after it, or never, or arrived out of order.
  case receivedNotSent(ChannelID, index: Int)
  /// The messages recorded as in transit differ at this index from those sent before the cut and
  /// not received before it.
  case contentsDiffer(ChannelID, index: Int)
  /// The snapshot has no exact state of the channel.
  case channelMissing(ChannelID)
}

extension CutViolation: CustomStringConvertible {
  /// The violation in words.
  public var description: String {
    switch self {
    case .effectWithoutCause(let knower, let known, let machine, let eventCount):
      "machine \(knower) knows of event \(known) of machine \(machine), "
        + "which had carried out only \(eventCount)"
    case .receivedNotSent(let channel, let index):
      "receipt \(index + 1) on channel \(channel) has no such send before the cut"
    case .contentsDiffer(let channel, let index):
      "the contents of channel \(channel) differ from what was in transit at message \(index + 1)"
    case .channelMissing(let channel):
      "the contents of channel \(channel) are not in the snapshot"
    }
  }
}
