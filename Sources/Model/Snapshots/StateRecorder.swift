import LogicalTime

/// One machine's side of a snapshot algorithm, as a value that does no input or output.
///
/// Its owner tells it what happens and carries out the effects it returns, before anything else.
/// ``SnapshotRecorder`` describes the calls that Chandy and Lamport's algorithm needs. The owner of
/// a recorder that counts rounds also calls
///
/// 1. ``sent(_:to:)`` in the step in which it sends a message,
/// 2. ``message(_:of:from:)`` when one arrives, with the ``round`` that its sender attached,
/// 3. ``ended(_:isComplete:)`` when the snapshot is over for all machines.
public protocol StateRecorder<Message>: Sendable {
  /// What machines send each other.
  associatedtype Message: Sendable

  /// The machine that records.
  var machine: MachineID { get }
  /// The number of the snapshot this machine began last, or joined last where rounds are counted.
  var initiatedCount: UInt32 { get }
  /// Whether the recorder must see every message that is sent or arrives.
  var isRecording: Bool { get }
  /// What messages sent now carry beside their content; nil when they carry nothing.
  var round: Round? { get }

  /// Makes the recorder of a machine.
  ///
  /// - Parameters:
  ///   - machine: The machine that records.
  ///   - channels: Knows the machine's channels, in both directions.
  init(machine: MachineID, channels: any ChannelMap)

  /// Begins a snapshot.
  ///
  /// - Returns: The new id, and what to do now.
  mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>])

  /// Handles a control message of a snapshot: a marker, a notice, or a request to record.
  ///
  /// - Parameters:
  ///   - id: The snapshot it belongs to.
  ///   - source: The machine that sent it.
  /// - Returns: What to do now.
  mutating func marker(_ id: SnapshotID, from source: MachineID) -> [SnapshotEffect<Message>]

  /// Takes note of a message that the machine sends in this step.
  mutating func sent(_ message: Message, to target: MachineID)

  /// Handles a message delivered by the channel from `source`, before the program acts on it.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - round: What its sender attached; nil for nothing.
  ///   - source: The machine the channel comes from.
  /// - Returns: What to do now.
  mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>]

  /// Closes the channel from `source`: nothing will come from it any more.
  mutating func channelClosed(from source: MachineID) -> [SnapshotEffect<Message>]

  /// Closes the channel to `target`: it gets no control messages from now on.
  mutating func channelClosed(to target: MachineID)

  /// Ends this machine's part in a snapshot, whatever is missing.
  mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>]

  /// Handles the end of a snapshot: it is over for all machines, complete or partial.
  mutating func ended(_ id: SnapshotID, isComplete: Bool)
}

extension StateRecorder {
  /// Does nothing, for algorithms that wait for no channel.
  public mutating func channelClosed(from source: MachineID) -> [SnapshotEffect<Message>] { [] }
  /// Does nothing, for algorithms that send no control message, or lose it on a closed channel.
  public mutating func channelClosed(to target: MachineID) {}
  /// Nothing, for algorithms whose messages carry nothing.
  public var round: Round? { nil }
  /// Does nothing, for algorithms that need no history of sends.
  public mutating func sent(_ message: Message, to target: MachineID) {}
  /// Does nothing, for algorithms whose parts are whole when they are handed over.
  public mutating func ended(_ id: SnapshotID, isComplete: Bool) {}
}

extension SnapshotRecorder: StateRecorder {
  /// Makes the recorder of a machine that has begun no snapshot.
  public init(machine: MachineID, channels: any ChannelMap) {
    self.init(machine: machine, channels: channels, initiatedCount: 0)
  }

  /// Handles a message; markers say which snapshots it belongs to, so rounds are not looked at.
  @inlinable
  public mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    self.message(message, from: source)
    return []
  }
}
