import LogicalTime
import ScaleModel

/// What a machine sends in wall time on channels that promise less than usual: each copy waits
/// here, above the transport, until its delay is over and no partition severs the channel.
///
/// The sender holds the copies back, not the receiver: so the n-th message of a channel has the
/// fate that it has in virtual time, whatever the transport does. Copies that wait when the machine
/// ends are lost.
///
/// - Invariant: Copies leave in the order they are due, and those due at once in that of sending.
package struct Departures<Item> {
  private struct Copy: Comparable {
    let due: SystemInstant
    let order: UInt64
    let target: MachineID
    let item: Item

    static func < (left: Copy, right: Copy) -> Bool {
      left.due != right.due ? left.due < right.due : left.order < right.order
    }

    static func == (left: Copy, right: Copy) -> Bool { left.order == right.order }
  }

  private let channels: UnreliableChannels
  private let partitions: [Partition]
  /// The run's start, from which channels and partitions count.
  private var start = SystemInstant(nanoseconds: 0)
  private let source: MachineID
  private var memories: [UnreliableChannels.Memory]
  private var waiting = BinaryHeap<Copy>()
  private var addedCount: UInt64 = 0

  /// Makes the departures of a machine; nil when the plan's channels keep order and lose and double
  /// nothing, so that all leaves at once.
  package init?(plan: RunPlan, source: MachineID) {
    guard plan.promises.drawsFates else { return nil }
    channels = UnreliableChannels(plan: plan)
    partitions = Partition.all(of: plan)
    self.source = source
    memories = Array(repeating: .init(), count: plan.machineCount)
  }

  /// The run begins.
  package mutating func begin(at now: SystemInstant) { start = now }

  /// How many copies wait.
  package var count: Int { waiting.count }

  /// When the first copy leaves; never when none waits.
  package var nextDue: SystemInstant { waiting.first?.due ?? .never }

  /// Sends a message to a machine: none, one or two copies wait from now on, some perhaps for no
  /// time.
  package mutating func send(_ item: Item, to target: MachineID, now: SystemInstant) {
    let arrivals = channels.send(
      on: (source, target), &memories[target.index], at: start.runTime(at: now))
    add(item, to: target, arrivals)
  }

  /// Sends the marker of a snapshot to a machine, whose fate no message changes.
  package mutating func send(
    marker word: UInt64, _ item: Item, to target: MachineID, now: SystemInstant
  ) {
    let arrivals = channels.send(
      marker: word, on: (source, target), memories[target.index], at: start.runTime(at: now))
    add(item, to: target, arrivals)
  }

  private mutating func add(
    _ item: Item, to target: MachineID, _ arrivals: UnreliableChannels.Arrivals
  ) {
    for copy in 0..<arrivals.count {
      let due = partitions.passage(due: arrivals[copy], source: source, target: target)
      waiting.add(Copy(due: start.at(due), order: addedCount, target: target, item: item))
      addedCount += 1
    }
  }

  /// Loses the copy that would leave first for a machine, at a cost that grows with their number.
  ///
  /// - Returns: Whether one waited.
  package mutating func loseFirst(to target: MachineID) -> Bool {
    var isFound = false
    var others = BinaryHeap<Copy>()
    while let copy = waiting.popFirst() {
      if !isFound, copy.target == target { isFound = true } else { others.add(copy) }
    }
    waiting = others
    return isFound
  }

  /// Removes and returns the copy that leaves first, if it leaves at `now` or before.
  package mutating func popDue(now: SystemInstant) -> (target: MachineID, item: Item)? {
    guard nextDue <= now, let copy = waiting.popFirst() else { return nil }
    return (copy.target, copy.item)
  }
}
