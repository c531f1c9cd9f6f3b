import LogicalTime
import RunRecord

/// Shows another examination only the lines of a stretch of time.
final class WindowedJournalAnalyzer: JournalAnalyzer {
  private let examination: any JournalAnalyzer
  private let times: Range<Int64>

  /// The examination itself when the stretch is the whole run.
  ///
  /// - Parameters:
  ///   - examination: What sees the lines.
  ///   - times: The system times whose lines it sees; nil for all.
  /// - Returns: What takes part in the pass.
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
      // Times ascend, so this mostly goes round once; a clock that goes back makes more stretches.
      while let first = rest.firstIndex(where: { times.contains($0.systemTime) }) {
        let end =
          lines[first...].firstIndex { !times.contains($0.systemTime) } ?? lines.endIndex
        try observer.take(
          JournalBatch(
            lines: UnsafeBufferPointer(rebasing: lines[first..<end]),
            firstLineNumber: batch.firstLineNumber + first))
        rest = lines[end...]
      }
    }
  }
}
