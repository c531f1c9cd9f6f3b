/// What is on a channel, oldest first.
///
/// The oldest goes without moving the others, so that a long channel is emptied in as many steps.
package struct ChannelContents<Content: Sendable>: Sendable {
  private var contents: [Content] = []
  /// How many of them are gone.
  private var goneCount = 0
  /// What tells it from others; of the same digest whenever it is empty.
  var digest = Digest.none

  /// From this length on, what is gone stays until it is half of all.
  private static var longCount: Int { 32 }

  /// Adds something behind all others.
  mutating func append(_ content: Content) { contents.append(content) }

  /// Removes and returns what is at a position, from 0.
  mutating func remove(at position: Int) -> Content {
    guard position == 0, count > Self.longCount else {
      return contents.remove(at: goneCount + position)
    }
    let content = contents[goneCount]
    goneCount += 1
    if goneCount * 2 > contents.count {
      contents.removeFirst(goneCount)
      goneCount = 0
    }
    return content
  }
}

extension ChannelContents: RandomAccessCollection {
  /// Zero.
  package var startIndex: Int { 0 }
  /// How much there is.
  package var endIndex: Int { contents.count - goneCount }
  /// What is at a position.
  package subscript(position: Int) -> Content { contents[goneCount + position] }
}
