import ScaleModel

extension Manifest {
  /// What a planned fault did to the run; counts that do not apply to its kind are nil.
  package struct FaultEffect: Codable, Hashable, Sendable {
    /// The fault in the words of its option: `--partition 10s...20s@0`.
    package var fault: String
    /// Messages that waited for the end of a partition.
    package var messagesHeld: UInt64?
    /// Snapshot markers that waited for the end of a partition.
    package var markersHeld: UInt64?
    /// Ticks that ran later, at the end of a pause.
    package var ticksDelayed: UInt64?
    /// Ticks that were due but never ran.
    package var ticksMissed: UInt64?
    /// Messages that reached a killed machine, or that were lost by hand.
    package var messagesLost: UInt64?
    /// Instructions by hand that were carried out.
    package var instructions: UInt64?

    /// Makes an effect without counts.
    package init(fault: String) { self.fault = fault }

    enum CodingKeys: String, CodingKey {
      case fault
      case messagesHeld = "messages_held"
      case markersHeld = "markers_held"
      case ticksDelayed = "ticks_delayed"
      case ticksMissed = "ticks_missed"
      case messagesLost = "messages_lost"
      case instructions
    }

    /// Whether every count is zero.
    package var isNothing: Bool {
      [messagesHeld, markersHeld, ticksDelayed, ticksMissed, messagesLost, instructions]
        .allSatisfy { $0 ?? 0 == 0 }
    }
  }
}

extension Manifest.FaultEffect: CustomStringConvertible {
  /// The line of a summary: `--pause 10s...15s@2: 30 ticks delayed, 0 ticks missed`.
  package var description: String {
    let counts: [(count: UInt64?, noun: String, what: String)] = [
      (messagesHeld, "message", "held"), (markersHeld, "marker", "held"),
      (ticksDelayed, "tick", "delayed"), (ticksMissed, "tick", "missed"),
      (messagesLost, "message", "lost"), (instructions, "instruction", "carried out"),
    ]
    let texts = counts.compactMap { entry in
      entry.count.map { "\(counted($0, entry.noun)) \(entry.what)" }
    }
    return "\(fault): " + texts.joined(separator: ", ")
  }
}
