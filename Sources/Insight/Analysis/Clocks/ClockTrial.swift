import LogicalTime
import RunRecord

/// A clock as a comparison reads it.
protocol ComparedClock: CausalClock {
  /// Its largest counter; nil when it has none.
  var largestCounter: UInt64? { get }
  /// The time that it puts in the place of physical time; nil when it does not.
  var hybridTime: Int64? { get }
}

extension ComparedClock {
  var hybridTime: Int64? { nil }
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
}

extension PlausibleClock: ComparedClock {
  var largestCounter: UInt64? { counts.max() }
}

extension BloomClock: ComparedClock {
  var largestCounter: UInt64? { cells.max() }
}

/// One kind of clock on a run: every machine's clock, and what was counted.
///
/// It is made of closures, so that the code of each is compiled for its type of clock.
struct ClockTrial {
  /// Advances the clock of an event's machine; the slots are those of the message that the event
  /// receives and of the one that it sends.
  let advance: (_ event: ClockedEvent, _ received: Int?, _ sent: Int?) -> Void
  /// Keeps the stamp of the machine's latest event in slots for pairs.
  let keep: (Range<Int>, MachineID) -> Void
  /// How the events in slots relate to the machine's latest, as the stamps say.
  let orders: (ArraySlice<Int>, MachineID) -> [CausalOrder]
  /// Counts verdicts of this clock, beside the truths.
  let count: ([CausalOrder], [CausalOrder]) -> Void
  /// Releases slots whose pairs were compared.
  let release: (ArraySlice<Int>) -> Void
  /// What was counted.
  let row: (StoredRun, ClockPairs?) -> ClockRow

  /// Makes the trial of a type of clock.
  init<Clock: ComparedClock>(_ trial: TypedTrial<Clock>) {
    advance = { trial.advance(for: $0, receiving: $1, sending: $2) }
    keep = { trial.keep(in: $0, of: $1) }
    orders = { trial.orders(of: $0, to: $1) }
    count = { trial.count($0, truths: $1) }
    release = { trial.release($0) }
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

  func advance(for event: ClockedEvent, receiving received: Int?, sending sent: Int?) {
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
    sendCount += 1
    byteCount += count
    byteCountMax = max(byteCountMax, count)
  }

  func keep(in slots: Range<Int>, of machine: MachineID) {
    for slot in slots { kept[slot] = clocks[machine.index] }
  }

  func orders(of slots: ArraySlice<Int>, to machine: MachineID) -> [CausalOrder] {
    slots.map { kept[$0]?.order(to: clocks[machine.index]) ?? .same }
  }

  func count(_ said: [CausalOrder], truths: [CausalOrder]) {
    for (said, truth) in zip(said, truths) { verdicts.add(said, truth: truth) }
  }

  func release(_ slots: ArraySlice<Int>) {
    for slot in slots { kept[slot] = nil }
  }

  func row(of run: StoredRun, _ pairs: ClockPairs?) -> ClockRow {
    // Counters never decrease, except a hybrid clock's.
    let final = clocks.lazy.compactMap(\.largestCounter).max().map { max($0, counterMax) }
    let interval = pairs?.isSample == true ? verdicts.interval : nil
    let law = eventCount > 0 && refuses == nil ? HybridClockLaw(run.manifest) : nil
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
      case .aheadP99S: Cell(ahead.cell(atRank: rank).map { Double($0.range.upperBound) / 1e9 })
      case .aheadMaxS: Cell(eventCount > 0 ? Double(ahead.maximum) / 1e9 : nil)
      case .counterMax: final.map { .count($0) } ?? .none
      case .predictedAheadShare: Cell(law?.aheadShare)
      case .predictedAheadMeanS: Cell(law?.aheadMeanSeconds)
      case .refused: refuses == nil ? .none : Cell(refusedCount)
      }
    }
  }
}
