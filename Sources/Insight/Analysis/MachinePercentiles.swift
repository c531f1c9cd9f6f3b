import RunRecord
import ScaleModel

/// The percentiles of one machine's figures, by nearest rank, exactly.
///
/// Where the counts of the first scan give only a cell, the journal is read again.
struct MachinePercentiles {
  private(set) var jump50: Int?
  private(set) var jump95: Int?
  private(set) var jumpMax: Int?
  private(set) var queue95: Int?
  /// In nanoseconds.
  private(set) var lateness50: Int64?
  private(set) var lateness99: Int64?
  private(set) var latenessMax: Int64?

  /// Makes those of a journal without events: none.
  init() {}

  /// Finds all percentiles.
  ///
  /// - Parameters:
  ///   - measured: The counts of the first scan.
  ///   - journal: It is read again from its start.
  ///   - schedule: When the machine's ticks are due.
  ///   - startTime: The run's start; nil when lateness was not measured.
  ///   - times: The system times whose events were counted; nil for all.
  /// - Throws: ``RunRecordError`` when the journal is malformed now.
  init(
    of measured: borrowing MachineMeasure.Figures, journal: JournalReader,
    schedule: DueTimes, startTime: Int64?, within times: Range<Int64>? = nil
  ) throws(RunRecordError) {
    let jumpCount = measured.jumps.total
    if jumpCount > 0 {
      jump50 = measured.jumps.value(atRank: nearestRank(percent: 50, of: jumpCount)).map { Int($0) }
      jump95 = measured.jumps.value(atRank: nearestRank(percent: 95, of: jumpCount)).map { Int($0) }
      jumpMax = measured.jumps.value(atRank: jumpCount).map { Int($0) }
    }
    var queueSearch = Self.search(measured.queueLengths, percent: 95)
    var medianSearch = Self.search(measured.lateness, percent: 50)
    var tailSearch = Self.search(measured.lateness, percent: 99)
    while [queueSearch, medianSearch, tailSearch].contains(where: { $0 != nil && $0?.value == nil })
    {
      queueSearch?.beginLook()
      medianSearch?.beginLook()
      tailSearch?.beginLook()
      var schedule = schedule
      try Self.forEachEvent(of: journal) { line in
        if let times, !times.contains(line.systemTime) { return }
        if line.kind == .receive { queueSearch?.look(at: Int64(line.queueLength)) }
        if let startTime, let due = schedule.due(line.tick) {
          let late = line.systemTime - startTime - due
          medianSearch?.look(at: late)
          tailSearch?.look(at: late)
        }
      }
      queueSearch?.endLook()
      medianSearch?.endLook()
      tailSearch?.endLook()
    }
    queue95 = queueSearch?.value.map { Int($0) }
    lateness50 = medianSearch?.value
    lateness99 = tailSearch?.value
    latenessMax = measured.lateness.total > 0 ? measured.lateness.maximum : nil
  }

  private static func search(_ counts: borrowing RankCounts, percent: Int) -> RankSearch? {
    guard counts.total > 0 else { return nil }
    let rank = nearestRank(percent: percent, of: counts.total)
    return counts.cell(atRank: rank).map { RankSearch(rank: rank, in: $0) }
  }

  private static func forEachEvent(
    of journal: JournalReader, _ body: (JournalLine) -> Void
  ) throws(RunRecordError) {
    let buffer = JournalBuffer(lineCount: 256, columnCount: journal.columns.count)
    try journal.rewind()
    while true {
      let batch = try journal.read(into: buffer)
      if batch.lines.isEmpty { return }
      for line in batch.lines where line.kind != .snapshot { body(line) }
    }
  }
}
