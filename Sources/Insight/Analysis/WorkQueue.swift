import SystemCalls

/// What is left to do in a window, dealt out piece by piece to the threads that do it.
///
/// A block's lines come in several pieces when there are few blocks, and whoever is free gets the
/// next piece of the block that has the most left: so all threads are done at about the same time,
/// also when three machines share two processors. Nobody has two pieces of a block at once.
final class WorkQueue {
  /// Something that one thread does without a pause.
  enum Piece: Hashable {
    /// An examination joins the window before.
    case joining(examination: Int)
    /// The next lines of a block of machines.
    case lines(block: Int)
  }

  private let lock = ThreadLock()
  private var examinations: Range<Int>
  private var blocks: [Block]

  private struct Block {
    let load: Double
    var pieceCount: Int
    var isDealt = false
    var left: Double { load * Double(pieceCount) }
    var canBeDealt: Bool { pieceCount > 0 && !isDealt }
  }

  /// Makes a deal.
  ///
  /// - Parameters:
  ///   - examinationCount: How many examinations join.
  ///   - loads: About how many lines a piece of each block has, compared with the others.
  ///   - pieceCount: How many pieces each block has.
  init(examinationCount: Int, loads: [Double], pieceCount: Int) {
    examinations = 0..<examinationCount
    blocks = loads.map { Block(load: $0, pieceCount: pieceCount) }
  }

  /// Takes the next piece; a thread does that when it has done the one it took before.
  ///
  /// - Parameter done: The piece taken before.
  /// - Returns: Nil when all pieces are done or with other threads.
  func next(after done: Piece?) -> Piece? {
    lock.withLock {
      if case .lines(let block) = done { blocks[block].isDealt = false }
      // These cannot be divided, so they are not left for the end.
      if let examination = examinations.popFirst() { return .joining(examination: examination) }
      let free = blocks.indices.lazy.filter { self.blocks[$0].canBeDealt }
      guard let block = free.max(by: { blocks[$0].left < blocks[$1].left }) else { return nil }
      blocks[block].isDealt = true
      blocks[block].pieceCount -= 1
      return .lines(block: block)
    }
  }
}
