import RunRecord
import ScaleModel

/// What one fault of a simulated run has done so far.
package struct FaultCounts: Hashable, Sendable {
  /// Messages that a partition held: they were due while it lasted, and before the run's end.
  package var messagesHeld: UInt64 = 0
  /// Markers of snapshots that it held.
  package var markersHeld: UInt64 = 0
  /// Ticks that ran late, at the end of a pause.
  package var ticksDelayed: UInt64 = 0
  /// Ticks that were due and did not run: of a dead machine, or in a pause that has not ended.
  package var ticksMissed: UInt64 = 0
  /// Messages that reached a machine after it was killed, or that were lost by hand.
  package var messagesLost: UInt64 = 0
  /// Instructions by hand that were carried out.
  package var instructions: UInt64 = 0

  /// Adds two counts of the same fault, field by field.
  static func + (left: FaultCounts, right: FaultCounts) -> FaultCounts {
    FaultCounts(
      messagesHeld: left.messagesHeld + right.messagesHeld,
      markersHeld: left.markersHeld + right.markersHeld,
      ticksDelayed: left.ticksDelayed + right.ticksDelayed,
      ticksMissed: left.ticksMissed + right.ticksMissed,
      messagesLost: left.messagesLost + right.messagesLost,
      instructions: left.instructions + right.instructions)
  }

  /// The manifest's entry for the fault: the counts that its kind can have.
  ///
  /// - Parameters:
  ///   - fault: The fault.
  ///   - words: The fault as its option spells it.
  /// - Returns: The fault with its counts.
  package func effect(of fault: Fault, words: String) -> Manifest.FaultEffect {
    var effect = Manifest.FaultEffect(fault: words)
    switch fault {
    case .kill:
      (effect.ticksMissed, effect.messagesLost) = (ticksMissed, messagesLost)
    case .pause:
      (effect.ticksDelayed, effect.ticksMissed) = (ticksDelayed, ticksMissed)
    case .lose:
      effect.messagesLost = messagesLost
    case .tell:
      effect.instructions = instructions
    case .partition:
      (effect.messagesHeld, effect.markersHeld) = (messagesHeld, markersHeld)
    }
    return effect
  }
}
