import ScaleModel

/// What the channels of a run remember of their messages, in channel order.
///
/// All copies share it. Only the source of a channel uses its memory, so several threads may use
/// those of different sources at once.
final class ChannelMemories {
  private let memories: UnsafeMutableBufferPointer<UnreliableChannels.Memory>

  /// Makes the memories of channels that nothing was sent on; none are needed for a fixed delay.
  init(channelCount: Int) {
    memories = .allocate(capacity: channelCount)
    memories.initialize(repeating: UnreliableChannels.Memory())
  }

  deinit { memories.deallocate() }

  /// Whether no channel has one.
  var isEmpty: Bool { memories.isEmpty }

  /// How many bytes they occupy.
  var byteCount: Int { memories.count * MemoryLayout<UnreliableChannels.Memory>.stride }

  /// The memory of a channel.
  subscript(channelIndex: Int) -> UnreliableChannels.Memory {
    get { memories[channelIndex] }
    set { memories[channelIndex] = newValue }
  }

  /// Forgets all messages.
  func forget() { memories.update(repeating: UnreliableChannels.Memory()) }
}
