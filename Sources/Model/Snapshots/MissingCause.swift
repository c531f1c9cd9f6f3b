/// Why something is missing from a snapshot.
public enum MissingCause: String, Hashable, Codable, Sendable, CaseIterable {
  /// Nobody has said anything about it (yet).
  case notReported = "not reported"
  /// The machine died before it recorded its state.
  case diedBeforeRecording = "died before recording"
  /// The machine recorded its state, but died before it could hand over its part.
  case diedAfterRecording = "died after recording"
  /// The channel had ended before its target recorded, so no marker could come.
  case channelClosedBeforeRecording = "channel closed before recording"
  /// The channel ended while its target waited for the marker.
  case channelClosedWhileRecording = "channel closed while recording"
  /// Whoever asked for the snapshot did not want to wait any longer.
  case timedOut = "timed out"
  /// The run was over first.
  case runEnded = "run ended"
  /// No path of channels leads there from the initiator.
  case unreachable = "unreachable"
  /// As many snapshots were under way as a machine records at a time.
  case tooManySnapshots = "too many snapshots"
}

extension MissingCause: CustomStringConvertible {
  /// The cause in words, as files write it.
  public var description: String { rawValue }
}
