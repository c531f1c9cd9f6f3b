import ScaleModel

/// A cut of a history that contains, with each receipt, its send: how many events of each machine
/// are before it.
package struct ConsistentCut: Hashable, Sendable {
  /// One per machine.
  package let eventCounts: [Int]
}

/// The global state at a cut of a history.
struct CutState: GlobalState {
  let history: History
  /// How many events of each machine are before the cut.
  var eventCounts: [Int]

  /// The state before all events.
  init(_ history: History) {
    self.history = history
    eventCounts = Array(repeating: 0, count: history.machines.count)
  }

  /// Goes to another cut, without allocating.
  mutating func move(to counts: [Int]) {
    for machine in counts.indices { eventCounts[machine] = counts[machine] }
  }

  /// The cut itself.
  var cut: ConsistentCut { ConsistentCut(eventCounts: eventCounts) }

  var machineCount: Int { eventCounts.count }

  func value(of field: Int, at machine: Int) -> FieldValue {
    let fieldCount = history.machines[machine].fieldCount
    guard field < fieldCount else { return .nothing }
    return history.machines[machine].values[eventCounts[machine] * fieldCount + field]
  }

  func queueLength(at machine: Int) -> Int {
    history.machines[machine].queueLengths[eventCounts[machine]]
  }

  func clock(at machine: Int) -> UInt64 {
    history.machines[machine].clocks[eventCounts[machine]]
  }

  func sumOnTheWay(of field: Int) -> Int64? {
    var sum = WideSum()
    for (machine, transit) in history.transitSums.enumerated() {
      sum += transit.sum(of: field, after: eventCounts[machine])
    }
    return sum.value
  }

  var messageCountOnTheWay: Int {
    var count = 0
    for (machine, transit) in history.transitSums.enumerated() {
      count += transit.counts[eventCounts[machine]]
    }
    return count
  }
}
