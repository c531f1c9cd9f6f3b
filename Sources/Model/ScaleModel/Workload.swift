import LogicalTime

/// What the machines of a run are busy with: it decides what a free tick does.
///
/// A tick is free when no message waits in the inbox. The clock, the inbox and the journal belong
/// to ``Machine``; a workload has only what its own story needs (the bank: a balance).
public protocol Workload: Hashable, Sendable {
  /// What its messages carry besides the reading.
  associatedtype Payload: Hashable & Sendable

  /// Chooses what a free tick does.
  ///
  /// - Parameters:
  ///   - neighbours: The machines that can be sent to.
  ///   - random: The machine's own stream; how often it is drawn from concerns no other machine.
  /// - Returns: One instruction, which is one event.
  mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<Payload>

  /// Takes in what a received message carries.
  mutating func receive(_ payload: Payload)

  /// Takes back what a message was to carry, because every channel it was meant for has closed.
  mutating func takeBack(_ payload: Payload)

  /// Carries out an instruction by hand on the machine's account.
  ///
  /// - Parameter instruction: What the account is told to do.
  /// - Returns: For a transfer, what its message carries; nil for all others.
  /// - Throws: Why it is refused; nothing has changed then.
  mutating func carryOut(_ instruction: AccountInstruction) throws(AccountRefusal) -> Payload?

  /// Makes the payload of a message that came from outside; nil when it cannot be one.
  ///
  /// `amount` is the money it carries, nil when it carries none.
  static func payload(carrying amount: Int64?) -> Payload?

  /// The amount of money `payload` carries; nil when its messages carry none.
  static func amount(of payload: Payload) -> Int64?

  /// The money the machine holds after its latest event; nil when the workload knows no money.
  var balance: Int64? { get }

  /// The money that came by hand, less what went; zero when nothing ever did.
  var moneyByHand: Int64 { get }
}

extension Workload {
  /// Refuses: there is no account.
  public mutating func carryOut(
    _ instruction: AccountInstruction
  ) throws(AccountRefusal) -> Payload? {
    throw .noAccount
  }

  /// Zero: nobody can put money in by hand.
  public var moneyByHand: Int64 { 0 }
}

/// What one free tick does; every case is one event.
@frozen
public enum Instruction<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// Nothing that another machine could notice.
  case `internal`
  /// A message to one neighbour.
  case send(Payload, to: Neighbour)
  /// The same message to all neighbours, as one event.
  case sendToAll(Payload)
}
