import LogicalTime

/// What the machines of a run do: it decides what a free tick does.
///
/// A tick is free when no message waits in the inbox. The clock, the inbox and the journal belong
/// to ``Machine``; a workload has only its own state (the bank: a balance).
public protocol Workload: Hashable, Sendable {
  /// What its messages carry besides the reading.
  associatedtype Payload: Hashable & Sendable

  /// Chooses what a free tick does.
  ///
  /// - Parameters:
  ///   - neighbours: The machines it can send to.
  ///   - random: The machine's own stream; drawing from it affects no other machine.
  /// - Returns: One instruction, which is one event.
  mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<Payload>

  /// Receives a message's payload.
  mutating func receive(_ payload: Payload)

  /// Takes back the payload of a message that was not sent because all its channels have closed.
  mutating func takeBack(_ payload: Payload)

  /// Carries out an instruction by hand on the machine's account.
  ///
  /// - Parameter instruction: What the account is told to do.
  /// - Returns: The payload to send for a transfer; nil for all others.
  /// - Throws: Why it is refused; nothing has changed then.
  mutating func carryOut(_ instruction: AccountInstruction) throws(AccountRefusal) -> Payload?

  /// Makes the payload of a message from a foreign machine; nil when the amount is invalid.
  ///
  /// `amount` is the money the message carries; nil when it carries none.
  static func payload(carrying amount: Int64?) -> Payload?

  /// The amount of money `payload` carries; nil when the workload has no money.
  static func amount(of payload: Payload) -> Int64?

  /// The money the machine holds after its latest event; nil when the workload has no money.
  var balance: Int64? { get }

  /// Deposits minus withdrawals; zero without any.
  var netDeposits: Int64 { get }
}

extension Workload {
  /// Refuses: there is no account.
  public mutating func carryOut(
    _ instruction: AccountInstruction
  ) throws(AccountRefusal) -> Payload? {
    throw .noAccount
  }

  /// Zero: there is no account to deposit to.
  public var netDeposits: Int64 { 0 }
}

/// What one free tick does; every case is one event.
@frozen
public enum Instruction<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// An event that no other machine can notice.
  case `internal`
  /// A message to one neighbour.
  case send(Payload, to: Neighbour)
  /// The same message to all neighbours, as one event.
  case sendToAll(Payload)
}
