import CommandLineKit
import ScaleModel

extension RunOptions {
  static let order = Option<ChannelPromises.Order>.word(
    "--order", help: "fifo, or none: messages of one channel may overtake (fifo)")
  static let loss = probability(
    "--loss", help: "how likely a message or marker is lost on its way (0)")
  static let duplicate = probability(
    "--duplicate", help: "how likely a message or marker arrives twice (0)")

  static let transport = Option<ChannelPromises.Transport>.word(
    "--transport", help: "tcp, or udp: datagrams, which the system may lose; wall time (tcp)")

  private static func probability(_ name: String, help: String) -> Option<Double> {
    Option(name, "P", help: help, expected: "a probability from 0 to 1, such as 0.2") {
      ChannelPromises.probability($0)
    }
  }

  /// What the channels of a run promise.
  ///
  /// - Throws: `UsageError` for invalid words, and for datagrams in virtual time.
  static func promises(
    _ words: ParsedWords, _ runtime: RuntimeWord
  ) throws(UsageError) -> ChannelPromises {
    let transport = try words.value(of: transport) ?? .tcp
    guard runtime != .virtual || transport == .tcp else {
      throw .contradiction(
        "--transport udp is for wall time; in virtual time take --loss, --duplicate and --order "
          + "none")
    }
    return ChannelPromises(
      order: try words.value(of: order) ?? .fifo, loss: try words.value(of: loss) ?? 0,
      duplicate: try words.value(of: duplicate) ?? 0, transport: transport)
  }
}
