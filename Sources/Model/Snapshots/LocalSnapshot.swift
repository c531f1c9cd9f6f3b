import LogicalTime

/// One machine's part in a snapshot: its state, and the states of its incoming channels.
///
/// Make it on ``SnapshotEffect/record(_:sendMarkerTo:)``, add to it on
/// ``SnapshotEffect/channelFinal(_:_:)``, and hand it over at the end.
public struct LocalSnapshot<State: Sendable, Message: Sendable>: Sendable {
  /// The snapshot it is part of.
  public let id: SnapshotID
  /// The machine that recorded it.
  public let machine: MachineID
  /// The machine's state at the cut.
  public let state: State
  /// The states of its incoming channels, in the order they became final.
  public private(set) var channels: [ChannelState<Message>]
  /// What it knows of messages in transit, from which ``TransitLedger`` finds its channels; nil
  /// when markers delimit them.
  public var transit: TransitReport<Message>?

  /// Makes the part of a machine that has just recorded `state`.
  public init(
    id: SnapshotID, machine: MachineID, state: State, channels: [ChannelState<Message>] = []
  ) {
    self.id = id
    self.machine = machine
    self.state = state
    self.channels = channels
  }

  /// Adds the state of a channel that is final now.
  public mutating func add(_ channel: ChannelState<Message>) {
    channels.append(channel)
  }
}

extension LocalSnapshot: Equatable where State: Equatable, Message: Equatable {}
extension LocalSnapshot: Hashable where State: Hashable, Message: Hashable {}
extension LocalSnapshot: Encodable where State: Encodable, Message: Encodable {}
extension LocalSnapshot: Decodable where State: Decodable, Message: Decodable {}
