import LogicalTime
import RunRecord

/// Shows another analyzer only the lines within a time window.
final class WindowedJournalAnalyzer: JournalAnalyzer {
  private let examination: any JournalAnalyzer
  private let times: Range<Int64>

  /// Wraps an analyzer, unless the window is the whole run.
  ///
  /// - Parameters:
  ///   - examination: The analyzer that reads the lines.
  ///   - times: The system times whose lines it reads; nil for all.
  /// - Returns: The analyzer that takes part in the scan.
  static func of(_ examination: any JournalAnalyzer, within times: Range<Int64>?)
    -> any JournalAnalyzer
  {
    times.map { WindowedJournalAnalyzer(examination, $0) } ?? examination
  }

  private init(_ examination: any JournalAnalyzer, _ times: Range<Int64>) {
    (self.examination, self.times) = (examination, times)
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    Observer(examination.observer(of: machine), times)
  }

  func endWindow() { examination.endWindow() }
  func mergeWindow() { examination.mergeWindow() }

  private final class Observer: JournalObserver {
    private let observer: any JournalObserver
    private let times: Range<Int64>

    init(_ observer: any JournalObserver, _ times: Range<Int64>) {
      (self.observer, self.times) = (observer, times)
    }

    func take(_ batch: JournalBatch) throws(RunRecordError) {
      let lines = batch.lines
      var rest = lines[...]
      // Times ascend, so this usually loops once; a clock that goes back needs more rounds.
      while let first = rest.firstIndex(where: { times.contains($0.systemTime) }) {
        let end =
          lines[first...].firstIndex { !times.contains($0.systemTime) } ?? lines.endIndex
        try observer.take(batch[first..<end])
        rest = lines[end...]
      }
    }
  }
}
