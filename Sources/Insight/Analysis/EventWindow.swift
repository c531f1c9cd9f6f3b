import RunRecord
import ScaleModel

/// Keeps what drift needs of one machine's events until their window is merged with those of the
/// other machines.
///
/// It gathers the events of one window while the window before is merged.
final class EventWindow: JournalObserver {
  /// The events of the window that was closed last, in the journal's order.
  private(set) var closed = Events()
  /// The largest reading up to the end of that window.
  private(set) var largestClock: Int64 = 0

  private var gathered = Events()
  private var largestGatheredClock: Int64 = 0
  private var latestTime = Int64.min
  private let keepsDetails: Bool
  private let chartedColumn: Int?

  /// Makes a window for one machine.
  ///
  /// - Parameters:
  ///   - keepsDetails: Whether it keeps what timelines need.
  ///   - chartedColumn: The workload's column whose numbers timelines show; nil for none.
  init(keepsDetails: Bool, chartedColumn: Int?) {
    (self.keepsDetails, self.chartedColumn) = (keepsDetails, chartedColumn)
  }

  /// What drift needs of an event.
  struct Entry: BitwiseCopyable {
    /// Its system time, or the latest one before it if that is later.
    let time: Int64
    let clock: Int64
  }

  /// What a timeline needs besides.
  struct Detail: BitwiseCopyable {
    let systemTime: Int64
    let queueLength: Int
    /// That of the charted field; nil when it has none.
    let fieldValue: Int64?
  }

  /// Events, and as many details, or none.
  struct Events: ~Copyable {
    var entries = PlainBuffer<Entry>()
    var details = PlainBuffer<Detail>()
  }

  func take(_ batch: JournalBatch) {
    if keepsDetails { takeDetails(batch) }
    var latestTime = latestTime
    var largestClock = largestGatheredClock
    gathered.entries.append(atMost: batch.lines.count) { entries in
      var count = 0
      for index in batch.lines.indices {
        let clock = Int64(bitPattern: batch.lines[index].clock)
        // The next line overwrites the entry of a snapshot's line.
        let isEvent = batch.lines[index].kind != .snapshot
        latestTime = isEvent ? max(latestTime, batch.lines[index].systemTime) : latestTime
        largestClock = isEvent ? max(largestClock, clock) : largestClock
        entries[count] = Entry(time: latestTime, clock: clock)
        count += isEvent ? 1 : 0
      }
      return count
    }
    self.latestTime = latestTime
    largestGatheredClock = largestClock
  }

  private func takeDetails(_ batch: JournalBatch) {
    for (index, line) in batch.lines.enumerated() where line.kind != .snapshot {
      gathered.details.append(
        Detail(
          systemTime: line.systemTime, queueLength: line.queueLength,
          fieldValue: chartedColumn.flatMap { batch.number(inColumn: $0, at: index) }))
    }
  }

  /// Ends the window: its events are ready to merge, and the next window's are gathered.
  func close() {
    swap(&closed, &gathered)
    gathered.entries.keepFirst(0)
    gathered.details.keepFirst(0)
    largestClock = largestGatheredClock
  }
}
