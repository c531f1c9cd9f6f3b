import LogicalTime
import ScaleModel

/// Which machines do not tick at the moment, because they are dead, paused, still busy with what
/// they have recorded, or were restored from a state ahead of the time.
///
/// Without any planned fault, and with snapshots that cost nothing, it holds nothing.
struct Availability {
  /// Whether any machine is dead, paused, ahead or told something.
  private(set) var isAnyone = false
  /// What kills and pauses have done so far: one entry per planned fault, in their order.
  private(set) var faultCounts: [FaultCounts]

  /// The index of the fault that killed each machine, in id order; nil while it lives.
  ///
  /// Empty, like the others, when no fault is planned.
  private var killers: [Int?]
  /// The faults by which each machine is paused now.
  private var pauses: [[Int]]
  /// The faults by which each machine was paused since it last ticked in time.
  private var openPauses: [[Int]]
  /// How many ticks each machine has missed in its pause.
  private var missedTickCounts: [UInt64]

  /// How many due ticks each machine has carried out already; empty when none is ahead.
  private var aheadTickCounts: [UInt64] = []

  /// Until when each machine is busy with what it has recorded; empty before any was.
  private var busyTimes: [RunTime] = []

  /// What machines were told and have not carried out, in order, with the fault of each.
  private var told: [(machine: MachineID, words: [String], fault: Int)] = []

  /// The index in ``faultCounts`` of failed workloads; nil before the first.
  private var failureIndex: Int?

  init(faultCount: Int, machineCount: Int) {
    self.init(
      faultCounts: Array(repeating: FaultCounts(), count: faultCount),
      machineCount: faultCount > 0 ? machineCount : 0)
  }

  private init(faultCounts: [FaultCounts], machineCount: Int) {
    self.faultCounts = faultCounts
    killers = Array(repeating: nil, count: machineCount)
    pauses = Array(repeating: [], count: machineCount)
    openPauses = Array(repeating: [], count: machineCount)
    missedTickCounts = Array(repeating: 0, count: machineCount)
  }

  /// Whether a machine may ever be dead or paused.
  var isPossible: Bool { !killers.isEmpty }

  /// Whether the machine was killed.
  func isDead(_ machine: MachineID) -> Bool { isPossible && killers[machine.index] != nil }

  /// Whether any machine was killed.
  var isAnyoneDead: Bool { killers.contains { $0 != nil } }

  /// Kills a machine.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - fault: The index of the fault that kills it.
  /// - Returns: Whether it was alive.
  mutating func kill(_ machine: MachineID, by fault: Int) -> Bool {
    isAnyone = true
    guard !isDead(machine) else { return false }
    killers[machine.index] = fault
    return true
  }

  /// Ends a machine whose workload has failed; no planned fault does that.
  ///
  /// - Returns: Whether it was alive.
  mutating func fail(_ machine: MachineID, machineCount: Int) -> Bool {
    if !isPossible {
      let (ahead, busy) = (aheadTickCounts, busyTimes)
      self = Availability(faultCounts: faultCounts, machineCount: machineCount)
      (aheadTickCounts, busyTimes) = (ahead, busy)
    }
    // What its death costs is counted behind the planned faults, where no report looks.
    if failureIndex == nil {
      failureIndex = faultCounts.count
      faultCounts.append(FaultCounts())
    }
    return kill(machine, by: failureIndex ?? 0)
  }

  /// Makes all machines tick again; none is paused in a run whose machines go back.
  mutating func revive() {
    killers = killers.map { _ in nil }
    (aheadTickCounts, busyTimes, isAnyone) = ([], [], !told.isEmpty)
  }

  /// Counts a message that reached a dead machine.
  mutating func lose(at machine: MachineID) {
    if let killer = killers[machine.index] { faultCounts[killer].messagesLost += 1 }
  }

  /// Tells a machine something, which takes one of its ticks.
  mutating func tell(_ machine: MachineID, _ words: [String], by fault: Int) {
    told.append((machine, words, fault))
    isAnyone = true
  }

  /// Whether any machine was told something that it has not carried out.
  var isAnyoneTold: Bool { !told.isEmpty }

  /// A copy for the machines of one block, which counts from zero.
  var forBlock: Availability {
    var copy = self
    copy.faultCounts = faultCounts.map { _ in FaultCounts() }
    return copy
  }

