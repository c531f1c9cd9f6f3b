import LogicalTime
import ScaleModel

/// One token that goes around a ring of machines: the single-token conservation system.
///
/// A machine that holds the token passes it on with some probability on a free tick. In every
/// consistent cut there is exactly one token, on a machine or on its way.
///
/// - SeeAlso: K. M. Chandy, L. Lamport, "Distributed Snapshots", ACM TOCS 3(1), 1985, section 2.
public struct TokenRing: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "token-ring"
  /// What it is, in the help.
  public static let summary = "one token that goes around a ring"
  /// False: it depends on messages alone.
  public static let usesReadings = false
  /// False: it depends on messages alone.
  public static let usesTicks = false
  /// Its options, in the order of the help.
  public static let options = [
    WorkloadOption(
      "pass", "P", help: "token-ring: how likely a free tick passes the token on", .probability,
      default: "0.5")
  ]

  private let topology: Topology
  private let pass: Double
  /// Whether the machine has the token.
  public private(set) var holds = false

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    try topology.requireRing()
    self.topology = topology
    pass = options.probability("pass")
  }

  /// All machines, as long as the token goes round the same way.
  public func symmetry(in topology: Topology) -> MachineSymmetry? {
    let next = topology.machineIDs.compactMap { topology.next(after: $0) }
    return next.count == topology.machineCount ? MachineSymmetry(from: 0, keeping: [next]) : nil
  }

  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [
      .invariant("one-token", "count(holds) + messages_on_the_way == 1"),
      .stable("deadlocked", "!any(holds) && messages_on_the_way == 0"),
    ]
  }
  /// How often a machine gets the token, a second.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    [.rate("passes_per_s", of: FieldMatch("holds", is: .boolean(true)))]
  }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<TokenRing>] { [Field("holds", \.holds)] }

  /// Prepares the machine; returns what it owes at the start.
  public mutating func begin(_ here: Surroundings) -> [Instruction<NoPayload>] {
    holds = here.machine == 0
    return []
  }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<NoPayload> {
    guard chance.happens(pass), holds, let next = topology.next(after: here.machine) else {
      return .internal
    }
    holds = false
    return .reply(NoPayload(), to: next)
  }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<NoPayload>, _ here: Surroundings
  ) -> [Instruction<NoPayload>] {
    holds = true
    return []
  }

  /// Takes back what a message that could not be sent carried.
  public mutating func takeBack(_ payload: NoPayload) { holds = true }
}
