import LogicalTime
import ScaleModel

/// Money that left an account or came to it, as it is told while a bank runs.
///
/// It goes to another account or comes from there, or does so by hand.
package struct Transfer: Hashable, Sendable {
  /// When: system time, in nanoseconds (virtual: since the start).
  package var systemTime: Int64
  /// Whose account it is.
  package var machine: MachineID
  /// How it moved: a send, a receipt, a deposit or a withdrawal.
  package var kind: Event.Kind
  /// Where it came from, or goes to; by hand, the machine itself.
  package var peer: MachineID
  package var amount: Int64
  /// The money on the account afterwards.
  package var balance: Int64

  /// Makes a transfer of its parts.
  package init(
    systemTime: Int64, machine: MachineID, kind: Event.Kind, peer: MachineID, amount: Int64,
    balance: Int64
  ) {
    self.systemTime = systemTime
    self.machine = machine
    self.kind = kind
    self.peer = peer
    self.amount = amount
    self.balance = balance
  }

  /// Tells an event's transfer; nil when the event moves no money to or from one machine.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - machine: Where.
  ///   - systemTime: When.
  ///   - resolve: Names the machine behind a neighbour.
  package init?(
    _ event: Event, of machine: MachineID, systemTime: Int64, resolve: (Neighbour) -> MachineID
  ) {
    guard let amount = event.amount, let balance = event.balance else { return nil }
    let peer: MachineID
    switch (event.kind, event.peer) {
    case (.send, .neighbour(let neighbour)): peer = resolve(neighbour)
    case (.receive, .machine(let source)): peer = source
    case (.deposit, _), (.withdraw, _): peer = machine
    default: return nil
    }
    self.init(
      systemTime: systemTime, machine: machine, kind: event.kind, peer: peer, amount: amount,
      balance: balance)
  }
}

extension Transfer: CustomStringConvertible {
  package var description: String {
    "machine \(machine) \(movement), balance $\(balance)"
  }

  private var movement: String {
    switch kind {
    case .receive: "received $\(amount) from machine \(peer)"
    case .deposit: "took in $\(amount) by hand"
    case .withdraw: "paid out $\(amount) by hand"
    case .send, .internal, .snapshot: "sent $\(amount) to machine \(peer)"
    }
  }
}
