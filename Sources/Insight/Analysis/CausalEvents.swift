import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// One journal line, as diagrams and exports of the whole run read it.
package struct CausalEvent {
  /// The machine whose journal has the line.
  package let machine: MachineID
  /// The line, with the machine's own system time.
  package let line: JournalLine
  /// The values of the workload's columns at the line, in order.
  package let values: [FieldValue]
  /// Its time in the merged order: its system time, or the latest one before it if that is later.
  package let time: Int64
  /// A lower bound of the time of the machine's next event that is no snapshot; nil at the end of
  /// the window.
  package let nextTime: Int64?
}

/// The lines of all machines of a run, one by one, causes before their effects.
///
/// Lines come by system time, then by machine, except that a receipt waits for its send, and a
/// snapshot for the one that its first marker names. A cause that only a damaged journal names is
/// not waited for: no event is ever left out. Only a few lines of each machine are in memory.
///
/// A machine's lines keep their order, whatever their times: its window begins at the first line
/// that is not before it, and ends before the first line that is past its end.
package final class CausalEvents {
  /// The largest reading of all lines before the window.
  package let clockBefore: UInt64
  private var cursors: [JournalCursor]
  /// Whether message numbers may be no readings, with 0 for no number: in imported runs.
  private let goesBySends: Bool
  /// The machines whose next line can come now.
  private var ready = BinaryHeap<NextLine>()
  /// The machines whose next line waits for a line of this machine.
  private var waiting: [[Int]]
  private var waitingCount = 0

  private struct NextLine: Comparable {
    let time: Int64
    let machine: Int

    static func < (left: NextLine, right: NextLine) -> Bool {
      (left.time, left.machine) < (right.time, right.machine)
    }
  }

  /// Begins at the start of a window.
  ///
  /// - Parameters:
  ///   - run: Its journals are read from their beginnings, wherever their readers are.
  ///   - window: Which lines come.
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package init(of run: StoredRun, in window: TimeWindow = TimeWindow()) throws(RunRecordError) {
    let capacity = max(2, min(256, (1 << 18) / run.machineCount))
    let times = window.systemTimes(after: run.originTime)
    var cursors: [JournalCursor] = []
    cursors.reserveCapacity(run.machineCount)
    waiting = Array(repeating: [], count: run.machineCount)
    goesBySends = run.manifest.imported != nil
    for journal in run.journals {
      cursors.append(
        try JournalCursor(
          journal, goesBySends: run.manifest.imported != nil, capacity: capacity,
          from: times?.lowerBound ?? .min, to: times?.upperBound ?? .max))
    }
    clockBefore = cursors.lazy.map(\.passedClock).max() ?? 0
    self.cursors = cursors
    for machine in cursors.indices { enqueue(machine) }
  }

  /// Returns the next event; nil at the end.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package func next() throws(RunRecordError) -> CausalEvent? {
    guard let machine = ready.popFirst()?.machine ?? popWaiting(), let line = cursors[machine].line
    else {
      return nil
    }
    let (time, values) = (cursors[machine].time, cursors[machine].values)
    try cursors[machine].advance()
    let event = CausalEvent(
      machine: MachineID(machine), line: line, values: values, time: time,
      nextTime: cursors[machine].nextTime)
    enqueue(machine)
    let waiters = waiting[machine]
    if !waiters.isEmpty {
      waiting[machine] = []
      waitingCount -= waiters.count
      for waiter in waiters { enqueue(waiter) }
    }
    return event
  }

  /// Puts a machine among the ready ones, or behind the machine that its next line waits for.
  private func enqueue(_ machine: Int) {
    guard let line = cursors[machine].line else { return }
    if let cause = cause(of: line, at: machine) {
      waiting[cause].append(machine)
      waitingCount += 1
    } else {
      ready.add(NextLine(time: cursors[machine].time, machine: machine))
    }
  }

  /// The machine whose line must come first; nil when there is none.
  private func cause(of line: JournalLine, at machine: Int) -> Int? {
    guard line.peerNumber < cursors.count, line.peerNumber != machine else { return nil }
    let source = Int(line.peerNumber)
    guard cursors[source].line != nil else { return nil }
    switch line.kind {
    case .receive where line.messageReading == 0 && goesBySends: return nil
    case .receive where !cursors[source].hasPassedSend(line.messageReading): return source
    // A forced checkpoint is the machine's own, and names the sender of the message that forced it.
    case .snapshot
    where SnapshotID(word: line.messageReading).initiator.index != machine
      && !cursors[source].passedSnapshots.contains(line.messageReading):
      return source
    default: return nil
    }
  }

  /// Takes the earliest of the waiting machines when all wait: a damaged journal names a message
  /// from the future.
  private func popWaiting() -> Int? {
    guard waitingCount > 0 else { return nil }
    let earliest = waiting.joined().map { NextLine(time: cursors[$0].time, machine: $0) }.min()
    guard let machine = earliest?.machine else { return nil }
    for source in waiting.indices { waiting[source].removeAll { $0 == machine } }
    waitingCount -= 1
    return machine
  }
}

