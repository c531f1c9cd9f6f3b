import SystemCalls

/// The remaining work of a window, which threads take piece by piece.
///
/// A block's lines come in several pieces when there are few blocks, and a free thread gets the
/// next piece of the block with the most left. So all threads finish at about the same time, even
/// when three machines share two processors. No two threads work on one block at once.
final class WorkQueue {
  /// Work that one thread does without a pause.
  enum Piece: Hashable {
    /// An analyzer merges the window before.
    case joining(analyzer: Int)
    /// The next lines of a block of machines.
    case lines(block: Int)
  }

  private let lock = ThreadLock()
  private var analyzers: Range<Int>
  private var blocks: [Block]

  private struct Block {
    let load: Double
    var pieceCount: Int
    var isDealt = false
    var left: Double { load * Double(pieceCount) }
    var canBeDealt: Bool { pieceCount > 0 && !isDealt }
  }

  /// Makes the queue of a window.
  ///
  /// - Parameters:
  ///   - analyzerCount: How many analyzers merge.
  ///   - loads: About how many lines a piece of each block has, relative to the others.
  ///   - pieceCount: How many pieces each block has.
  init(analyzerCount: Int, loads: [Double], pieceCount: Int) {
    analyzers = 0..<analyzerCount
    blocks = loads.map { Block(load: $0, pieceCount: pieceCount) }
  }

  /// Takes the next piece, after the caller has finished its last one.
  ///
  /// - Parameter done: The piece that the caller finished.
  /// - Returns: Nil when all pieces are done or taken by other threads.
  func next(after done: Piece?) -> Piece? {
    lock.withLock {
      if case .lines(let block) = done { blocks[block].isDealt = false }
      // Merges cannot be divided, so they come first.
      if let analyzer = analyzers.popFirst() { return .joining(analyzer: analyzer) }
      let free = blocks.indices.lazy.filter { self.blocks[$0].canBeDealt }
      guard let block = free.max(by: { blocks[$0].left < blocks[$1].left }) else { return nil }
      blocks[block].isDealt = true
      blocks[block].pieceCount -= 1
      return .lines(block: block)
    }
  }
}
