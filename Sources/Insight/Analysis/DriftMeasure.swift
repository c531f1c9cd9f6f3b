import LogicalTime
import RunRecord
import ScaleModel

/// Measures how far each machine's clock is behind the largest reading anywhere.
///
/// The largest reading at an event is that of all events up to its system time, those at the same
/// time in id order. A machine's own events keep their journal's order: a time that goes back
/// counts as the latest one before it.
final class DriftMeasure: JournalAnalyzer {
  /// The drift of one machine, in events.
  struct Figures {
    var sum = 0.0
    var count = 0
    var maximum: Int64 = 0
    var final: Int64 = 0

    @inline(__always)
    mutating func add(_ drift: Int64) {
      sum += Double(drift)
      count += 1
      maximum = max(maximum, drift)
      final = drift
    }
  }

  /// One per machine, in id order.
  private(set) var figures: [Figures]
  private let windows: [EventWindow]
  private let timelines: [any TimelineSink]
  /// The system times whose events are measured; nil for all.
  private let times: Range<Int64>?
  /// The latest event's system time, even outside ``times``; nil without ``times``.
  private(set) var latestTime: Int64?
  /// The largest reading of all windows merged so far.
  private var largestClock: Int64 = 0
  private var envelope = ClockEnvelope()

  /// Measures machines, and writes every event's drift to each timeline.
  ///
  /// With `times`, only the events inside are measured, against the largest reading of all events
  /// before, including those outside.
  /// Timelines get the numbers of `chartedColumn` besides.
  init(
    machineCount: Int, timelines: [any TimelineSink], chartedColumn: Int? = nil,
    within times: Range<Int64>? = nil
  ) {
    figures = Array(repeating: Figures(), count: machineCount)
    windows = (0..<machineCount).map { _ in
      EventWindow(keepsDetails: !timelines.isEmpty, chartedColumn: chartedColumn)
    }
    (self.timelines, self.times) = (timelines, times)
  }

  func observer(of machine: MachineID) -> any JournalObserver { windows[machine.index] }

  func endWindow() {
    for window in windows { window.close() }
  }

  func mergeWindow() {
    var lineCount = 0
    var windowMaximum = largestClock
    for window in windows {
      lineCount += window.closed.entries.count
      windowMaximum = max(windowMaximum, window.largestClock)
    }
    // A reading rises by one or follows another machine's, so a window has no more readings than
    // events, unless a journal invents them.
    if timelines.isEmpty && times == nil && windowMaximum - largestClock <= 4 * lineCount {
      measureByReading(windowMaximum)
    } else {
      measureInOrder(lineCount)
    }
    largestClock = windowMaximum
  }

  /// Finds when each reading was first reached, and looks that up for every event.
  private func measureByReading(_ windowMaximum: Int64) {
    envelope.reset(after: largestClock, upTo: windowMaximum)
    for machine in windows.indices {
      envelope.add(windows[machine].closed.entries, of: machine)
    }
    envelope.settle()
    for machine in windows.indices {
      envelope.measure(windows[machine].closed.entries, of: machine, into: &figures[machine])
    }
  }

  /// Measures the window's events one by one, ordered by system time.
  private func measureInOrder(_ lineCount: Int) {
    var events: [(time: Int64, machine: Int, index: Int)] = []
    events.reserveCapacity(lineCount)
    for machine in windows.indices {
      for index in windows[machine].closed.entries.indices {
        events.append((windows[machine].closed.entries[index].time, machine, index))
      }
    }
    events.sort { $0 < $1 }
    var largest = largestClock
    for event in events {
      let entry = windows[event.machine].closed.entries[event.index]
      largest = max(largest, entry.clock)
      if times != nil { latestTime = max(latestTime ?? event.time, event.time) }
      if times?.contains(event.time) ?? true { figures[event.machine].add(largest - entry.clock) }
      if timelines.isEmpty { continue }
      let detail = windows[event.machine].closed.details[event.index]
      for timeline in timelines {
        timeline.add(
          machine: event.machine, clock: entry.clock, drift: largest - entry.clock, detail)
      }
    }
  }
}

/// Writes the rows of a timeline, event by event, ordered by system time.
protocol TimelineSink: AnyObject {
  /// Writes the row of one event.
  func add(machine: Int, clock: Int64, drift: Int64, _ detail: EventWindow.Detail)
}