/// The position in one machine's journal.
private struct JournalCursor {
  private let journal: JournalReader
  private let limit: Int64
  private let capacity: Int
  /// Lines read ahead; those before `lineIndex` have been passed.
  private var lines: [JournalLine] = []
  /// The values of their columns, line by line.
  private var cells: [FieldValue] = []
  private var lineIndex = 0
  /// The line's time in the merged order.
  private(set) var time = Int64.min
  /// The reading of the latest line passed, including those before the window.
  private(set) var passedClock: UInt64 = 0
  /// The readings of the sends passed; nil when clocks tell.
  private var passedSends: Set<UInt64>?
  /// The snapshots whose lines were passed.
  private(set) var passedSnapshots: Set<UInt64> = []

  /// Goes to the first line that is not before `from`; the last one is before `to`.
  init(
    _ journal: JournalReader, goesBySends: Bool, capacity: Int, from: Int64, to: Int64
  ) throws(RunRecordError) {
    self.journal = journal
    self.capacity = capacity
    limit = to
    passedSends = goesBySends ? [] : nil
    try journal.rewind()
    while try refill(before: min(from, to)) > 0 {
      for line in lines { pass(line) }
      lineIndex = lines.count
    }
    try refill(before: to)
    time = line?.systemTime ?? time
  }

  /// The next line; nil at the end.
  var line: JournalLine? { lineIndex < lines.count ? lines[lineIndex] : nil }

  /// The values of its columns.
  var values: [FieldValue] {
    let count = journal.columns.count
    return count == 0 ? [] : Array(cells[lineIndex * count..<(lineIndex + 1) * count])
  }

  /// The time of the next event among the lines read ahead, or of the last of them.
  var nextTime: Int64? {
    let next = lines[lineIndex...].first { $0.kind != .snapshot } ?? lines[lineIndex...].last
    return next.map { max(time, $0.systemTime) }
  }

  /// Whether the send with a reading was passed, as far as the journal tells.
  func hasPassedSend(_ reading: UInt64) -> Bool {
    passedSends?.contains(reading) ?? (passedClock >= reading)
  }

  mutating func advance() throws(RunRecordError) {
    if let line { pass(line) }
    lineIndex += 1
    if lineIndex + 1 >= lines.count { try refill(before: limit) }
    if let line { time = max(time, line.systemTime) }
  }

  private mutating func pass(_ line: JournalLine) {
    passedClock = line.clock
    if line.kind == .send { passedSends?.insert(line.messageReading) }
    if line.kind == .snapshot { passedSnapshots.insert(line.messageReading) }
  }

  /// Reads more lines behind those read ahead; returns how many.
  @discardableResult
  private mutating func refill(before limit: Int64) throws(RunRecordError) -> Int {
    lines.removeFirst(lineIndex)
    cells.removeFirst(lineIndex * journal.columns.count)
    lineIndex = 0
    let buffer = JournalBuffer(
      lineCount: capacity - lines.count, columnCount: journal.columns.count)
    let batch = try journal.read(into: buffer, before: limit)
    lines += batch.lines
    if !journal.columns.isEmpty {
      for index in batch.lines.indices { cells += batch.values(at: index) }
    }
    return batch.lines.count
  }
}
