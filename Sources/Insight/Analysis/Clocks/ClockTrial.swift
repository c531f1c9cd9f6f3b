import LogicalTime
import RunRecord

/// A clock as a comparison reads it.
protocol ComparedClock: CausalClock {
  /// Its largest counter; nil when it has none.
  var largestCounter: UInt64? { get }
  /// The time that it puts in the place of physical time; nil when it does not.
  var hybridTime: Int64? { get }
  /// How many entries its stamp has now; nil when that never changes.
  var entryCount: Int? { get }
}

extension ComparedClock {
  var hybridTime: Int64? { nil }
  var entryCount: Int? { nil }
}

extension LamportClock: ComparedClock {
  var largestCounter: UInt64? { reading }
}

extension VectorClock: ComparedClock {
  var largestCounter: UInt64? { counts.max() }
}

extension MatrixClock: ComparedClock {
  var largestCounter: UInt64? { own.counts.max() }
}

extension IntervalTreeClock: ComparedClock {
  var largestCounter: UInt64? { nil }
}

extension HybridClock: ComparedClock {
  var largestCounter: UInt64? { counter }
  var hybridTime: Int64? { time }
}

extension HybridVectorClock: ComparedClock {
  var largestCounter: UInt64? { nil }
  var entryCount: Int? { entries.count }
}

extension PlausibleClock: ComparedClock {
  var largestCounter: UInt64? { counts.max() }
}

extension BloomClock: ComparedClock {
  var largestCounter: UInt64? { cells.max() }
}

/// Consecutive events of a run, as the trials of clocks read them.
struct ClockedBlock {
  /// An event, and what becomes of its stamp.
  struct Event {
    /// What clocks may use of it.
    let event: ClockedEvent
    /// The slot of the message that it receives; nil for none.
    let received: Int?
    /// The slot of the message that it sends; nil for none.
    let sent: Int?
    /// The slots of pairs that keep its stamp.
    let kept: Range<Int>
    /// Where the slots of the pairs that end with it are in ``ClockedBlock/slots``.
    let compared: Range<Int>
  }

  /// The events, in order.
  var events: [Event] = []
  /// The slots of pairs, in the order of their later events.
  let slots: [Int]
  /// Whether a slot is needed only once.
  let releases: Bool
}

/// One kind of clock on a run: every machine's clock, and what was counted.
///
/// It is made of closures, so that the code of each is compiled for its type of clock. Trials share
/// nothing: those of several clocks may go through the same block at once.
struct ClockTrial {
  /// Advances the clocks of the events' machines, one event after the other; returns how the
  /// earlier event of each pair relates to the later one, as the stamps say.
  let pass: (ClockedBlock) -> [CausalOrder]
  /// Counts verdicts of this clock, beside the truths.
  let count: ([CausalOrder], [CausalOrder]) -> Void
  /// What was counted.
  let row: (StoredRun, ClockPairs?) -> ClockRow

  /// Makes the trial of a type of clock.
  init<Clock: ComparedClock>(_ trial: TypedTrial<Clock>) {
    pass = { trial.pass($0) }
    count = { trial.count($0, truths: $1) }
    row = { trial.row(of: $0, $1) }
  }
}

/// What is counted of one type of clock.
final class TypedTrial<Clock: ComparedClock> {
  private let name: String
  private var clocks: [Clock]
  /// The stamps of messages on their way, by slot.
  private var messages: [Clock?] = []
  /// The stamps of the earlier events of pairs, by slot.
  private var kept: [Clock?]
  private var verdicts = PairVerdicts()
  private var (sendCount, byteCount, byteCountMax) = (0, 0, 0)
  /// The sum over all sends; nil before the first, and where stamps have always as many.
  private var entryCount: Int?
  private var counterMax: UInt64 = 0
  private var ahead = RankCounts()
  private var (eventCount, aheadCount, aheadSum) = (0, 0, 0.0)

  /// Whether a clock refuses a message; nil when it never does.
  private let refuses: ((ClockedEvent, Clock) -> Bool)?
  private var refusedCount = 0

  /// Makes the trial.
  ///
  /// - Parameters:
  ///   - name: The clock's name in the table.
  ///   - slotCount: How many slots pairs have.
  ///   - clocks: The clock of each machine.
  ///   - refuses: Whether a clock refuses a message: its receipt is then an event of the machine's
  ///     own. Nil for clocks that never do.
  init(
    _ name: String, slotCount: Int, _ clocks: [Clock],
    refuses: ((ClockedEvent, Clock) -> Bool)? = nil
  ) {
    (self.name, self.clocks, self.refuses) = (name, clocks, refuses)
    kept = Array(repeating: nil, count: slotCount)
  }

