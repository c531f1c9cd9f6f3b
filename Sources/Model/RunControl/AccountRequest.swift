import LogicalTime
import ScaleModel

/// A client's request to one account of a running bank.
package enum AccountRequest: Hashable, Sendable {
  /// Report the balance, at once.
  case balance
  /// Deposit this much money, in the next tick.
  case deposit(Int64)
  /// Withdraw this much money, in the next tick.
  case withdraw(Int64)
  /// Transfer this much money to another account, in the next tick.
  case transfer(Int64, to: MachineID)
}

/// An account as its machine reports it, after the machine's latest event.
@usableFromInline
package struct AccountState: Codable, Hashable, Sendable {
  /// The machine whose account it is.
  package var machine: MachineID
  /// The money on the account.
  package var balance: Int64
  /// How many ticks the machine has carried out; an instruction's reply counts its own tick.
  package var tick: UInt64
  /// The machine's Lamport reading.
  package var clock: UInt64

  /// Makes the report of an account.
  package init(machine: MachineID, balance: Int64, tick: UInt64, clock: UInt64) {
    self.machine = machine
    self.balance = balance
    self.tick = tick
    self.clock = clock
  }
}

/// A machine's reply to a request.
@usableFromInline
package enum AccountAnswer: Hashable, Sendable {
  /// The account after the request.
  case state(AccountState)
  /// The account is unchanged, for this reason.
  case refused(AccountRefusalReason)
}

/// Why a machine refuses a request, as text that is sent to the client.
@usableFromInline
package struct AccountRefusalReason: Hashable, Sendable, CustomStringConvertible {
  /// The reason as the client reads it.
  @usableFromInline package let description: String

  /// Makes a reason from its text.
  package init(_ description: String) {
    self.description = description
  }

  /// Makes a reason from the account's refusal.
  package init(_ refusal: AccountRefusal) {
    description = "\(refusal)"
  }

  /// The machine carries out no more ticks.
  package static let runEnded = AccountRefusalReason(
    "the run ended before a tick could carry it out")
  /// No tick of the machine came before the deadline.
  package static let timedOut = AccountRefusalReason("no tick could carry it out in time")
  /// The machine's queue of instructions is full.
  package static let tooManyWait = AccountRefusalReason(
    "\(InstructionQueue.countMax) instructions wait for this account already")

  /// The machine has no channel to the transfer's target.
  package static func noChannel(from source: MachineID, to target: MachineID)
    -> AccountRefusalReason
  {
    AccountRefusalReason(
      source == target
        ? "machine \(source) has no channel to itself"
        : "machine \(source) has no channel to machine \(target); it is no neighbour")
  }

  /// The machine died first; only its journal says what became of the request.
  package static func died(_ machine: MachineID) -> AccountRefusalReason {
    AccountRefusalReason(
      "machine \(machine) died before it answered; its journal says whether it was carried out")
  }
}
