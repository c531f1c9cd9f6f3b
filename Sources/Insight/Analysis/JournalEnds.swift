import LogicalTime
import RunRecord

/// Compares each machine's end in its journal with that in the manifest.
final class JournalEnds: JournalAnalyzer {
  private let run: StoredRun
  private let journals: [JournalEnd]

  init(of run: StoredRun) {
    self.run = run
    journals = run.journals.map { _ in JournalEnd() }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  /// The first journal that has less, or more, than the manifest says; nil when none has.
  var shortage: RunRecordError? {
    do throws(RunRecordError) {
      for end in run.manifest.machines where journals.indices.contains(end.id.index) {
        try end.checkReached(by: journals[end.id.index].end, path: run.journals[end.id.index].path)
      }
      return nil
    } catch {
      return error
    }
  }
}

/// Finds how far one machine came, by its journal.
final class JournalEnd: JournalObserver {
  /// What the journal says; its id and rate are not set.
  private(set) var end = Manifest.MachineEnd(
    id: 0, rateHz: 0, ticks: 0, finalClock: 0, finalQueueLength: 0)

  func take(_ batch: JournalBatch) { end.count(batch.lines) }
}
