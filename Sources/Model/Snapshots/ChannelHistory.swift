/// The messages one channel carried before a cut, to check a snapshot's claims against.
///
/// Messages are compared whole, so they must tell one send from another: give each an id, or
/// compare the pair of source and reading. Two messages of the same value are not the same.
public struct ChannelHistory<Message: Equatable & Sendable>: Equatable, Sendable {
  /// The channel.
  public let channel: ChannelID
  /// What its source sent before it recorded, in order.
  public var sent: [Message]
  /// What its target received before it recorded, in order.
  public var received: [Message]

  /// Makes the history of `channel`.
  public init(channel: ChannelID, sent: [Message] = [], received: [Message] = []) {
    self.channel = channel
    self.sent = sent
    self.received = received
  }

  /// Checks a recorded channel state against the history.
  ///
  /// They agree when what was received is the beginning of what was sent, and `recorded` is all
  /// the rest: the same messages in the same order, no more and no fewer.
  ///
  /// - Parameter recorded: The messages a snapshot says were in transit, in order.
  /// - Returns: How the two contradict each other; nil when they agree exactly.
  public func violation(recorded: [Message]) -> CutViolation? {
    for (index, message) in received.enumerated()
    where index >= sent.count || sent[index] != message {
      return .receivedNotSent(channel, index: index)
    }
    let inTransit = sent.dropFirst(received.count)
    if inTransit.elementsEqual(recorded) { return nil }
    let agreeing = zip(inTransit, recorded).prefix { $0 == $1 }.count
    return .contentsDiffer(channel, index: agreeing)
  }
}

extension GlobalSnapshot where Message: Equatable {
  /// Checks every channel state of the snapshot against the messages the channel carried.
  ///
  /// - Parameter histories: One per channel, of what was sent and received before the cut.
  /// - Returns: One violation per channel that differs; empty when the snapshot is exact.
  public func violations(against histories: [ChannelHistory<Message>]) -> [CutViolation] {
    let states = Dictionary(
      parts.flatMap(\.channels).map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
    return histories.compactMap { history in
      guard let state = states[history.channel], state.incompleteBecause == nil else {
        return .channelMissing(history.channel)
      }
      return history.violation(recorded: state.messages)
    }
  }
}
