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

  /// Rolls the die, once, with every side equally likely.
  @inlinable
  public mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<NoPayload> {
    let side = random.draw(below: dieSides) + 1
    guard side <= 3 && neighbours.count > 0 else { return .internal }
    switch side {
    case 1: return .send(NoPayload(), to: neighbours.next)
    case 2: return .send(NoPayload(), to: neighbours.previous)
    default: return .sendToAll(NoPayload())
    }
  }

  /// Does nothing: a message of this workload carries only its reading.
  @inlinable public mutating func receive(_ payload: NoPayload) {}

  /// Does nothing: a message carries no money to return.
  @inlinable public mutating func takeBack(_ payload: NoPayload) {}

  /// The payload of every message; nil, so refused, when the message carries money.
  @inlinable
  public static func payload(carrying amount: Int64?) -> NoPayload? {
    amount == nil ? NoPayload() : nil
  }

  /// Nil: this workload has no money.
  @inlinable public static func amount(of payload: NoPayload) -> Int64? { nil }

  /// Nil: this workload has no money.
  @inlinable public var balance: Int64? { nil }
}
