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
protocol ClockTrial: AnyObject {
  /// Advances the clock of an event's machine.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - received: The slot of the message that it receives; nil without one.
  ///   - sent: The slot for the message that it sends; nil without one.
  func advance(for event: ClockedEvent, receiving received: Int?, sending sent: Int?)

  /// Keeps the stamp of the machine's latest event in slots for pairs.
  func keep(in slots: Range<Int>, of machine: MachineID)

  /// How the events in slots relate to the machine's latest, as the stamps say.
  func orders(of slots: ArraySlice<Int>, to machine: MachineID) -> [CausalOrder]

  /// Counts verdicts of this clock.
  func count(_ said: [CausalOrder], truths: [CausalOrder])

  /// Releases slots whose pairs were compared.
  func release(_ slots: ArraySlice<Int>)

  /// What was counted.
  func row(of run: StoredRun, _ pairs: ClockPairs?) -> ClockRow
}

/// The trial of one type of clock.
class TypedTrial<Clock: ComparedClock>: ClockTrial {
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

  init(_ name: String, slotCount: Int, _ clocks: [Clock]) {
    (self.name, self.clocks) = (name, clocks)
    kept = Array(repeating: nil, count: slotCount)
  }

  /// Applies the clock's rule; a subclass may refuse a message.
  func apply(_ event: ClockedEvent, receiving message: Clock?, to clock: inout Clock) {
    clock.advance(for: event, receiving: message)
  }

  /// How many receipts were refused; nil for clocks that refuse none.
  var refusedCount: Int? { nil }

  func advance(for event: ClockedEvent, receiving received: Int?, sending sent: Int?) {
    let index = event.machine.index
    apply(event, receiving: received.flatMap { messages[$0] }, to: &clocks[index])
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
      case .refused: Cell(refusedCount)
      }
    }
  }
}

/// Hybrid clocks that refuse messages from too far in the future.
///
/// A refused message is as if it had not come: its receipt is an event of the machine's own.
final class BoundedTrial: TypedTrial<HybridClock> {
  private let offsetMax: Int64
  private var count = 0

  init(_ name: String, slotCount: Int, machineCount: Int, offsetMax: Int64) {
    self.offsetMax = offsetMax
    super.init(
      name, slotCount: slotCount, Array(repeating: HybridClock(), count: machineCount))
  }

  override func apply(
    _ event: ClockedEvent, receiving message: HybridClock?, to clock: inout HybridClock
  ) {
    do throws(HybridClockRefusal) {
      if let message {
        try clock.tick(at: event.physicalTime, receiving: message, offsetMax: offsetMax)
      } else {
        clock.tick(at: event.physicalTime)
      }
    } catch {
      count += 1
      clock.tick(at: event.physicalTime)
    }
  }

  override var refusedCount: Int? { count }
}
