import LogicalTime
import RunRecord

/// Keeps the lines of all machines in a stretch of time, and finds out when messages arrived.
final class SpaceTimeCollector: JournalAnalyzer {
  /// One per machine, in id order.
  let machines: [MachineLines]

  /// - Parameters:
  ///   - run: Whose journals are shown.
  ///   - kept: The stretch, in nanoseconds since the run's start.
  init(_ run: StoredRun, kept: ClosedRange<Int64>) {
    machines = run.journals.map { _ in MachineLines(originTime: run.originTime, kept: kept) }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }
}

/// The lines of one machine in a stretch of time.
final class MachineLines: JournalObserver {
  private(set) var lines: [JournalLine] = []
  /// Their send places are not known yet.
  private(set) var receipts: [SpaceTime.Receipt] = []
  /// How many lines are before those that are kept.
  private(set) var firstPosition = 0
  /// How many lines have been shown.
  private(set) var position = 0

  private let originTime: Int64
  private let kept: ClosedRange<Int64>
  private var latestTime: Int64 = 0
  private var arrivals = Arrivals()

  init(originTime: Int64, kept: ClosedRange<Int64>) {
    (self.originTime, self.kept) = (originTime, kept)
  }

  func take(_ batch: JournalBatch) {
    for line in batch.lines { take(line) }
  }

  private func take(_ line: JournalLine) {
    let arrivalPosition = arrivals.pass(line, at: position)
    latestTime = max(latestTime, line.systemTime - originTime)
    if latestTime < kept.lowerBound {
      firstPosition = position + 1
    } else if latestTime <= kept.upperBound {
      if line.kind == .receive {
        receipts.append(
          SpaceTime.Receipt(
            place: lines.count, source: Int(line.peerNumber),
            arrivalPlace: arrivalPosition - firstPosition))
      }
      var line = line
      line.systemTime = latestTime
      lines.append(line)
    }
    position += 1
  }
}

/// When the messages in one inbox came, as far as the lengths of its queue tell.
private struct Arrivals {
  /// The positions in the journal before which messages came that nobody has received yet, oldest
  /// first, with how many came there.
  private var waiting: [(position: Int, count: Int)] = []
  private var firstWaiting = 0
  private var arrivedCount = 0
  private var receivedCount = 0

  /// Goes on by one line.
  ///
  /// - Returns: The position of the line before which the message that this line receives came; of
  ///   the line itself when the line receives none, or the lengths contradict each other.
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
