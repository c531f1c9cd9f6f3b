import ScaleModel

/// The delay of each message or marker of a replay in addition to the one tick it always takes: 0
/// to 4 ticks, drawn in the order of sending.
package struct ReplayDelays: Sendable {
  private enum Source: Sendable {
    case list([Int])
    case generator(SplitMix64)
  }

  private var source: Source
  private var drawnCount = 0

  private static let delayMax = 4

  /// Draws delays from a seed, all equally likely.
  package init(seed: UInt64) {
    source = .generator(SplitMix64(seed: seed, purpose: .delays))
  }

  /// Uses the delays that a file lists, one per line, from its first line.
  ///
  /// - Throws: The first line that is not a delay.
  package init(parsing text: String) throws(ReplayError) {
    var delays: [Int] = []
    for line in WordLines(text).lines {
      guard line.words.count == 1, let delay = line.words[0].asCount, delay <= Self.delayMax else {
        throw ReplayError(
          .delays, line: line.number,
          .malformed(found: line.shown, expected: "a delay: a number from 0 to \(Self.delayMax)"))
      }
      delays.append(delay)
    }
    source = .list(delays)
  }

  /// Draws the next delay, in ticks.
  ///
  /// - Throws: That the list is used up.
  mutating func next() throws(ReplayError) -> Int {
    switch source {
    case .list(let delays):
      guard drawnCount < delays.count else {
        throw ReplayError(
          .delays, line: delays.count + 1, .delaysUsedUp(count: delays.count))
      }
      drawnCount += 1
      return delays[drawnCount - 1]
    case .generator(var random):
      let delay = Int(random.draw(below: UInt64(Self.delayMax + 1)))
      source = .generator(random)
      return delay
    }
  }
}
