import LogicalTime
import ScaleModel

/// An event printed while a run goes on: in a bank only events that move money, otherwise every
/// tick.
package struct ToldEvent: Hashable, Sendable {
  /// The system time, in nanoseconds (virtual: since the start).
  package var systemTime: Int64
  /// The machine of the event.
  package var machine: MachineID
  /// The kind of event.
  package var kind: Event.Kind
  /// The target of a send or the source of a receipt; nil for a send to all neighbours and for
  /// events without a peer.
  package var peer: MachineID?
  /// The clock after the event.
  package var reading: UInt64
  /// How many messages wait in the inbox after the event.
  package var queueLength: Int
  /// The reading that a received message carries; zero for other events.
  package var messageReading: UInt64 = 0
  /// The money that moved; nil when the workload has no money.
  package var amount: Int64?
  /// The money on the account afterwards; nil when the workload has no money.
  package var balance: Int64?

  /// Makes an event of its parts.
  package init(
    systemTime: Int64, machine: MachineID, kind: Event.Kind, peer: MachineID?, reading: UInt64,
    queueLength: Int, messageReading: UInt64 = 0, amount: Int64? = nil, balance: Int64? = nil
  ) {
    self.systemTime = systemTime
    self.machine = machine
    self.kind = kind
    self.peer = peer
    self.reading = reading
    self.queueLength = queueLength
    self.messageReading = messageReading
    self.amount = amount
    self.balance = balance
  }

  /// Makes the event to print; nil for a snapshot, and for an event of a bank that moves no money.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - machine: Its machine.
  ///   - systemTime: Its time.
  ///   - resolve: Returns the machine behind a neighbour.
  package init?(
    _ event: Event, of machine: MachineID, systemTime: Int64, resolve: (Neighbour) -> MachineID
  ) {
    guard event.kind != .snapshot, event.balance == nil || event.amount != nil else { return nil }
    let peer: MachineID? =
      switch event.peer {
      case .neighbour(let neighbour): resolve(neighbour)
      case .machine(let source): source
      case .none, .all: nil
      }
    self.init(
      systemTime: systemTime, machine: machine, kind: event.kind, peer: peer,
      reading: event.reading, queueLength: event.queueLength,
      messageReading: event.kind == .receive ? event.messageReading : 0, amount: event.amount,
      balance: event.balance)
  }
}

extension ToldEvent: CustomStringConvertible {
  /// The event and its result: the balance of a bank, otherwise clock and queue.
  package var description: String {
    guard let balance else {
      return "machine \(machine) \(deed): clock \(reading), queue \(queueLength)"
    }
    return "machine \(machine) \(movement), balance $\(balance)"
  }

  private var deed: String {
    switch (kind, peer) {
    case (.send, let peer?): "sent to machine \(peer)"
    case (.send, nil): "sent to all"
    case (.receive, let peer?): "received \(messageReading) from machine \(peer)"
    case (.receive, nil), (.internal, _), (.snapshot, _), (.deposit, _), (.withdraw, _):
      "did something internal"
    }
  }

  private var movement: String {
    let (amount, peer) = (amount ?? 0, peer.map { "\($0)" } ?? "-")
    return switch kind {
    case .receive: "received $\(amount) from machine \(peer)"
    case .deposit: "took in $\(amount) by hand"
    case .withdraw: "paid out $\(amount) by hand"
    case .send, .internal, .snapshot: "sent $\(amount) to machine \(peer)"
    }
  }
}
