/// What was on its way on one channel when the snapshot cut through it.
///
/// The messages its source sent before recording and its target received after recording, as the
/// target found them between its own recording and the channel's marker.
public struct ChannelState<Message: Sendable>: Sendable {
  /// The channel.
  public let channel: ChannelID
  /// The messages, in the order they were sent; often none.
  public let messages: [Message]
  /// Why these may not be all the messages; nil when a marker came, and they are exactly all.
  public let incompleteBecause: MissingCause?

  /// Makes the state of `channel`: exact unless a cause says why not.
  public init(
    channel: ChannelID, messages: [Message], incompleteBecause: MissingCause? = nil
  ) {
    self.channel = channel
    self.messages = messages
    self.incompleteBecause = incompleteBecause
  }
}

extension ChannelState: Equatable where Message: Equatable {}
extension ChannelState: Hashable where Message: Hashable {}
extension ChannelState: Encodable where Message: Encodable {}
extension ChannelState: Decodable where Message: Decodable {}
