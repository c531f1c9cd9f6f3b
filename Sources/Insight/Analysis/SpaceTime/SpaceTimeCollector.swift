import LogicalTime
import RunRecord

/// Keeps the lines of all machines in a range of time, and finds when messages arrived.
final class SpaceTimeCollector: JournalAnalyzer {
  /// One per machine, in id order.
  let machines: [MachineLines]

  /// Makes the collector.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - kept: The range, in nanoseconds since the run's start.
  init(_ run: StoredRun, kept: ClosedRange<Int64>) {
    let columnCount = run.fields.columnCount
    machines = run.journals.map { _ in
      MachineLines(originTime: run.originTime, kept: kept, columnCount: columnCount)
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }
}

/// The lines of one machine in a range of time.
final class MachineLines: JournalObserver {
  private(set) var lines: [JournalLine] = []
  /// The cells of their columns, line by line; see `JournalValues`.
  private(set) var cells: [Int64] = []
  /// The receipts, without the indices of their sends.
  private(set) var receipts: [SpaceTime.Receipt] = []
  /// How many lines precede the kept ones.
  private(set) var firstPosition = 0
  /// How many lines were read.
  private(set) var position = 0

  private let originTime: Int64
  private let kept: ClosedRange<Int64>
  private var latestTime: Int64 = 0
  private var arrivals = Arrivals()

  private let columnCount: Int

  init(originTime: Int64, kept: ClosedRange<Int64>, columnCount: Int) {
    (self.originTime, self.kept, self.columnCount) = (originTime, kept, columnCount)
  }

  func take(_ batch: JournalBatch) {
    for index in batch.lines.indices { take(batch, index) }
  }

  private func take(_ batch: JournalBatch, _ index: Int) {
    let line = batch.lines[index]
    let arrivalPosition = arrivals.pass(line, at: position)
    latestTime = max(latestTime, line.systemTime - originTime)
    if latestTime < kept.lowerBound {
      firstPosition = position + 1
    } else if latestTime <= kept.upperBound {
      if line.kind == .receive {
        receipts.append(
          SpaceTime.Receipt(
            index: lines.count, source: Int(line.peerNumber),
            arrivalIndex: arrivalPosition - firstPosition))
      }
      var line = line
      line.systemTime = latestTime
      lines.append(line)
      for column in 0..<columnCount {
        cells.append(batch.number(inColumn: column, at: index) ?? 0)
      }
    }
    position += 1
  }
}

/// When the messages of one inbox arrived, as far as its queue lengths tell.
private struct Arrivals {
  /// The journal positions before which messages arrived that are not yet received, oldest first,
  /// with how many arrived there.
  private var waiting: [(position: Int, count: Int)] = []
  private var firstWaiting = 0
  private var arrivedCount = 0
  private var receivedCount = 0

  /// Applies the next line.
  ///
  /// - Returns: The position before which the message of this receipt arrived; the line's own when
  ///   it is no receipt, or the lengths contradict each other.
  mutating func pass(_ line: JournalLine, at position: Int) -> Int {
    let isReceipt = line.kind == .receive
    if isReceipt { receivedCount += 1 }
    let newCount = receivedCount + line.queueLength - arrivedCount
    if newCount > 0 {
      waiting.append((position, newCount))
      arrivedCount += newCount
    }
    guard isReceipt, firstWaiting < waiting.count else { return position }
    let arrivalPosition = waiting[firstWaiting].position
    waiting[firstWaiting].count -= 1
    if waiting[firstWaiting].count == 0 { firstWaiting += 1 }
    if firstWaiting > 1000 && firstWaiting > waiting.count / 2 {
      waiting.removeFirst(firstWaiting)
      firstWaiting = 0
    }
    return arrivalPosition
  }
}
