import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// The events of all machines in a part of a run, with every message from its send to its arrival
/// and its receipt, and the cuts of the snapshots.
///
/// Journals do not record arrival times. An inbox is a queue, so the queue lengths after the
/// receiver's events tell between which two of them each message arrived.
package struct SpaceTime {
  /// One received message, as its receipt shows it.
  package struct Receipt: Hashable, Sendable {
    /// The index of the receipt among the lines of its machine.
    package let index: Int
    /// The machine that sent the message.
    package let source: Int
    /// The index of the send among the source's lines; nil when it is not among them.
    package internal(set) var sendIndex: Int?
    /// The message arrived before the receiver's line at this index, and after the one before;
    /// negative when it arrived before the kept lines.
    package let arrivalIndex: Int
  }

  /// Where one snapshot cuts the machines' lines.
  package struct Cut: Hashable, Sendable {
    /// The snapshot's id.
    package let id: SnapshotID
    /// Whether the snapshot is complete.
    package let isComplete: Bool
    /// How many of each machine's lines are before the cut, in id order: may be negative, or more
    /// than there are; nil when the machine is not in the snapshot.
    package let lineCounts: [Int?]
  }

  /// The run's name in the tables.
  package let name: String
  /// Instructions per second, one per machine, in id order; nil when unknown.
  package let rates: [Double]?
  /// The machines' names in the logs of an imported run, in id order; otherwise nil.
  package let names: [String]?
  /// The groups of machines that lines name as receivers.
  private let groups: [[Int]]
  /// What the logs of an imported run lack.
  package let lacks: [Manifest.Lack]
  /// Whether the queue lengths of each machine are known, in id order.
  ///
  /// When they are not, a message is drawn to arrive as late as possible: at its receipt.
  package let tellsQueue: [Bool]
  /// The range of time whose events are kept, in nanoseconds since the run's start.
  package let kept: ClosedRange<Int64>
  /// The part that the reader requested; within ``kept``.
  package let window: ClosedRange<Int64>
  /// The run's end, in nanoseconds since its start.
  package let end: Int64
  /// The time of each machine's death, in nanoseconds since the run's start, in id order; nil for
  /// one that did not die, and no list at all when none did.
  package let deathTimes: [Int64?]?
  /// Whether there are events that are not kept.
  package let isPart: Bool
  /// One list per machine, in id order and in the journal's order.
  ///
  /// Their `systemTime` counts from the run's start; one that goes back counts as the latest before
  /// it.
  package let lines: [[JournalLine]]
  /// The fields of the run's workload.
  package let fields: FieldNames
  /// The cells of the lines' columns, machine by machine and line by line; see `JournalValues`.
  package let cells: [[Int64]]
  /// What the cells of each machine mean, in id order.
  package let values: [JournalValues]
  /// How many lines of each machine's journal precede the kept ones, in id order.
  package let firstPositions: [Int]
  /// One list per machine, in the journal's order.
  package private(set) var receipts: [[Receipt]]
  /// The messages sent within the kept lines that channels lost, by source, then in the journal's
  /// order.
  package private(set) var losses: [Loss] = []
  /// The cuts of the snapshots, in the order of their requests.
  package let cuts: [Cut]
  /// Whether snapshots of the plan promise consistent cuts.
  package let cutsAreConsistent: Bool
  /// The machines to show when there is no room for all: the first one and those reached from it by
  /// channels, nearest first, up to ``groupCountMax``; ascending.
  package let group: [Int]
  /// The shortest delay of a message by the plan.
  package let delayMin: TimeSpan
  /// The mean delay of a message by the plan.
  package let delayMean: TimeSpan

  /// The most events that are kept: a page with them still opens at once.
  package static let keptCountMax = 2_000_000
  /// The most machines in a ``group``.
  package static let groupCountMax = 12
  /// The most line counts of all cuts together: one per cut and machine.
  private static let cutLineCountMax = 1_000_000

  /// Reads the journals of a run from their beginnings.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - wish: The part that the reader requested.
  ///   - ran: The length of the run; nil for that of the plan.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  package init(
    of run: StoredRun, _ wish: TimeWindow = TimeWindow(), ran: TimeSpan? = nil
  ) throws(RunRecordError) {
    let planned = TimeSpan(nanoseconds: max(0, run.manifest.durationNs))
    let choice = WindowChoice(wish, run, ran ?? planned)
    let collector = SpaceTimeCollector(run, kept: choice.kept)
    for journal in run.journals { try journal.rewind() }
    let lost = LostMessages(run, kept: choice.kept)
    try JournalScan(run, [collector] + (lost.map { [$0] } ?? [])).carryOut()
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
    fields = run.fields
    cells = collector.machines.map(\.cells)
    values = run.journals.map(\.values)
    firstPositions = collector.machines.map(\.firstPosition)
    isPart =
      collector.machines.contains { $0.position > $0.firstPosition + $0.lines.count }
      || firstPositions.contains { $0 > 0 }
    receipts = collector.machines.map(\.receipts)
    cuts = try Self.cuts(of: run, behind: firstPositions)
    cutsAreConsistent = run.manifest.snapshotClaims.consistentCuts
    group = Self.group(in: run.topology)
    let delay = Delay(run.manifest.plan.delay) ?? .none
    (delayMin, delayMean) = (delay.shortest, delay.mean)
    if let lost {
      losses = lines.indices.flatMap {
        lost.losses(of: $0, from: firstPositions[$0], lineCount: lines[$0].count)
      }
    }
    if run.manifest.imported == nil { findSends() } else { findLoggedSends() }
  }

  /// The cuts of the snapshots, in their order, with the lines of each machine from these positions
  /// on.
  private static func cuts(
    of run: StoredRun, behind firstPositions: [Int]
  ) throws(RunRecordError) -> [Cut] {
    let recorded = try StoredSnapshots(of: run)
    let snapshots = run.inOrder(recorded.snapshots.map(\.id)).compactMap {
      recorded.index(of: $0).map { recorded.snapshots[$0] }
    }
    return snapshots.prefix(cutLineCountMax / run.machineCount).map { snapshot in
      Cut(
        id: snapshot.id, isComplete: snapshot.isComplete,
        lineCounts: firstPositions.indices.map { machine in
          snapshot.state(of: machine).map { $0.position - firstPositions[machine] }
        })
    }
  }

  /// Finds machines along the channels, nearest first.
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

  /// The cell of a column at a line of a machine; nil when it has no value.
  package func cell(_ column: Int, at index: Int, of machine: Int) -> Int64? {
    guard lines[machine][index].filledColumns >> UInt64(column) & 1 == 1 else { return nil }
    return cells[machine][index * fields.columnCount + column]
  }

  /// The value of a column at a line of a machine.
  package func value(_ column: Int, at index: Int, of machine: Int) -> FieldValue {
    cell(column, at: index, of: machine).map { values[machine].value($0, column) } ?? .nothing
  }

  /// How many of each machine's lines are before a cut, in id order: may be negative, or more than
  /// there are.
  package func lineCounts(of cut: NamedCut) -> [Int] {
    zip(cut.lineCounts, firstPositions).map { $0 - $1 }
  }

  /// How many events are kept, snapshot lines included.
  package var lineCount: Int { lines.reduce(0) { $0 + $1.count } }

  private mutating func findSends() {
    for target in receipts.indices {
      for index in receipts[target].indices {
        let receipt = receipts[target][index]
        receipts[target][index].sendIndex = sendIndex(
          of: lines[target][receipt.index].messageReading, from: receipt.source, to: target)
      }
    }
  }

  /// Finds the sends in imported logs, whose messages may have numbers that are no readings.
  private mutating func findLoggedSends() {
    // Looked up, never iterated.
    var sends = lines.map { _ in [UInt64: [Int]]() }
    for (source, lines) in lines.enumerated() {
      for (index, line) in lines.enumerated() where line.kind == .send && isTold(line) {
        sends[source][line.messageReading, default: []].append(index)
      }
    }
    // By target and source: the sends whose receipt was found.
    var taken: Set<[Int]> = []
    for target in receipts.indices {
      for index in receipts[target].indices
      where isTold(lines[target][receipts[target][index].index]) {
        let source = receipts[target][index].source
        let reading = lines[target][receipts[target][index].index].messageReading
        guard let fitting = sends[source][reading]?.filter({ isSend($0, of: source, to: target) }),
          let send = fitting.first(where: { taken.insert([target, source, $0]).inserted })
            ?? fitting.last
        else { continue }
        receipts[target][index].sendIndex = send
      }
    }
  }

  /// Whether the logs name the event's peer and its message.
  private func isTold(_ line: JournalLine) -> Bool {
    line.peer != .none && line.messageReading > 0
  }

  /// Whether a line of a machine sends to another, alone or with others.
  private func isSend(_ index: Int, of source: Int, to target: Int) -> Bool {
    if case .group(let group) = lines[source][index].peer {
      return groups.indices.contains(group) && groups[group].contains(target)
    }
    return lines[source][index].isSend(to: target)
  }

  /// The index of a send among the lines of its machine, found by its reading.
  private func sendIndex(of reading: UInt64, from source: Int, to target: Int) -> Int? {
    guard source < lines.count else { return nil }
    let index = lines[source].partitioningIndex(where: { $0.clock >= reading })
    guard index < lines[source].count else { return nil }
    let line = lines[source][index]
    return line.messageReading == reading && line.isSend(to: target) ? index : nil
  }
}

