import LogicalTime

/// The workload of the assignment: a die decides between sends and internal events.
///
/// 1 sends to the next machine, 2 to the previous one, 3 to all others as one event, and any other
/// side is an internal event. A machine without neighbours only has internal events.
@frozen
public struct Chatter: Workload {
  /// How many sides the die has; a die of fewer than four has no internal side.
  public let dieSides: UInt64

  /// Makes the workload with a die of `dieSides` sides.
  ///
  /// - Precondition: The die has at least one side.
  @inlinable
  public init(dieSides: Int) {
    precondition(dieSides > 0, "A die has at least one side")
    self.dieSides = UInt64(dieSides)
  }

  /// False: its snapshot files have no stream, as in all versions.
  public static var recordsChance: Bool { false }

  /// False: every tick is chosen alike.
  public static var usesReadings: Bool { false }
  /// False: every tick is chosen alike.
  public static var usesTicks: Bool { false }

  /// All machines, as long as the next and the previous one stay so; where those two are all that a
  /// machine can send to, which is which does not matter.
  public func symmetry(in topology: Topology) -> MachineSymmetry? {
    let machines = topology.machineIDs
    if dieSides > 1, machines.allSatisfy({ topology.neighbourCount(of: $0) <= 2 }) {
      return MachineSymmetry(from: 0, drawCount: dieSides)
    }
    guard machines.allSatisfy({ topology.neighbourCount(of: $0) > 0 }) else { return nil }
    func targets(_ path: (Neighbours) -> Neighbour) -> [MachineID] {
      machines.map { topology.id(of: path(topology.neighbourhood(of: $0)), from: $0) }
    }
    return MachineSymmetry(from: 0, keeping: [targets(\.next), targets(\.previous)])
  }

  /// Rolls the die, once, with every side equally likely.
  @inlinable
  @inline(__always)
  public mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<NoPayload> {
    let side = chance.draw(below: dieSides) &+ 1
    let neighbours = surroundings.neighbours
    guard side <= 3 && neighbours.count > 0 else { return .internal }
    if side == 3 { return .sendToAll(NoPayload()) }
    return .send(NoPayload(), to: side == 1 ? neighbours.next : neighbours.previous)
  }

  /// Does nothing: a message of this workload carries only its reading.
  @inlinable
  public mutating func receive(
    _ message: Message<NoPayload>, _ surroundings: Surroundings
  ) -> [Instruction<NoPayload>] { [] }
}
