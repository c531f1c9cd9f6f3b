import RunRecord
import ScaleModel

/// Keeps what drift needs of one machine's events until their window ends.
final class EventWindow: JournalObserver {
  private(set) var events = Events()

  func take(_ batch: JournalBatch) { events.take(batch) }

  /// Takes all events away.
  func removeAll() { events.removeAll() }

  /// What is kept of an event.
  struct Entry: BitwiseCopyable {
    /// Its place in time: its system time, or the latest one before it when that is later.
    let time: Int64
    let clock: Int64
    let systemTime: Int64
    let queueLength: Int
  }

  /// The events of a window, in the journal's order.
  struct Events: ~Copyable {
    private(set) var entries = PlainBuffer<Entry>()
    /// The largest reading so far, of earlier windows too.
    private(set) var largestClock: Int64 = 0
    private var latestTime = Int64.min

    mutating func take(_ batch: JournalBatch) {
      for line in batch.lines where line.kind != .snapshot {
        let clock = Int64(bitPattern: line.clock)
        latestTime = max(latestTime, line.systemTime)
        largestClock = max(largestClock, clock)
        entries.append(
          Entry(
            time: latestTime, clock: clock, systemTime: line.systemTime,
            queueLength: line.queueLength))
      }
    }

    mutating func removeAll() { entries.keepFirst(0) }
  }
}
