import Testing

@testable import Analysis

/// Which thread gets which piece of a window.
@Suite("The pieces of a window")
struct WorkQueueTests {
  struct Row: CustomTestStringConvertible {
    let threadCount: Int
    let joinLoads: [Double]
    let loads: [Double]
    let pieceCount: Int
    var testDescription: String { "\(threadCount) threads, \(loads), \(pieceCount) pieces each" }
  }

  @Test(
    "Each piece is taken once, no block by two threads at once; all end at about the same time",
    arguments: [
      Row(threadCount: 1, joinLoads: [4], loads: [4, 5, 6], pieceCount: 1),
      Row(threadCount: 2, joinLoads: [12], loads: [4, 5, 6], pieceCount: 8),
      Row(threadCount: 2, joinLoads: [], loads: [1, 1, 1], pieceCount: 4),
      Row(threadCount: 2, joinLoads: [3], loads: [100, 60, 50], pieceCount: 8),
      Row(threadCount: 4, joinLoads: [1, 2], loads: Array(repeating: 7, count: 9), pieceCount: 8),
      Row(
        threadCount: 16, joinLoads: [1], loads: (1...256).map { Double($0 % 6 + 1) }, pieceCount: 1
      ),
    ])
  func sharing(row: Row) {
    let outcome = Self.simulate(row)
    #expect(outcome.joined == Array(row.joinLoads.indices))
    #expect(outcome.dealtCounts == row.loads.map { _ in row.pieceCount })
    let total =
      row.joinLoads.reduce(0, +) + row.loads.reduce(0, +) * Double(row.pieceCount)
    let largestPiece = max(row.joinLoads.max() ?? 0, row.loads.max() ?? 0)
    #expect(outcome.end <= total / Double(row.threadCount) + largestPiece)
  }

  @Test("A single block goes to one thread; the others get nothing")
  func singleBlock() {
    let outcome = Self.simulate(Row(threadCount: 3, joinLoads: [2], loads: [5], pieceCount: 4))
    #expect(outcome.dealtCounts == [4])
    #expect(outcome.end == 20)
  }

  @Test("Without work there is no piece")
  func nothing() {
    #expect(WorkQueue(analyzerCount: 0, loads: [], pieceCount: 8).next(after: nil) == nil)
  }

  /// The result of sharing pieces among threads that take as long as the loads say.
  struct Outcome {
    var joined: [Int] = []
    var dealtCounts: [Int]
    /// When the last thread finished.
    var end = 0.0
  }

  private static func simulate(_ row: Row) -> Outcome {
    let deal = WorkQueue(
      analyzerCount: row.joinLoads.count, loads: row.loads, pieceCount: row.pieceCount)
    var outcome = Outcome(dealtCounts: row.loads.map { _ in 0 })
    var threads = (0..<row.threadCount).map {
      (number: $0, time: 0.0, piece: WorkQueue.Piece?.none)
    }
    while let index = threads.indices.min(by: { threads[$0].time < threads[$1].time }) {
      outcome.end = max(outcome.end, threads[index].time)
      guard let piece = deal.next(after: threads[index].piece) else {
        threads.remove(at: index)
        continue
      }
      let isHeld = threads.indices.contains { $0 != index && threads[$0].piece == piece }
      #expect(!isHeld)
      switch piece {
      case .joining(let analyzer):
        outcome.joined.append(analyzer)
        threads[index].time += row.joinLoads[analyzer]
      case .lines(let block):
        outcome.dealtCounts[block] += 1
        threads[index].time += row.loads[block]
      }
      threads[index].piece = piece
    }
    return outcome
  }
}
