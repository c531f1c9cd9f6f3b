import LogicalTime
import ScaleModel

/// What is asked of one account of a running bank.
package enum AccountRequest: Hashable, Sendable {
  /// Say what is on it; answered at once.
  case balance
  /// Take in so much money by hand, in the next tick.
  case deposit(Int64)
  /// Pay out so much money by hand, in the next tick.
  case withdraw(Int64)
  /// Send so much money to another account by hand, in the next tick.
  case transfer(Int64, to: MachineID)
}

/// An account as its machine tells it, after the machine's latest event.
@usableFromInline
package struct AccountState: Codable, Hashable, Sendable {
  package var machine: MachineID
  package var balance: Int64
  /// How many ticks the machine had carried out: an instruction by hand was the last of them.
  package var tick: UInt64
  /// The machine's Lamport reading.
  package var clock: UInt64

  /// Tells of an account.
  package init(machine: MachineID, balance: Int64, tick: UInt64, clock: UInt64) {
    self.machine = machine
    self.balance = balance
    self.tick = tick
    self.clock = clock
  }
}

/// What a machine says to a request.
@usableFromInline
package enum AccountAnswer: Hashable, Sendable {
  case state(AccountState)
  /// Nothing has changed, for this reason.
  case refused(AccountRefusalReason)
}

/// Why nothing comes of a request, in words that travel.
@usableFromInline
package struct AccountRefusalReason: Hashable, Sendable, CustomStringConvertible {
  @usableFromInline package let description: String

  /// Says why, in these words.
  package init(_ description: String) {
    self.description = description
  }

  /// Says why an account does not do what it is told.
  package init(_ refusal: AccountRefusal) {
    description = "\(refusal)"
  }

  /// The machine carries out no tick any more.
  package static let runEnded = AccountRefusalReason(
    "the run ended before a tick could carry it out")
  /// The machine had no tick within the time that was given.
  package static let timedOut = AccountRefusalReason("no tick could carry it out in time")
  /// The machine is asked for more than it can remember.
  package static let tooManyWait = AccountRefusalReason(
    "\(InstructionQueue.countMax) instructions wait for this account already")

  /// There is no channel for a transfer.
  package static func noChannel(from source: MachineID, to target: MachineID)
    -> AccountRefusalReason
  {
    AccountRefusalReason(
      source == target
        ? "machine \(source) has no channel to itself"
        : "machine \(source) has no channel to machine \(target); it is no neighbour")
  }

  /// Nobody knows what became of it, but the journal.
  package static func died(_ machine: MachineID) -> AccountRefusalReason {
    AccountRefusalReason(
      "machine \(machine) died before it answered; its journal says whether it was carried out")
  }
}
