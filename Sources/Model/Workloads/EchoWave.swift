import LogicalTime
import ScaleModel

/// A wave that reaches every machine and comes back to machine 0, which then knows that it did.
///
/// A machine passes the wave on to all neighbours but the one that it first came from, and back to
/// that one when it has come from all others: two messages for each pair of neighbours.
///
/// - SeeAlso: E. J. H. Chang, "Echo Algorithms: Depth Parallel Operations on General Graphs", IEEE
///   Transactions on Software Engineering 8(4), 1982.
public struct EchoWave: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "echo"
  /// What it is, in the help.
  public static let summary = "a wave to all machines and back, by Chang, 1982"
  /// False: it depends on messages alone.
  public static let usesReadings = false
  /// False: it depends on messages alone.
  public static let usesTicks = false

  private let topology: Topology
  private var receivedCount = 0
  /// Where the wave came from first; nil before, and at machine 0.
  public private(set) var parent: MachineID?
  /// Whether the wave has come back from all neighbours.
  public private(set) var finished = false

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    try topology.requireBothWays("the wave returns the way it came")
    guard topology.isStronglyConnected else {
      throw WorkloadRefusal(
        "the wave reaches every machine; take a --topology where channels join them all")
    }
    self.topology = topology
  }

  /// All machines but the first, if none of them has a wave to pass on to several others: it does
  /// so in the order of their ids.
  public func symmetry(in topology: Topology) -> MachineSymmetry? {
    let others = topology.machineIDs.dropFirst()
    guard others.allSatisfy({ topology.neighbourCount(of: $0) <= 2 }) else { return nil }
    return MachineSymmetry(from: 1)
  }

  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [
      .invariant("all-reached", "!finished(0) || count(parent != nothing) == machines - 1"),
      .stable("finished", "finished(0)"),
    ]
  }
  /// The messages until machine 0 knows: one on each channel.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    [
      .messages(
        "messages_until_finished", until: FieldMatch("finished", is: .boolean(true), at: 0),
        predicted: Double(topology.channelCount))
    ]
  }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<EchoWave>] {
    [Field("parent", \.parent), Field("finished", \.finished)]
  }

  /// What a state holds beside its fields.
  public static let otherParts: [StatePart<EchoWave>] = [
    StatePart(\.receivedCount)
  ]

  /// Prepares the machine; returns what it owes at the start.
  public mutating func begin(_ here: Surroundings) -> [Instruction<NoPayload>] {
    here.machine == 0 ? [.sendToAll(NoPayload())] : []
  }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<NoPayload> { .internal }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<NoPayload>, _ here: Surroundings
  ) -> [Instruction<NoPayload>] {
    receivedCount += 1
    var owed: [Instruction<NoPayload>] = []
    if parent == nil, here.machine != 0 {
      parent = message.source
      owed = topology.neighbours(of: here.machine).filter { $0 != message.source }
        .map { .reply(NoPayload(), to: $0) }
    }
    if receivedCount == topology.neighbourCount(of: here.machine) {
      finished = true
      if let parent { owed.append(.reply(NoPayload(), to: parent)) }
    }
    return owed
  }
}
