import LogicalTime

/// What one machine sends another: the reading of the send, and the workload's payload.
///
/// Source and reading together name a message: no two sends of one machine share a reading. A send
/// to several machines is one event, so its copies differ only in their channels.
@frozen
public struct Message<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// The clock reading of the send, which is an event of `source`.
  public let reading: UInt64
  /// The machine that sent it.
  public let source: MachineID
  /// The number of the round that its sender was in, for snapshot algorithms that count rounds;
  /// otherwise zero.
  public let round: UInt32
  /// The workload's addition; empty for ``Chatter``.
  public let payload: Payload

  /// Makes a message.
  @inlinable
  public init(source: MachineID, reading: UInt64, payload: Payload, round: UInt32 = 0) {
    self.source = source
    self.round = round
    self.reading = reading
    self.payload = payload
  }
}

/// The payload of a workload whose messages carry only their reading.
@frozen
public struct NoPayload: Hashable, Sendable {
  /// Makes the only value there is.
  @inlinable public init() {}
}
