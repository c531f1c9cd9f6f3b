import LogicalTime
import ScaleModel

/// What a person did to one machine of a run, or to a channel that leads to it.
package struct MachineAct: Hashable, Sendable {
  /// The acts, as requests name them.
  package enum Kind: String, Hashable, Sendable {
    /// The machine ended without a word to its peers.
    case kill
    /// The machine stopped ticking.
    case pause
    /// The machine went on, and carried out the ticks that it had missed.
    case resume
    /// The channel held what it carried.
    case cut
    /// The channel delivered that, and went on.
    case join
    /// The message that would have left next on the channel was lost.
    case lose

    /// Whether it is done to a channel.
    package var isOfChannel: Bool {
      switch self {
      case .kill, .pause, .resume: false
      case .cut, .join, .lose: true
      }
    }
  }

  /// What was done.
  package var kind: Kind
  /// To which machine, or to a channel that leads to it.
  package var machine: MachineID
  /// Where the channel comes from; nil for what is done to the machine.
  package var source: MachineID?
  /// How long after the run's start.
  package var time: TimeSpan

  /// Makes a record of an act; `source` is that of a channel.
  package init(
    _ kind: Kind, on machine: MachineID, from source: MachineID? = nil,
    at time: TimeSpan
  ) {
    (self.kind, self.machine, self.source) = (kind, machine, source)
    self.time = time
  }

  /// The act in the words of `interventions`: `cut 0 1`.
  package var words: String {
    "\(kind.rawValue) " + (source.map { "\($0) " } ?? "") + "\(machine)"
  }
}
