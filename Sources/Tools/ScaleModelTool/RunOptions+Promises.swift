import CommandLineKit
import ScaleModel

extension RunOptions {
  static let order = Option<ChannelPromises.Order>.word(
    "--order", help: "fifo, or none: messages of one channel may overtake (fifo)")
  static let loss = probability(
    "--loss", help: "how likely a message or marker is lost on its way (0)")
  static let duplicate = probability(
    "--duplicate", help: "how likely a message or marker arrives twice (0)")

  private static func probability(_ name: String, help: String) -> Option<Double> {
    Option(name, "P", help: help, expected: "a probability from 0 to 1, such as 0.2") {
      ChannelPromises.probability($0)
    }
  }

  /// What the channels of a run promise.
  ///
  /// - Throws: `UsageError` for words that are none.
  static func promises(_ words: ParsedWords) throws(UsageError) -> ChannelPromises {
    ChannelPromises(
      order: try words.value(of: order) ?? .fifo, loss: try words.value(of: loss) ?? 0,
      duplicate: try words.value(of: duplicate) ?? 0)
  }
}
