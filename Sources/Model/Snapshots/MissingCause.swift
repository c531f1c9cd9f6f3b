/// Why something is missing from a snapshot.
public enum MissingCause: String, Hashable, Codable, Sendable, CaseIterable {
  /// No machine has reported on it (yet).
  case notReported = "not reported"
  /// The machine died before it recorded its state.
  case diedBeforeRecording = "died before recording"
  /// The machine recorded its state, but died before it could hand over its part.
  case diedAfterRecording = "died after recording"
  /// The channel had ended before its target recorded, so no marker could come.
  case channelClosedBeforeRecording = "channel closed before recording"
  /// The channel ended while its target waited for the marker.
  case channelClosedWhileRecording = "channel closed while recording"
  /// The requester's timeout expired.
  case timedOut = "timed out"
  /// The run ended first.
  case runEnded = "run ended"
  /// No path of channels leads to the machine from the initiator.
  case unreachable = "unreachable"
  /// The machine was already recording as many snapshots as it can at a time.
  case tooManySnapshots = "too many snapshots"
  /// A machine died, and all went back to an earlier snapshot.
  case rolledBack = "rolled back"
}

extension MissingCause: CustomStringConvertible {
  /// The cause in words, as files write it.
  public var description: String { rawValue }
}
