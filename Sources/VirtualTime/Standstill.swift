import LogicalTime

/// Which machines do not tick at the moment, because they are dead or paused.
///
/// Without any planned fault it holds nothing.
struct Standstill {
  /// Whether any machine is dead or paused.
  private(set) var isAnyone = false

  /// Which machines were killed, in id order; empty, like the others, when no fault is planned.
  private var dead: [Bool]
  /// How many pauses each machine is in.
  private var pauseCounts: [Int]
  /// How many ticks each machine has missed in its pause.
  private var missedTickCounts: [UInt64]

  init(isPossible: Bool, machineCount: Int) {
    let count = isPossible ? machineCount : 0
    dead = Array(repeating: false, count: count)
    pauseCounts = Array(repeating: 0, count: count)
    missedTickCounts = Array(repeating: 0, count: count)
  }

  /// Whether a machine may ever be dead or paused.
  var isPossible: Bool { !dead.isEmpty }

  /// Whether the machine was killed.
  func isDead(_ machine: MachineID) -> Bool { isPossible && dead[machine.index] }

  /// Whether any machine was killed.
  var isAnyoneDead: Bool { dead.contains(true) }

  /// Kills a machine.
  ///
  /// - Returns: Whether it lived.
  mutating func kill(_ machine: MachineID) -> Bool {
    isAnyone = true
    defer { dead[machine.index] = true }
    return !dead[machine.index]
  }

  /// Begins a pause of a machine; it may be in others.
  mutating func pause(_ machine: MachineID) {
    pauseCounts[machine.index] += 1
    isAnyone = true
  }

  /// Ends a pause of a machine.
  ///
  /// - Returns: How many ticks it has to catch up on now: none while another pause goes on.
  mutating func resume(_ machine: MachineID) -> UInt64 {
    pauseCounts[machine.index] -= 1
    isAnyone = isAnyoneDead || pauseCounts.contains { $0 > 0 }
    guard pauseCounts[machine.index] == 0 && !dead[machine.index] else { return 0 }
    defer { missedTickCounts[machine.index] = 0 }
    return missedTickCounts[machine.index]
  }

  /// Whether the tick of a machine that is due now cannot be carried out; a paused machine will
  /// catch up on it.
  mutating func holds(_ machine: MachineID) -> Bool {
    if dead[machine.index] { return true }
    guard pauseCounts[machine.index] > 0 else { return false }
    missedTickCounts[machine.index] += 1
    return true
  }
}
