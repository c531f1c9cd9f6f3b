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
  /// Instructions per second, one per machine, in id order; nil when nobody knows.
  package let rates: [Double]?
  /// What the logs of an imported run call the machines, in id order; nil in a run of ours.
  package let names: [String]?
  /// The groups of machines that lines name as recipients.
  private let groups: [[Int]]
  /// What the logs of an imported run do not tell.
  package let lacks: [Manifest.Lack]
  /// Whether it is known, one per machine, how long its queue was.
  ///
  /// Of a machine whose queue nobody knows, a message arrives as late as it can: when it is
  /// received.
  package let tellsQueue: [Bool]
  /// From when to when the events are kept, in nanoseconds since the run's start.
  package let kept: ClosedRange<Int64>
  /// The part a reader asked to see; within ``kept``.
  package let window: ClosedRange<Int64>
  /// When the run ended, in nanoseconds since its start.
  package let end: Int64
  /// When each machine died, in nanoseconds since the run's start, in id order; nil for one that
  /// lived, and no list at all when nobody died.
  package let deathTimes: [Int64?]?
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
  /// In the order they were asked for.
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
  ///   - ranNanoseconds: How long the run went on; nil for as long as it was planned.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  package init(
    of run: StoredRun, _ wish: TimeWindow = TimeWindow(), ranNanoseconds: Int64? = nil
  ) throws(RunRecordError) {
    let choice = WindowChoice(wish, run, ranNanoseconds ?? run.manifest.durationNs)
    let collector = SpaceTimeCollector(run, kept: choice.kept)
    for journal in run.journals { try journal.rewind() }
    try JournalScan(run, [collector]).carryOut()
    name = run.name
    rates = run.lacks(.rate) ? nil : run.journals.indices.map(run.manifest.rate)
    names = run.manifest.imported?.machines
    groups = run.manifest.imported?.groups ?? []
    lacks = run.manifest.imported?.lacks ?? []
    tellsQueue = run.manifest.tellsQueue
    kept = choice.kept
    window = choice.window
    end = choice.end
    deathTimes = run.deathTimes
    lines = collector.machines.map(\.lines)
    firstPositions = collector.machines.map(\.firstPosition)
    isPart =
      collector.machines.contains { $0.position > $0.firstPosition + $0.lines.count }
      || firstPositions.contains { $0 > 0 }
    receipts = collector.machines.map(\.receipts)
    let recorded = try StoredSnapshots(of: run)
    let snapshots = run.inOrder(recorded.snapshots.map(\.id)).compactMap {
      recorded.place(of: $0).map { recorded.snapshots[$0] }
    }
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
    if run.manifest.imported == nil { findSends() } else { findLoggedSends() }
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

  /// The same in logs of others, whose messages may be called by other numbers than readings.
  private mutating func findLoggedSends() {
    // Looked up, never iterated.
    var places = lines.map { _ in [UInt64: [Int]]() }
    for (source, lines) in lines.enumerated() {
      for (place, line) in lines.enumerated() where line.kind == .send && isTold(line) {
        places[source][line.messageReading, default: []].append(place)
      }
    }
    // By target: the sends of each source whose receipt is found.
    var taken: Set<[Int]> = []
    for target in receipts.indices {
      for index in receipts[target].indices
      where isTold(lines[target][receipts[target][index].place]) {
        let source = receipts[target][index].source
        let reading = lines[target][receipts[target][index].place].messageReading
        guard let fitting = places[source][reading]?.filter({ isSend($0, of: source, to: target) }),
          let place = fitting.first(where: { taken.insert([target, source, $0]).inserted })
            ?? fitting.last
        else { continue }
        receipts[target][index].sendPlace = place
      }
    }
  }

  /// Whether the logs tell whose message an event is about, and which.
  private func isTold(_ line: JournalLine) -> Bool {
    line.peer != .none && line.messageReading > 0
  }

  /// Whether a line of a machine sends to another, alone or with others.
  private func isSend(_ place: Int, of source: Int, to target: Int) -> Bool {
    if case .group(let group) = lines[source][place].peer {
      return groups.indices.contains(group) && groups[group].contains(target)
    }
    return lines[source][place].isSend(to: target)
  }

  /// The place of a send among the lines of its machine, found by its reading.
  private func sendPlace(of reading: UInt64, from source: Int, to target: Int) -> Int? {
    guard source < lines.count else { return nil }
    let index = lines[source].partitioningIndex(where: { $0.clock >= reading })
    guard index < lines[source].count else { return nil }
    let line = lines[source][index]
    return line.messageReading == reading && line.isSend(to: target) ? index : nil
  }
}

extension JournalLine {
  /// Whether it sends to a machine, alone or with others.
  fileprivate func isSend(to target: Int) -> Bool {
    kind == .send && (peerNumber == Self.everybody || Int(peerNumber) == target)
  }
}

/// Which part of a run is shown, and which is kept for it.
struct WindowChoice {
  let window: ClosedRange<Int64>
  let kept: ClosedRange<Int64>
  let end: Int64

  /// So many events make a readable part, of at most so many machines.
  private static let readableEventCount = 48.0
  /// No line of a journal has fewer bytes: `1,0,send,1,0,*,1` and its end.
  private static let shortestLineByteCount = 17.0

  init(_ wish: TimeWindow, _ run: StoredRun, _ ranNanoseconds: Int64) {
    let rate = Self.eventRate(run, ofMachines: run.machineCount)
    let shownRate = Self.eventRate(
      run, ofMachines: min(run.machineCount, SpaceTime.groupCountMax))
    let readable = Int64(min(Self.readableEventCount / shownRate * 1e9, 9e18))
    let ran = max(1, ranNanoseconds)
    let to = min(wish.to ?? Self.sum(wish.from ?? 0, max(readable, 1)), max(ran, wish.to ?? 0))
    let from = max(0, min(wish.from ?? (wish.to == nil ? 0 : to - readable), to - 1))
    // Ticks come at their rates; snapshot lines come on top, but they are few.
    let keepable = Int64(min(Double(SpaceTime.keptCountMax) / rate * 1e9, 9e18))
    if keepable >= ran {
      // Whatever comes after the end as planned was late.
      kept = 0...Int64.max
    } else {
      let first = max(0, min(from, to - keepable))
      kept = first...Self.sum(first, keepable)
    }
    window = from...min(to, kept.upperBound)
    end = ran
  }

  /// About how many events a second the first machines have.
  private static func eventRate(_ run: StoredRun, ofMachines count: Int) -> Double {
    let planned = run.manifest.plan.rates.prefix(count).reduce(0.0) { $0 + Double($1) }
    guard run.manifest.imported != nil else { return planned }
    // What logs were made at, their maps may not know: as many as their lines hold at most.
    let byteCount = run.journals.prefix(count).reduce(0.0) { $0 + Double($1.byteCount) }
    let seconds = max(1, Double(run.manifest.durationNs)) / 1e9
    return max(byteCount / shortestLineByteCount / seconds, 1e-9)
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? .max : sum
  }
}
