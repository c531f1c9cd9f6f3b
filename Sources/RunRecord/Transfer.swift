import LogicalTime
import ScaleModel

/// Money that left an account or came to it, as it is told while a bank runs.
package struct Transfer: Hashable, Sendable {
  /// When: system time, in nanoseconds (virtual: since the start).
  package var systemTime: Int64
  /// Whose account it is.
  package var machine: MachineID
  /// Whether the money came; if not, it left.
  package var isReceipt: Bool
  /// Where it came from, or goes to.
  package var peer: MachineID
  package var amount: Int64
  /// The money on the account afterwards.
  package var balance: Int64

  /// Makes a transfer of its parts.
  package init(
    systemTime: Int64, machine: MachineID, isReceipt: Bool, peer: MachineID, amount: Int64,
    balance: Int64
  ) {
    self.systemTime = systemTime
    self.machine = machine
    self.isReceipt = isReceipt
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
    switch (event.kind, event.peer) {
    case (.send, .neighbour(let neighbour)):
      self.init(
        systemTime: systemTime, machine: machine, isReceipt: false, peer: resolve(neighbour),
        amount: amount, balance: balance)
    case (.receive, .machine(let source)):
      self.init(
        systemTime: systemTime, machine: machine, isReceipt: true, peer: source, amount: amount,
        balance: balance)
    default:
      return nil
    }
  }
}

extension Transfer: CustomStringConvertible {
  package var description: String {
    "machine \(machine) \(isReceipt ? "received" : "sent") $\(amount) "
      + "\(isReceipt ? "from" : "to") machine \(peer), balance $\(balance)"
  }
}
