import LogicalTime

/// One snapshot in progress on one machine: the messages received since, channel by channel.
///
/// - Invariant: `channels` ascend by source, and `openCount` of them are open.
@usableFromInline
struct Recording<Message: Sendable>: Sendable {
  /// One incoming channel.
  @usableFromInline
  struct Channel: Sendable {
    /// The sending machine.
    @usableFromInline let source: MachineID
    /// Whether the marker is still to come.
    @usableFromInline var isOpen = true
    /// The messages received since the machine recorded; empty once the channel is closed.
    @usableFromInline var messages: [Message] = []

    @inlinable init(source: MachineID) { self.source = source }
  }

  /// The snapshot.
  @usableFromInline let id: SnapshotID
  /// The incoming channels.
  @usableFromInline var channels: [Channel]
  /// How many channels wait for their marker.
  @usableFromInline var openCount: Int
  /// Why the part is incomplete: the first cause; nil while nothing is missing.
  @usableFromInline var incompleteBecause: MissingCause?

  /// Begins to record the channels from `sources`.
  @inlinable
  init(id: SnapshotID, sources: [MachineID]) {
    self.id = id
    channels = sources.sorted().map { Channel(source: $0) }
    openCount = channels.count
  }

  /// The machines whose markers are still to come, ascending.
  var openSources: [MachineID] { channels.filter(\.isOpen).map(\.source) }

  /// The index of the channel from `source`; nil when there is none.
  @inlinable
  func index(of source: MachineID) -> Int? { channels.index(of: source) { $0.source } }

  /// Keeps a message, if its channel is still open.
  @inlinable
  mutating func keep(_ message: Message, from source: MachineID) {
    guard let index = index(of: source), channels[index].isOpen else { return }
    channels[index].messages.append(message)
  }

  /// Ends an open channel and releases its messages.
  ///
  /// - Parameters:
  ///   - index: The channel's index in ``channels``.
  ///   - cause: Why no marker ended it; nil when one did.
  /// - Returns: The messages received since the machine recorded, in order.
  @inlinable
  mutating func endChannel(
    at index: Int, incompleteBecause cause: MissingCause?
  ) -> [Message] {
    let messages = channels[index].messages
    channels[index].messages = []
    channels[index].isOpen = false
    openCount -= 1
    incompleteBecause = incompleteBecause ?? cause
    return messages
  }
}