extension JournalLine {
  /// Whether it sends to a machine, alone or with others.
  func isSend(to target: Int) -> Bool {
    kind == .send && (peerNumber == Self.allPeers || Int(peerNumber) == target)
  }
}

/// Chooses the part of a run that is shown, and the part that is kept for it.
struct WindowChoice {
  let window: ClosedRange<Int64>
  let kept: ClosedRange<Int64>
  let end: Int64

  /// How many events make a readable part, with at most ``SpaceTime/groupCountMax`` machines.
  private static let readableEventCount = 48.0
  /// The shortest line of a journal: `1,0,send,1,0,*,1` and its end.
  private static let shortestLineByteCount = 17.0

  init(_ wish: TimeWindow, _ run: StoredRun, _ length: TimeSpan) {
    let rate = Self.eventRate(run, ofMachines: run.machineCount)
    let shownRate = Self.eventRate(
      run, ofMachines: min(run.machineCount, SpaceTime.groupCountMax))
    let readable = Int64(min(Self.readableEventCount / shownRate * 1e9, 9e18))
    let ran = max(1, length.nanoseconds)
    let to = min(wish.to ?? Self.sum(wish.from ?? 0, max(readable, 1)), max(ran, wish.to ?? 0))
    let from = max(0, min(wish.from ?? (wish.to == nil ? 0 : to - readable), to - 1))
    // Ticks come at their rates; snapshot lines are few and not counted.
    let keepable = Int64(min(Double(SpaceTime.keptCountMax) / rate * 1e9, 9e18))
    if keepable >= ran {
      // Events after the planned end are late ticks.
      kept = 0...Int64.max
    } else {
      let first = max(0, min(from, to - keepable))
      kept = first...Self.sum(first, keepable)
    }
    window = from...min(to, kept.upperBound)
    end = ran
  }

  /// The events per second of the first machines, approximately.
  private static func eventRate(_ run: StoredRun, ofMachines count: Int) -> Double {
    let planned = run.manifest.plan.rates.prefix(count).reduce(0.0) { $0 + Double($1) }
    guard run.manifest.imported != nil else { return planned }
    // A log's map may not know the rate: assume the most lines that its bytes can hold.
    let byteCount = run.journals.prefix(count).reduce(0.0) { $0 + Double($1.byteCount) }
    let seconds = max(1, Double(run.manifest.durationNs)) / 1e9
    return max(byteCount / shortestLineByteCount / seconds, 1e-9)
  }

  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? .max : sum
  }
}
