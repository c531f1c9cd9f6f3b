import LogicalTime
import ScaleModel
import Snapshots

/// One thing that happens in a run whose order is chosen: a line of a schedule.
package enum ScheduledAction: Hashable, Sendable {
  /// A machine carries out an instruction; its draws come to this outcome, as
  /// ``Chance/init(outcome:drawMax:)`` numbers them.
  case tick(MachineID, outcome: UInt64)
  /// A channel delivers what is at this position, from 0.
  case deliver(from: MachineID, to: MachineID, position: Int)
  /// A channel loses what is at this position, from 0.
  case lose(from: MachineID, to: MachineID, position: Int)
  /// A machine stops for good.
  case crash(MachineID)
  /// A machine begins a snapshot.
  case snapshot(MachineID)
  /// A machine is asked to record for a snapshot, where no marker does.
  case record(MachineID, SnapshotID)

  /// Reads a line: `tick 0`, `tick 0 3` (the outcome), `deliver 0 1`, `deliver 0 1 2` (the
  /// position), `lose 0 1`, `crash 2`, `snapshot 0` or `record 1 0 2` (for the snapshot 0-2); nil
  /// for anything else.
  package init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ")
    if words.count == 3, words[0] == "tick", let machine = UInt32(words[1]),
      let outcome = UInt64(words[2])
    {
      self = .tick(MachineID(number: machine), outcome: outcome)
      return
    }
    let numbers = words.dropFirst().compactMap { UInt32($0) }
    guard let verb = words.first, numbers.count == words.count - 1, let first = numbers.first
    else { return nil }
    let last = numbers.count > 2 ? Int(numbers[2]) : 0
    let machine = MachineID(Int(first))
    switch (verb, numbers.count) {
    case ("tick", 1): self = .tick(machine, outcome: 0)
    case ("deliver", 2...3):
      self = .deliver(from: machine, to: MachineID(Int(numbers[1])), position: last)
    case ("lose", 2...3):
      self = .lose(from: machine, to: MachineID(Int(numbers[1])), position: last)
    case ("crash", 1): self = .crash(machine)
    case ("snapshot", 1): self = .snapshot(machine)
    case ("record", 3):
      self = .record(
        machine, SnapshotID(initiator: MachineID(Int(numbers[1])), number: numbers[2]))
    default: return nil
    }
  }
}

extension ScheduledAction: CustomStringConvertible {
  /// The line.
  package var description: String {
    func optional(_ number: some FixedWidthInteger) -> String { number == 0 ? "" : " \(number)" }
    switch self {
    case .tick(let machine, let outcome): return "tick \(machine)\(optional(outcome))"
    case .deliver(let source, let target, let position):
      return "deliver \(source) \(target)\(optional(position))"
    case .lose(let source, let target, let position):
      return "lose \(source) \(target)\(optional(position))"
    case .crash(let machine): return "crash \(machine)"
    case .snapshot(let machine): return "snapshot \(machine)"
    case .record(let machine, let id): return "record \(machine) \(id.initiator) \(id.number)"
    }
  }
}
