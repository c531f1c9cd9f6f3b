import LogicalTime
import ScaleModel

/// What a person does to a simulated run, as its plan says.
extension Simulation {
  /// Loses a message, or tells a machine something.
  mutating func carryOutByHand(_ fault: Fault, _ index: Int) {
    switch fault {
    case .lose(let source, let target, _):
      if carrier.lose(from: source, to: target) { carrier.standstill.countLoss(by: index) }
    case .tell(let machine, let words, _):
      carrier.standstill.tell(machine, words, by: index)
    case .kill, .pause, .partition:
      break
    }
  }

  /// Carries out what a machine was told, in place of an ordinary tick.
  ///
  /// - Returns: Whether it has ticked; not when it owes other instructions, or refuses these.
  mutating func carryOutTold(_ id: MachineID) -> Bool {
    guard carrier.standstill.isTold(id), !carrier.machines[id.index].owesInstruction else {
      return false
    }
    carrier.current = id
    while let (words, fault) = carrier.standstill.takeTold(id) {
      do throws(InstructionRefusal) {
        try carrier.machines[id.index].tick(told: words, into: &carrier)
        carrier.standstill.countInstruction(by: fault)
        return true
      } catch {
        refusedInstructions.append(
          "machine \(id) refused '\(words.joined(separator: " "))': \(error)")
      }
    }
    return false
  }
}

extension SimulationSink {
  /// Loses the message that would arrive next on a channel.
  ///
  /// - Returns: Whether one was on its way.
  mutating func lose(from source: MachineID, to target: MachineID) -> Bool {
    guard channels.lose(from: source, to: target) else { return false }
    countLost()
    return true
  }
}
