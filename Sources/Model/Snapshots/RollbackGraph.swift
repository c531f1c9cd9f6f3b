import LogicalTime

/// The checkpoints of all machines, what each machine received between two of its own, and the
/// latest of them that are consistent.
///
/// When a machine goes back to a checkpoint, what it sent behind it was never sent. So a machine
/// that has received such a message must go back before its receipt, which can make others go back:
/// the domino effect. A message carries the reading of its send, and a checkpoint has the reading
/// of its machine's clock; their order says on which side of the checkpoint the send is.
///
/// Messages sent before the line and received after it have to be sent again, or to be logged.
///
/// - SeeAlso: Y.-M. Wang, "Consistent Global Checkpoints That Contain a Given Set of Local
///   Checkpoints", IEEE Transactions on Computers 46(4), 1997; E. N. Elnozahy, L. Alvisi,
///   Y.-M. Wang, D. B. Johnson, "A Survey of Rollback-Recovery Protocols in Message-Passing
///   Systems", ACM Computing Surveys 34(3), 2002. <https://doi.org/10.1145/568522.568525>
package struct RollbackGraph: Sendable {
  /// A state that a machine has recorded.
  package struct Checkpoint: Hashable, Sendable {
    /// Its id; nil for the machine's start.
    package var id: SnapshotID?
    /// The machine's reading, which no earlier send exceeds.
    package var clock: UInt64 = 0
    /// When it was recorded, in nanoseconds since the run's start.
    package var time: Int64 = 0
    /// How many events the machine had carried out.
    package var eventCount: UInt64 = 0

    /// Describes a checkpoint; without arguments, the start of a machine.
    package init(
      id: SnapshotID? = nil, clock: UInt64 = 0, time: Int64 = 0, eventCount: UInt64 = 0
    ) {
      (self.id, self.clock, self.time, self.eventCount) = (id, clock, time, eventCount)
    }
  }

  /// What one machine received from another.
  private struct Receipts {
    let target: Int
    /// The largest reading up to the end of each interval in which it grew, ascending; an interval
    /// has the index of the checkpoint that it follows.
    var largest: [(interval: Int, reading: UInt64)] = []
  }

  /// The checkpoints of each machine in order, from its start on; in id order.
  package private(set) var checkpoints: [[Checkpoint]]
  /// By source.
  private var receipts: [[Receipts]]
  /// The index of a channel among those of its source; looked up, never iterated.
  private var channelIndices: [ChannelID: Int] = [:]

  /// Makes the graph of machines that have done nothing.
  package init(machineCount: Int) {
    checkpoints = Array(repeating: [Checkpoint()], count: machineCount)
    receipts = Array(repeating: [], count: machineCount)
  }

  /// Adds the next checkpoint of a machine.
  package mutating func record(_ checkpoint: Checkpoint, by machine: MachineID) {
    checkpoints[machine.index].append(checkpoint)
  }

  /// Adds the receipt of a message behind the latest checkpoint of its target.
  package mutating func receive(
    _ reading: UInt64, from source: MachineID, by target: MachineID
  ) {
    let channel = ChannelID(from: source, to: target)
    let interval = checkpoints[target.index].count - 1
    guard let index = channelIndices[channel] else {
      channelIndices[channel] = receipts[source.index].count
      receipts[source.index].append(
        Receipts(target: target.index, largest: [(interval, reading)]))
      return
    }
    guard let last = receipts[source.index][index].largest.last, reading > last.reading else {
      return
    }
    if last.interval == interval { receipts[source.index][index].largest.removeLast() }
    receipts[source.index][index].largest.append((interval, reading))
  }

  /// The latest consistent line when machines lose what they have not recorded.
  ///
  /// - Parameter crashed: The machine that does; nil for all of them. The others can go on as they
  ///   are, unless they have received what was never sent.
  /// - Returns: The line, and how the machines go back to it.
  package func line(afterCrashOf crashed: MachineID? = nil) -> RecoveryLine {
    var line = RecoveryLine(indices: checkpoints.map(\.count))
    for machine in checkpoints.indices where crashed.map({ $0.index == machine }) ?? true {
      line.goBack(machine, to: checkpoints[machine].count - 1, because: nil)
    }
    var handledCount = 0
    while handledCount < line.steps.count {
      let source = line.steps[handledCount].machine
      handledCount += 1
      // A machine that went back farther since has a step of its own.
      let clock = checkpoints[source][line.indices[source]].clock
      for channel in receipts[source] {
        let index = channel.largest.partitioningIndex { $0.reading > clock }
        guard index < channel.largest.count else { continue }
        let interval = channel.largest[index].interval
        if interval < line.indices[channel.target] {
          line.goBack(channel.target, to: interval, because: source)
        }
      }
    }
    return line
  }
}

/// The checkpoints that a system goes back to, one for each machine.
package struct RecoveryLine: Hashable, Sendable {
  /// One machine going back.
  package struct Step: Hashable, Sendable {
    /// The machine.
    package let machine: Int
    /// The index of the checkpoint that it goes back to.
    package let index: Int
    /// The machine whose messages were never sent; nil when it crashed itself.
    package let cause: Int?
  }

  /// The index of each machine's checkpoint; their number where it can go on as it is.
  package private(set) var indices: [Int]
  /// How the machines go back, in order.
  package private(set) var steps: [Step] = []

  fileprivate init(indices: [Int]) { self.indices = indices }

  fileprivate mutating func goBack(_ machine: Int, to index: Int, because cause: Int?) {
    indices[machine] = index
    steps.append(Step(machine: machine, index: index, cause: cause))
  }
}