  func pass(_ block: ClockedBlock) -> [CausalOrder] {
    var said: [CausalOrder] = []
    for event in block.events {
      advance(for: event.event, receiving: event.received, sending: event.sent)
      let index = event.event.machine.index
      for slot in block.slots[event.compared] {
        said.append(kept[slot]?.order(to: clocks[index]) ?? .same)
        if block.releases { kept[slot] = nil }
      }
      for slot in event.kept { kept[slot] = clocks[index] }
    }
    return said
  }

  private func advance(
    for event: ClockedEvent, receiving received: Int?, sending sent: Int?
  ) {
    let index = event.machine.index
    var message = received.flatMap { messages[$0] }
    if let refuses, let received = message, refuses(event, received) {
      refusedCount += 1
      message = nil
    }
    clocks[index].advance(for: event, receiving: message)
    if let time = clocks[index].hybridTime {
      eventCount += 1
      counterMax = max(counterMax, clocks[index].largestCounter ?? 0)
      let (above, overflows) = time.subtractingReportingOverflow(event.physicalTime)
      let distance = overflows ? .max : above
      ahead.add(distance)
      aheadCount += distance > 0 ? 1 : 0
      aheadSum += Double(distance)
    }
    guard let sent else { return }
    if sent >= messages.count {
      messages += [Clock?](repeating: nil, count: sent + 1 - messages.count)
    }
    messages[sent] = clocks[index]
    let count = clocks[index].byteCount
    if let entries = clocks[index].entryCount { entryCount = (entryCount ?? 0) + entries }
    sendCount += 1
    byteCount += count
    byteCountMax = max(byteCountMax, count)
  }

  func count(_ said: [CausalOrder], truths: [CausalOrder]) {
    for (said, truth) in zip(said, truths) { verdicts.add(said, truth: truth) }
  }

  func row(of run: StoredRun, _ pairs: ClockPairs?) -> ClockRow {
    // Counters never decrease, except a hybrid clock's.
    let final = clocks.lazy.compactMap(\.largestCounter).max().map { max($0, counterMax) }
    let interval = pairs?.isSample == true ? verdicts.interval : nil
    let law = eventCount > 0 && refuses == nil ? HybridClockLaw(run.manifest) : nil
    let entryLaw = entryCount == nil ? nil : HybridVectorLaw(run.manifest)
    let rank = nearestRank(percent: 99, of: eventCount)
    return ClockRow { column in
      switch column {
      case .run: .text(run.name)
      case .clock: .text(name)
      case .bytesMean: Cell(Double(byteCount), by: sendCount)
      case .bytesMax: Cell(sendCount > 0 ? byteCountMax : nil)
      case .pairs: Cell(pairs?.count)
      case .pairsSampled: pairs == nil ? .none : Cell(verdicts.count)
      case .concurrentPairs: pairs == nil ? .none : Cell(verdicts.concurrentCount)
      case .orderedConcurrentShare: Cell(verdicts.orderedShare)
      case .orderedLow: Cell(interval?.lowerBound ?? verdicts.orderedShare)
      case .orderedHigh: Cell(interval?.upperBound ?? verdicts.orderedShare)
      case .wrong: pairs == nil ? .none : Cell(verdicts.wrongCount)
      case .aheadShare: Cell(Double(aheadCount), by: eventCount)
      case .aheadMeanS: Cell(aheadSum / 1e9, by: eventCount)
      case .aheadP99S:
        Cell(
          ahead.cell(atRank: rank).map { Double(min($0.range.upperBound, ahead.maximum)) / 1e9 })
      case .aheadMaxS: Cell(eventCount > 0 ? Double(ahead.maximum) / 1e9 : nil)
      case .counterMax: final.map { .count($0) } ?? .none
      case .predictedAheadShare: Cell(law?.aheadShare)
      case .predictedAheadMeanS: Cell(law?.aheadMeanSeconds)
      case .entriesMean: Cell(entryCount.map { Double($0) / Double(sendCount) })
      case .predictedEntriesMean: Cell(entryLaw?.entryMean)
      case .refused: refuses == nil ? .none : Cell(refusedCount)
      }
    }
  }
}
