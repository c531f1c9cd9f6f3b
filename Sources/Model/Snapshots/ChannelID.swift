import LogicalTime

/// The name of a channel: its sending and its receiving machine.
///
/// Channels have a direction; two machines that talk both ways share two channels.
@frozen
public struct ChannelID: Hashable, Comparable, Codable, Sendable {
  /// The machine that sends.
  public let source: MachineID
  /// The machine that receives.
  public let target: MachineID

  /// Names the channel from `source` to `target`.
  @inlinable
  public init(from source: MachineID, to target: MachineID) {
    self.source = source
    self.target = target
  }

  /// Whether the left channel comes first: by source, then by target.
  @inlinable
  public static func < (left: ChannelID, right: ChannelID) -> Bool {
    (left.source, left.target) < (right.source, right.target)
  }
}

extension ChannelID: CustomStringConvertible {
  /// Source and target, as in `0→2`.
  public var description: String { "\(source)→\(target)" }
}
