import LogicalTime
import ScaleModel

/// An event printed while a run goes on: every tick, or only those that send, receive or come by
/// hand when messages have fields.
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
  /// The values of the message's fields; empty without a message.
  package var message: [FieldValue]
  /// The values of the state's fields after the event, those in journals.
  package var state: [FieldValue]

  /// Makes an event from its parts.
  package init(
    systemTime: Int64, machine: MachineID, kind: Event.Kind, peer: MachineID?, reading: UInt64,
    queueLength: Int, messageReading: UInt64 = 0, message: [FieldValue] = [],
    state: [FieldValue] = []
  ) {
    self.systemTime = systemTime
    self.machine = machine
    self.kind = kind
    self.peer = peer
    self.reading = reading
    self.queueLength = queueLength
    self.messageReading = messageReading
    self.message = message
    self.state = state
  }

  /// Makes the event to print; nil for a snapshot, and for an internal event when messages have
  /// fields.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - machine: Its machine.
  ///   - systemTime: Its time.
  ///   - payload: What its message carries; nil when it has none.
  ///   - workload: The machine's workload after the event.
  ///   - fields: The workload's fields.
  ///   - resolve: Returns the machine behind a neighbour.
  package init?<Work: Workload>(
    _ event: Event, of machine: MachineID, systemTime: Int64, payload: Work.Payload?,
    workload: Work, fields: WorkloadFields<Work>, resolve: (Neighbour) -> MachineID
  ) {
    guard event.kind != .snapshot, event.kind != .internal || fields.message.isEmpty else {
      return nil
    }
    let peer: MachineID? =
      switch event.peer {
      case .neighbour(let neighbour): resolve(neighbour)
      case .machine(let source): source
      case .none, .all: nil
      }
    self.init(
      systemTime: systemTime, machine: machine, kind: event.kind, peer: peer,
      reading: event.reading, queueLength: event.queueLength,
      messageReading: event.kind == .receive ? event.messageReading : 0,
      message: payload.map { fields.values(of: $0) } ?? [],
      state: fields.journaledState.map { $0.value(in: workload) })
  }

  /// The event in words, and its result: the workload's state, or else clock and queue.
  package func words(_ names: FieldNames) -> String {
    let state = zip(names.journaledState, state).map { "\($0.name) \(Self.shown($1))" }
    return "machine \(machine) \(deed(names)): "
      + (state.isEmpty ? "clock \(reading), queue \(queueLength)" : state.joined(separator: ", "))
  }

  private func deed(_ names: FieldNames) -> String {
    let fields = zip(names.message, message).filter { $0.1 != .nothing }
      .map { "\($0.name) \(Self.shown($1))" }.joined(separator: ", ")
    let target = peer.map { "machine \($0)" } ?? "all"
    return switch kind {
    case .send: "sent \(fields.isEmpty ? "" : fields + " ")to \(target)"
    case .receive: "received \(fields.isEmpty ? "\(messageReading)" : fields) from \(target)"
    case .deposit: "took in \(fields) by hand"
    case .withdraw: "paid out \(fields) by hand"
    case .internal, .snapshot: "did something internal"
    }
  }

  /// A value as the line shows it; a missing one as a dash.
  private static func shown(_ value: FieldValue) -> String {
    value == .nothing ? "–" : "\(value)"
  }
}
