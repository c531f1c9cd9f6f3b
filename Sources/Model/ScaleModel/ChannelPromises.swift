/// What the channels of a run promise: by default order, and that each message arrives once.
public struct ChannelPromises: Hashable, Sendable {
  /// In which order the messages of one channel arrive.
  public enum Order: String, Hashable, Sendable, CaseIterable {
    /// In the order of their sends.
    case fifo
    /// In any order: each message takes its own delay, and may overtake others.
    case none
  }

  /// What carries messages between machines in wall time.
  public enum Transport: String, Hashable, Sendable, CaseIterable {
    /// A connection for each pair of machines, which keeps order and every message.
    case tcp
    /// Datagrams, which the system may lose, double and reorder.
    case udp
  }

  /// In which order messages arrive.
  public var order: Order
  /// How likely a message is lost on its way, from 0 to 1.
  public var loss: Double
  /// How likely a message that is not lost arrives twice, from 0 to 1.
  public var duplicate: Double

  /// What carries messages; in virtual time always ``Transport/tcp``, which adds nothing.
  public var transport: Transport

  /// Makes promises; by default channels are reliable and FIFO.
  public init(
    order: Order = .fifo, loss: Double = 0, duplicate: Double = 0, transport: Transport = .tcp
  ) {
    (self.order, self.loss, self.duplicate) = (order, loss, duplicate)
    self.transport = transport
  }

  /// Whether channels are reliable and FIFO.
  public var isUsual: Bool { isOrdered && isExactlyOnce }
  /// Whether the messages of one channel arrive in the order of their sends.
  public var isOrdered: Bool { order == .fifo && transport == .tcp }
  /// Whether every message arrives exactly once.
  public var isExactlyOnce: Bool { loss == 0 && duplicate == 0 && transport == .tcp }

  /// Whether the plan itself draws what becomes of each message, besides what a transport does.
  public var drawsFates: Bool { order == .none || loss > 0 || duplicate > 0 }

  /// Reads a probability from 0 to 1; nil for anything else.
  package static func probability(_ text: String) -> Double? {
    Double(text).flatMap { 0...1 ~= $0 ? $0 : nil }
  }

  /// Draws how many copies of something sent arrive: 0, 1 or 2.
  ///
  /// Always two numbers are drawn, so that what is drawn later depends on neither.
  package func copyCount(_ random: inout SplitMix64) -> Int {
    let (isLost, isDoubled) = (random.drawFraction() < loss, random.drawFraction() < duplicate)
    return isLost ? 0 : isDoubled ? 2 : 1
  }
}
