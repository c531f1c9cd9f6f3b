import LogicalTime
import RunRecord
import ScaleModel

/// One line of a journal on its way into a picture of the whole run.
package struct CausalEvent {
  package let machine: MachineID
  package let line: JournalLine
  /// Its place in time: its system time, or the latest one before it when that is later.
  package let time: Int64
  /// When the machine's next event that is no snapshot comes, as far as is known: never too late;
  /// nil at the end of the window.
  package let nextTime: Int64?
}

/// The lines of all machines of a run, one by one, causes before their effects.
///
/// They come by system time, at the same time by machine, except that a receipt waits for its send
/// and a snapshot for the one that its first marker tells of. What a damaged journal makes up waits
/// for nothing: no event is ever left out. Only a few lines of each machine are in memory.
///
/// A machine's lines keep their order, whatever their times: its window begins with the first line
/// that is not before it, and ends before the first that is not inside.
package final class CausalEvents {
  /// The largest reading of all lines before the window.
  package let clockBefore: UInt64
  private var cursors: [JournalCursor]
  /// Whether messages have numbers that may be no readings, and 0 is none: in imported runs.
  private let goesBySends: Bool
  /// The machines whose next line waits for nothing.
  private var ready = BinaryHeap<Place>()
  /// The machines whose next line waits for a line of this one.
  private var waiting: [[Int]]
  private var waitingCount = 0

  private struct Place: Comparable {
    let time: Int64
    let machine: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.time, left.machine) < (right.time, right.machine)
    }
  }

  /// Begins at the start of a window.
  ///
  /// - Parameters:
  ///   - run: Its journals are read from their beginnings, whoever has read them before.
  ///   - window: Which lines are wanted.
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
    for machine in cursors.indices { place(machine) }
  }

  /// The next event; nil when there is none left.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package func next() throws(RunRecordError) -> CausalEvent? {
    guard let machine = ready.popFirst()?.machine ?? popWaiting(), let line = cursors[machine].line
    else {
      return nil
    }
    let time = cursors[machine].time
    try cursors[machine].advance()
    let event = CausalEvent(
      machine: MachineID(machine), line: line, time: time, nextTime: cursors[machine].nextTime)
    place(machine)
    let waiters = waiting[machine]
    if !waiters.isEmpty {
      waiting[machine] = []
      waitingCount -= waiters.count
      for waiter in waiters { place(waiter) }
    }
    return event
  }

  /// Puts a machine where its next line belongs: among the ready, or behind what it waits for.
  private func place(_ machine: Int) {
    guard let line = cursors[machine].line else { return }
    if let cause = cause(of: line, at: machine) {
      waiting[cause].append(machine)
      waitingCount += 1
    } else {
      ready.add(Place(time: cursors[machine].time, machine: machine))
    }
  }

  /// The machine with a line that has to come first; nil when there is none.
  private func cause(of line: JournalLine, at machine: Int) -> Int? {
    guard line.peerNumber < cursors.count, line.peerNumber != machine else { return nil }
    let source = Int(line.peerNumber)
    guard cursors[source].line != nil else { return nil }
    switch line.kind {
    case .receive where line.messageReading == 0 && goesBySends: return nil
    case .receive where !cursors[source].hasPassedSend(line.messageReading): return source
    case .snapshot where !cursors[source].passedSnapshots.contains(line.messageReading):
      return source
    default: return nil
    }
  }

  /// The earliest machine that waits when all do, which only happens when a journal makes up a
  /// message from the future.
  private func popWaiting() -> Int? {
    guard waitingCount > 0 else { return nil }
    let earliest = waiting.joined().map { Place(time: cursors[$0].time, machine: $0) }.min()
    guard let machine = earliest?.machine else { return nil }
    for source in waiting.indices { waiting[source].removeAll { $0 == machine } }
    waitingCount -= 1
    return machine
  }
}

/// Where one machine's journal is read.
private struct JournalCursor {
  private let journal: JournalReader
  private let limit: Int64
  private let capacity: Int
  /// Lines that were read ahead; those before `place` are done.
  private var lines: [JournalLine] = []
  private var place = 0
  /// The line's place in time.
  private(set) var time = Int64.min
  /// The reading of the latest line that is done, those before the window included.
  private(set) var passedClock: UInt64 = 0
  /// The readings of the sends that are done; nil where clocks tell which are.
  private var passedSends: Set<UInt64>?
  /// The snapshots whose lines are done.
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
      place = lines.count
    }
    try refill(before: to)
    time = line?.systemTime ?? time
  }

  /// The next line; nil at the end.
  var line: JournalLine? { place < lines.count ? lines[place] : nil }

  /// The time of the next event among the lines read ahead, or of the last of them.
  var nextTime: Int64? {
    let next = lines[place...].first { $0.kind != .snapshot } ?? lines[place...].last
    return next.map { max(time, $0.systemTime) }
  }

  /// Whether the send with a reading is done, as far as anybody can know.
  func hasPassedSend(_ reading: UInt64) -> Bool {
    passedSends?.contains(reading) ?? (passedClock >= reading)
  }

  mutating func advance() throws(RunRecordError) {
    if let line { pass(line) }
    place += 1
    if place + 1 >= lines.count { try refill(before: limit) }
    if let line { time = max(time, line.systemTime) }
  }

  private mutating func pass(_ line: JournalLine) {
    passedClock = line.clock
    if line.kind == .send { passedSends?.insert(line.messageReading) }
    if line.kind == .snapshot { passedSnapshots.insert(line.messageReading) }
  }

  /// Reads lines behind those not done yet; returns how many.
  @discardableResult
  private mutating func refill(before limit: Int64) throws(RunRecordError) -> Int {
    lines.removeFirst(place)
    place = 0
    let room = capacity - lines.count
    var read: [JournalLine] = Array(repeating: JournalLine(), count: room)
    var count = 0
    var failure: RunRecordError?
    read.withUnsafeMutableBufferPointer { buffer in
      do throws(RunRecordError) {
        count = try journal.read(into: buffer, before: limit)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    lines += read[..<count]
    return count
  }
}
