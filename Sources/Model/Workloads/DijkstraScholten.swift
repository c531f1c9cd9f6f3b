import LogicalTime
import ScaleModel

/// A diffusing computation whose end its root detects: each message of work is signalled back once.
///
/// Machine 0 begins with work, and sends some to all its neighbours. An active machine sends work
/// to others and becomes passive in the end. A machine that gets work while it takes no part is
/// engaged by the sender, and signals that message only when it is passive and all its own are
/// signalled; every other message is signalled at once. When the root is passive and all its
/// messages are signalled, there is no work anywhere.
///
/// - SeeAlso: E. W. Dijkstra, C. S. Scholten, "Termination Detection for Diffusing Computations",
///   Information Processing Letters 11(1), 1980.
public struct DijkstraScholten: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "termination"
  /// What it is, in the help.
  public static let summary = "a computation whose end Dijkstra and Scholten detect, 1980"
  /// False: it depends on messages alone.
  public static let usesReadings = false
  /// False: it depends on messages alone.
  public static let usesTicks = false
  /// Its options, in the order of the help.
  public static let options = [
    WorkloadOption(
      "spread", "P", help: "termination: how likely an active machine's free tick sends work",
      .probability, default: "0.3"),
    WorkloadOption(
      "rest", "P", help: "termination: how likely it becomes passive instead", .probability,
      default: "0.5"),
  ]

  /// What a message is for.
  public enum Letter: String, FieldWord {
    /// Work for the receiver, or the signal that answers a message of work.
    case work, signal
  }

  private let spread: Double
  private let rest: Double
  /// Whether the machine has work.
  public private(set) var active = false
  /// Whether the root knows that the computation is over.
  public private(set) var detected = false
  /// How many messages of work are not signalled yet.
  public private(set) var deficit: Int64 = 0
  /// Who engaged the machine; nil when it takes no part, and at the root.
  private var parent: MachineID?

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    (spread, rest) = (options.probability("spread"), options.probability("rest"))
    try topology.requireBothWays("work is signalled back to its sender")
  }

  /// All machines but the root.
  public func symmetry(in topology: Topology) -> MachineSymmetry? {
    MachineSymmetry(from: 1, drawCount: UInt64(topology.machineCount))
  }

  /// The fields of a message, in the order of the columns.
  public var messageFields: [Field<Letter>] { [Field("kind", \.self)] }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<DijkstraScholten>] {
    [Field("active", \.active), Field("deficit", \.deficit), Field("detected", \.detected)]
  }
  /// What a state holds beside its fields.
  public static let otherParts: [StatePart<DijkstraScholten>] = [StatePart(\.parent)]
  /// The payload that a received message's fields are set in.
  public var blankPayload: Letter { .work }

  /// Prepares the machine; returns what it owes at the start.
  public mutating func begin(_ here: Surroundings) -> [Instruction<Letter>] {
    guard here.machine == 0, here.neighbours.count > 0 else { return [] }
    active = true
    deficit = Int64(here.neighbours.count)
    return [.sendToAll(.work)]
  }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<Letter> {
    let target = chance.draw(below: UInt64(max(1, here.neighbours.count)))
    let (sends, rests) = (chance.happens(spread), chance.happens(rest))
    guard active else { return .internal }
    if sends, here.neighbours.count > 0 {
      deficit += 1
      return .send(.work, to: Neighbour(index: Int(target)))
    }
    if rests { active = false }
    return leave(here) ?? .internal
  }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<Letter>, _ here: Surroundings
  ) -> [Instruction<Letter>] {
    switch message.payload {
    case .work:
      active = true
      if parent == nil, here.machine != 0 {
        parent = message.source
        return []
      }
      return [.reply(.signal, to: message.source)]
    case .signal:
      deficit -= 1
      return leave(here).map { [$0] } ?? []
    }
  }

  /// Takes back what a message that could not be sent carried.
  public mutating func takeBack(_ letter: Letter) {
    if letter == .work { deficit -= 1 }
  }

  /// Ends the machine's part when it is passive and all its messages are signalled.
  private mutating func leave(_ here: Surroundings) -> Instruction<Letter>? {
    guard !active, deficit == 0 else { return nil }
    if here.machine == 0 { detected = true }
    guard let parent else { return nil }
    self.parent = nil
    return .reply(.signal, to: parent)
  }
}
