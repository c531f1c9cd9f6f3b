import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// What happened where and when: the events of all machines in a stretch of a run, with every
/// message from its send to its arrival and its receipt, and the cuts of the snapshots.
///
/// A journal does not say when a message arrived, but nearly: an inbox hands messages out in the
/// order they came, so the lengths of the queue after the receiver's events tell between which two
/// of them each message came.
package struct SpaceTime {
  /// One message that was received, as its receipt tells it.
  package struct Receipt: Hashable, Sendable {
    /// The place of the receipt among the lines of its machine.
    package let place: Int
    package let source: Int
    /// The place of the send among the lines of the source; nil when it is not among them.
    package internal(set) var sendPlace: Int?
    /// The message arrived before the line at this place of the receiver, and after the one before;
    /// negative when that is before the stretch.
    package let arrivalPlace: Int
  }

  /// Where one snapshot cuts the machines' lines.
  package struct Cut: Hashable, Sendable {
    package let id: SnapshotID
    package let isComplete: Bool
    /// One per machine, in id order: how many of its lines are before the cut, which may be
    /// negative or more than there are; nil when the machine is not in the snapshot.
    package let places: [Int?]
  }

  /// What the tables call the run.
  package let name: String
  /// Instructions per second, one per machine, in id order.
  package let rates: [Int]
  /// From when to when the events are kept, in nanoseconds since the run's start.
  package let kept: ClosedRange<Int64>
  /// The part a reader asked to see; within ``kept``.
  package let window: ClosedRange<Int64>
  /// When the run ended or was planned to, in nanoseconds since its start.
  package let end: Int64
  /// Whether there are events that are not kept.
  package let isPart: Bool
  /// One list per machine, in id order and in the journal's order.
  ///
  /// Their `systemTime` counts from the run's start, and one that goes back counts as the latest
  /// before it.
  package let lines: [[JournalLine]]
  /// One per machine: how many lines of its journal are before those that are kept.
  package let firstPositions: [Int]
  /// One list per machine, in the journal's order.
  package private(set) var receipts: [[Receipt]]
  /// Ascending by id.
  package let cuts: [Cut]
  /// Machines that can be shown together when there is no room for all: the first one and those it
  /// exchanges messages with, nearest first, up to ``groupCountMax``; ascending.
  package let group: [Int]
  /// No message was on its way for less than this, says the plan; in nanoseconds.
  package let delayMin: Int64

  /// How many events are kept at most: a page that holds them still opens at once.
  package static let keptCountMax = 2_000_000
  /// How many machines a ``group`` has at most.
  package static let groupCountMax = 12
  /// How many places cuts may have altogether.
  private static let cutPlaceCountMax = 1_000_000

  /// Reads the journals of a run from their starts.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - wish: The part a reader asked to see.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  package init(of run: RecordedRun, _ wish: TimeWindow = TimeWindow()) throws(RunRecordError) {
    let choice = WindowChoice(wish, run)
    let collector = SpaceTimeCollector(run, kept: choice.kept)
    for journal in run.journals { try journal.rewind() }
    try RunPass(run, [collector]).carryOut()
    name = run.name
    rates = run.manifest.plan.rates
    kept = choice.kept
    window = choice.window
    end = choice.end
    lines = collector.machines.map(\.lines)
    firstPositions = collector.machines.map(\.firstPosition)
    isPart =
      collector.machines.contains { $0.position > $0.firstPosition + $0.lines.count }
      || firstPositions.contains { $0 > 0 }
    receipts = collector.machines.map(\.receipts)
    let snapshots = try RecordedSnapshots(of: run).snapshots
    let firstPositions = firstPositions
    cuts = snapshots.prefix(Self.cutPlaceCountMax / run.machineCount).map { snapshot in
      Cut(
        id: snapshot.id, isComplete: snapshot.isComplete,
        places: firstPositions.indices.map { machine in
          snapshot.state(of: machine).map { $0.position - firstPositions[machine] }
        })
    }
    group = Self.group(in: run.topology)
    delayMin = Self.delayMin(Delay(run.manifest.plan.delay))
    findSends()
  }

  /// Goes from machine to machine along the channels, nearest first.
  private static func group(in topology: Topology) -> [Int] {
    var found = [MachineID(0)]
    var passedCount = 0
    while passedCount < found.count && found.count < groupCountMax {
      for neighbour in topology.neighbours(of: found[passedCount]) where found.count < groupCountMax
      {
        if !found.contains(neighbour) { found.append(neighbour) }
      }
      passedCount += 1
    }
    return found.map(\.index).sorted()
  }

  private static func delayMin(_ delay: Delay?) -> Int64 {
    switch delay {
    case .constant(let span), .uniform(let span, _): span.nanoseconds
    case .exponential, nil, .some(.none): 0
    }
  }

  /// How many events are kept, snapshot lines included.
  package var lineCount: Int { lines.reduce(0) { $0 + $1.count } }

  private mutating func findSends() {
    for target in receipts.indices {
      for index in receipts[target].indices {
        let receipt = receipts[target][index]
        receipts[target][index].sendPlace = sendPlace(
          of: lines[target][receipt.place].messageReading, from: receipt.source, to: target)
      }
    }
  }

  /// The place of a send among the lines of its machine, found by its reading.
  private func sendPlace(of reading: UInt64, from source: Int, to target: Int) -> Int? {
    guard source < lines.count else { return nil }
    var low = 0
    var high = lines[source].count
    while low < high {
      let middle = (low + high) / 2
      if lines[source][middle].clock < reading { low = middle + 1 } else { high = middle }
    }
    guard low < lines[source].count else { return nil }
    let line = lines[source][low]
    let isIt =
      line.kind == .send && line.messageReading == reading
      && (line.peerNumber == JournalLine.everybody || Int(line.peerNumber) == target)
    return isIt ? low : nil
  }
}

/// Which part of a run is shown, and which is kept for it.
struct WindowChoice {
  let window: ClosedRange<Int64>
  let kept: ClosedRange<Int64>
  let end: Int64

  /// So many events make a readable part, of at most so many machines.
  private static let readableEventCount = 48.0

  init(_ wish: TimeWindow, _ run: RecordedRun) {
    let rates = run.manifest.plan.rates
    let shownRate = rates.prefix(SpaceTime.groupCountMax).reduce(0.0) { $0 + Double($1) }
    let readable = Int64(Self.readableEventCount / shownRate * 1e9)
    let planned = max(1, run.manifest.durationNs)
    let to = min(wish.to ?? Self.sum(wish.from ?? 0, max(readable, 1)), max(planned, wish.to ?? 0))
    let from = max(0, min(wish.from ?? (wish.to == nil ? 0 : to - readable), to - 1))
    // Ticks come at their rates; snapshot lines come on top, but they are few.
    let keepable = Int64(
      min(Double(SpaceTime.keptCountMax) / rates.reduce(0.0) { $0 + Double($1) } * 1e9, 9e18))
    if keepable >= planned {
      // Whatever comes after the end as planned was late.
      kept = 0...Int64.max
    } else {
      let first = max(0, min(from, to - keepable))
      kept = first...Self.sum(first, keepable)
    }
    window = from...min(to, kept.upperBound)
    end = planned
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? .max : sum
  }
}