  /// Takes over what has become of the machines of a block, and what it has counted.
  mutating func take(_ block: Availability, of machines: Range<Int>) {
    faultCounts = zip(faultCounts, block.faultCounts).map { $0 + $1 }
    if isPossible {
      missedTickCounts.replaceSubrange(machines, with: block.missedTickCounts[machines])
    }
    if !aheadTickCounts.isEmpty {
      aheadTickCounts.replaceSubrange(machines, with: block.aheadTickCounts[machines])
    }
    if block.busyTimes.isEmpty { return }
    if busyTimes.isEmpty { busyTimes = Array(repeating: .always, count: block.busyTimes.count) }
    busyTimes.replaceSubrange(machines, with: block.busyTimes[machines])
    isAnyone = true
  }

  /// Whether a machine was told something that it has not carried out.
  func isTold(_ machine: MachineID) -> Bool { told.contains { $0.machine == machine } }

  /// Removes and returns what a machine was told first; nil for nothing.
  mutating func takeTold(_ machine: MachineID) -> (words: [String], fault: Int)? {
    guard let index = told.firstIndex(where: { $0.machine == machine }) else { return nil }
    let first = told.remove(at: index)
    return (first.words, first.fault)
  }

  /// Counts an instruction by hand that was carried out.
  mutating func countInstruction(by fault: Int) { faultCounts[fault].instructions += 1 }

  /// Counts a message that was lost by hand.
  mutating func countLoss(by fault: Int) { faultCounts[fault].messagesLost += 1 }

  /// Begins a pause of a machine; pauses may overlap.
  mutating func pause(_ machine: MachineID, by fault: Int) {
    pauses[machine.index].append(fault)
    openPauses[machine.index].append(fault)
    isAnyone = true
  }

  /// Ends a pause of a machine.
  ///
  /// - Returns: How many ticks it must catch up on now: none while another pause goes on.
  mutating func resume(_ machine: MachineID, from fault: Int) -> UInt64 {
    pauses[machine.index].removeAll { $0 == fault }
    isAnyone =
      isAnyoneDead || !aheadTickCounts.isEmpty || !busyTimes.isEmpty || !told.isEmpty
      || pauses.contains { !$0.isEmpty }
    guard pauses[machine.index].isEmpty && !isDead(machine) else { return 0 }
    for pause in openPauses[machine.index] {
      faultCounts[pause].ticksDelayed = faultCounts[pause].ticksMissed
      faultCounts[pause].ticksMissed = 0
    }
    openPauses[machine.index] = []
    defer { missedTickCounts[machine.index] = 0 }
    return missedTickCounts[machine.index]
  }

  /// Skips this many due ticks of each machine, in id order: they were carried out before a cut.
  mutating func skip(_ tickCounts: [UInt64]) {
    guard tickCounts.contains(where: { $0 > 0 }) else { return }
    (aheadTickCounts, isAnyone) = (tickCounts, true)
  }

  /// Makes a machine busy until then; it never catches up on the ticks that it misses.
  mutating func occupy(_ machine: MachineID, until time: RunTime, machineCount: Int) {
    if busyTimes.isEmpty { busyTimes = Array(repeating: .always, count: machineCount) }
    busyTimes[machine.index] = max(busyTimes[machine.index], time)
    isAnyone = true
  }

  /// Whether a machine skips the tick that is due now; a paused machine will catch
  /// up on it.
  ///
  /// A tick in several pauses counts for each of them.
  mutating func holds(_ machine: MachineID, now: RunTime) -> Bool {
    if !busyTimes.isEmpty, now < busyTimes[machine.index], !isDead(machine) { return true }
    if !aheadTickCounts.isEmpty, aheadTickCounts[machine.index] > 0 {
      aheadTickCounts[machine.index] -= 1
      return true
    }
    guard isPossible else { return false }
    if let killer = killers[machine.index] {
      faultCounts[killer].ticksMissed += 1
      return true
    }
    guard !pauses[machine.index].isEmpty else { return false }
    for pause in pauses[machine.index] { faultCounts[pause].ticksMissed += 1 }
    missedTickCounts[machine.index] += 1
    return true
  }
}
