import LogicalTime
import ScaleModel

/// The election of a leader on a ring: each machine draws a number, and the largest wins.
///
/// Numbers travel around the ring; a machine passes on only those larger than its own, so only the
/// largest comes back to the machine that drew it, which then tells all others. On average N·H_N
/// messages carry numbers before that.
///
/// - SeeAlso: E. Chang, R. Roberts, "An Improved Algorithm for Decentralized Extrema-Finding in
///   Circular Configurations of Processes", CACM 22(5), 1979.
public struct RingElection: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "election-ring"
  /// What it is, in the help.
  public static let summary = "leader election on a ring by Chang and Roberts, 1979"
  /// False: it depends on messages alone.
  public static let usesReadings = false
  /// False: it depends on messages alone.
  public static let usesTicks = false

  let topology: Topology
  private var own: Candidate?
  /// Numbers that arrived before this machine drew its own.
  private var early: [Candidate] = []
  /// The leader, once it is known here.
  public private(set) var leader: MachineID?

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    try topology.requireRing()
    self.topology = topology
  }

  /// The fields of a message, in the order of the columns.
  public var messageFields: [Field<Candidate>] {
    [
      Field("candidate", \.candidate), Field("drawn_by", \.drawnBy), Field("elected", \.elected),
    ]
  }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<RingElection>] { [Field("leader", \.leader)] }
  /// What a state holds beside its fields.
  public static let otherParts: [StatePart<RingElection>] = [
    StatePart(\.own), StatePart(\.early),
  ]
  /// The payload that a received message's fields are set in.
  public var blankPayload: Candidate { Candidate(candidate: 0, drawnBy: 0, elected: false) }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<Candidate> {
    guard let next = topology.next(after: here.machine) else { return .internal }
    if own == nil {
      let drawn = Candidate(
        candidate: Int64(chance.draw(below: 1 << 62)), drawnBy: here.machine, elected: false)
      own = drawn
      early.removeAll { !$0.isLarger(than: drawn) }
      return .reply(drawn, to: next)
    }
    if !early.isEmpty { return .reply(early.removeFirst(), to: next) }
    return .internal
  }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<Candidate>, _ here: Surroundings
  ) -> [Instruction<Candidate>] {
    guard let next = topology.next(after: here.machine) else { return [] }
    var candidate = message.payload
    if candidate.elected {
      // The winner has heard its own news: the ring is told.
      if candidate.drawnBy == here.machine { return [] }
      leader = candidate.drawnBy
      return [.reply(candidate, to: next)]
    }
    guard let own else {
      early.append(candidate)
      return []
    }
    if candidate == own {
      leader = here.machine
      candidate.elected = true
      return [.reply(candidate, to: next)]
    }
    return candidate.isLarger(than: own) ? [.reply(candidate, to: next)] : []
  }
}
