/// The messages in transit on one channel at the cut.
///
/// The source sent them before it recorded; the target received them after it recorded and before
/// the channel's marker.
public struct ChannelState<Message: Sendable>: Sendable {
  /// The channel.
  public let channel: ChannelID
  /// The messages, in the order they were sent; often none.
  public let messages: [Message]
  /// Why messages may be missing; nil when a marker came and the list is exact.
  public let incompleteBecause: MissingCause?

  /// Makes the state of `channel`: exact unless a cause is given.
  @inlinable
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
