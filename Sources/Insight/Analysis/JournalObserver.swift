import LogicalTime
import RunRecord

/// Reads every line of a run, once: a table or a check.
///
/// All analyzers share one scan of the journals. The scan goes through system time in windows; in a
/// window it shows each machine's lines to that machine's observers, in order. Then it calls
/// ``endWindow()`` and ``mergeWindow()``, which may compare machines. So an observer never needs
/// another machine, and an analyzer never holds the lines of more than two windows.
///
/// A scan may have several threads, which call different machines' observers at the same time.
/// These must not share anything they write.
package protocol JournalAnalyzer: AnyObject {
  /// The observer of one machine's lines; the scan asks once per machine, before it begins.
  func observer(of machine: MachineID) -> any JournalObserver

  /// Ends a window: all machines' lines up to a common system time were shown. No other call of the
  /// scan runs meanwhile.
  func endWindow()

  /// Compares machines within the window that ended last. Meanwhile the observers read the next
  /// window, and other analyzers merge: set aside in ``endWindow()`` what the observers write.
  func mergeWindow()
}

extension JournalAnalyzer {
  /// Does nothing.
  package func endWindow() {}
  /// Does nothing.
  package func mergeWindow() {}
}

/// Reads the lines of one machine, in the order of its journal.
package protocol JournalObserver: AnyObject {
  /// Reads the next lines.
  ///
  /// - Throws: An error that ends the scan.
  func take(_ batch: JournalBatch) throws(RunRecordError)
}

/// Reads nothing, for a check that has nothing to look at in journals, or reads them by itself.
final class IdleObserver: JournalObserver {
  func take(_ batch: JournalBatch) {}
}
