import LogicalTime
import RunRecord

/// Shows another analyzer only the lines within a time window.
final class WindowedJournalAnalyzer: JournalAnalyzer {
  private let analyzer: any JournalAnalyzer
  private let times: Range<Int64>

  /// Wraps an analyzer, unless the window is the whole run.
  ///
  /// - Parameters:
  ///   - analyzer: The analyzer that reads the lines.
  ///   - times: The system times whose lines it reads; nil for all.
  /// - Returns: The analyzer that takes part in the scan.
  static func of(_ analyzer: any JournalAnalyzer, within times: Range<Int64>?)
    -> any JournalAnalyzer
  {
    times.map { WindowedJournalAnalyzer(analyzer, $0) } ?? analyzer
  }

  private init(_ analyzer: any JournalAnalyzer, _ times: Range<Int64>) {
    (self.analyzer, self.times) = (analyzer, times)
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    Observer(analyzer.observer(of: machine), times)
  }

  func endWindow() { analyzer.endWindow() }
  func mergeWindow() { analyzer.mergeWindow() }

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
