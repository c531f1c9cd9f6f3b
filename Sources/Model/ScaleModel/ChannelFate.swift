import LogicalTime

/// What becomes of one message or marker on a channel that may lose or double it.
package struct ChannelFate {
  /// How many copies arrive: 0, 1 or 2.
  package let copyCount: Int
  /// Gives the delays of the copies, where each has its own.
  package var random: SplitMix64

  /// The fate of a message.
  ///
  /// - Parameters:
  ///   - promises: What the channel promises.
  ///   - seed: The run's seed.
  ///   - channel: The channel's ends.
  ///   - messageIndex: How many messages were sent on it before.
  package init(
    _ promises: ChannelPromises, seed: UInt64, channel: (source: MachineID, target: MachineID),
    messageIndex: UInt64
  ) {
    self.init(promises, seed: seed, purpose: .fates, channel: channel, key: messageIndex)
  }

  /// The fate of a snapshot's marker; it does not depend on the channel's messages, nor they on it.
  package init(
    _ promises: ChannelPromises, seed: UInt64, channel: (source: MachineID, target: MachineID),
    markerWord: UInt64
  ) {
    self.init(promises, seed: seed, purpose: .markerFates, channel: channel, key: markerWord)
  }

  private init(
    _ promises: ChannelPromises, seed: UInt64, purpose: SplitMix64.StreamPurpose,
    channel: (source: MachineID, target: MachineID), key: UInt64
  ) {
    let index = UInt64(channel.source.number) << 32 | UInt64(channel.target.number)
    var first = SplitMix64(seed: seed, purpose: purpose, index: index)
    // Mixed, so that the streams of neighbouring keys do not overlap.
    random = SplitMix64(state: SplitMix64.mixed(first.next() ^ SplitMix64.mixed(key)))
    copyCount = promises.copyCount(&random)
  }
}
