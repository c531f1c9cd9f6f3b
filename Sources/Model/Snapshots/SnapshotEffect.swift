import LogicalTime

/// What the recorder's owner must do, in order.
public enum SnapshotEffect<Message: Sendable>: Sendable {
  /// Record your state now and send a marker with this id to each of the machines.
  ///
  /// This is one effect because it must be one step: receive, send and change nothing between the
  /// recording and the last marker. Send markers on the same channels as your messages, in the
  /// same order.
  case record(SnapshotID, sendMarkerTo: [MachineID])

  /// An incoming channel's state is final; store it with the recorded state.
  ///
  /// Comes once for every incoming channel, always after ``record(_:sendMarkerTo:)``.
  case channelFinal(SnapshotID, ChannelState<Message>)

  /// What the machine knows of messages in transit at the cut; store it with the recorded state.
  ///
  /// Comes right after ``record(_:sendMarkerTo:)``, from the recorders that use rounds.
  case transit(SnapshotID, TransitReport<Message>)

  /// A message was in transit at the cut: hand over a copy, behind the part.
  case caught(SnapshotID, ChannelID, Message)

  /// The state is recorded and every incoming channel is exact, or reported on: hand over the
  /// part.
  case partComplete(SnapshotID)

  /// The part ended with something missing: hand over what there is.
  ///
  /// If this machine refused to record at all, hand over only the cause.
  case partAborted(SnapshotID, MissingCause)

  /// A marker was refused and changed nothing.
  case markerRefused(SnapshotID, from: MachineID, MarkerRefusal)
}

/// Why a marker changed nothing.
public enum MarkerRefusal: Hashable, Sendable {
  /// This machine's part in the snapshot is over; after an abort such late markers are normal.
  case finished
  /// The snapshot already had a marker on this channel.
  case repeated
  /// There is no channel from that machine to this one.
  case unknownChannel
  /// The channel was reported closed.
  case channelClosed
  /// The id names this machine as initiator, but it did not begin the snapshot.
  case neverInitiated
}

extension SnapshotEffect: Equatable where Message: Equatable {}
extension SnapshotEffect: Hashable where Message: Hashable {}
