import LogicalTime

/// What a recorder wants done, in the order it wants it done.
public enum SnapshotEffect<Message: Sendable>: Sendable {
  /// Record your state now, and put a marker with this id on the channel to each of the machines.
  ///
  /// One effect because it must be one step: between the recording and the last marker nothing
  /// may be received, sent or changed. Do both before you return to anything else, on the same
  /// channels, and in the same order of sends, as your messages use.
  case record(SnapshotID, sendMarkerTo: [MachineID])

  /// An incoming channel's part in the snapshot is over; keep its state with the recorded one.
  ///
  /// Comes once for every incoming channel, always after ``record(_:sendMarkerTo:)``.
  case channelFinal(SnapshotID, ChannelState<Message>)

  /// The state is recorded and every incoming channel is exact: hand over the part.
  case partComplete(SnapshotID)

  /// The part is over, and something is missing from it: hand over what there is.
  ///
  /// When this machine refused to record at all, there is nothing to hand over but the cause.
  case partAborted(SnapshotID, MissingCause)

  /// A marker was out of place and has changed nothing.
  case markerRefused(SnapshotID, from: MachineID, MarkerRefusal)
}

/// Why a marker changed nothing.
public enum MarkerRefusal: Hashable, Sendable {
  /// This machine's part in the snapshot is over; after an abort such stragglers are normal.
  case finished
  /// The snapshot already had a marker on this channel.
  case repeated
  /// There is no channel from that machine to this one.
  case unknownChannel
  /// The channel was reported closed, and nothing can come from it any more.
  case channelClosed
  /// The id says this machine began the snapshot, and it did not.
  case neverInitiated
}

extension SnapshotEffect: Equatable where Message: Equatable {}
extension SnapshotEffect: Hashable where Message: Hashable {}
