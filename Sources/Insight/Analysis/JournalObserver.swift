import LogicalTime
import RunRecord

/// Something that looks at every line of a run, once: a table or a check.
///
/// All examinations share one pass over the journals. The pass goes through system time in windows;
/// in a window it shows each machine's lines to that machine's observers, in their order, and then
/// calls ``endWindow()`` and ``mergeWindow()``, which may compare machines. So an observer never
/// needs to know of another machine, and an examination never holds more lines than two windows
/// have.
///
/// A pass may have several threads: then different machines' observers are called at the same time.
/// They must not share anything they write.
package protocol JournalAnalyzer: AnyObject {
  /// Who looks at the lines of one machine; asked for once per machine, before the pass.
  func observer(of machine: MachineID) -> any JournalObserver

  /// All lines of all machines up to a common system time have been shown. Nothing else of the pass
  /// goes on meanwhile.
  func endWindow()

  /// Compares what was seen in the window that ended last. Meanwhile the observers see the next
  /// window, and other examinations join theirs: what they write must have been set aside before,
  /// in ``endWindow()``.
  func mergeWindow()
}

extension JournalAnalyzer {
  package func endWindow() {}
  package func mergeWindow() {}
}

/// Looks at the lines of one machine, in the order of its journal.
package protocol JournalObserver: AnyObject {
  /// Takes in the next lines.
  ///
  /// - Throws: What makes a line impossible to go on with.
  func take(_ batch: JournalBatch) throws(RunRecordError)
}

/// Consecutive lines of one journal, valid only while they are shown.
package struct JournalBatch {
  package let lines: UnsafeBufferPointer<JournalLine>
  /// The number of the first of them in its file, where the header is line 1.
  package let firstLineNumber: Int
}
