import LogicalTime
import RunRecord

/// Compares how far each machine came by its journal with what the manifest says.
final class JournalEnds: JournalAnalyzer {
  private let run: StoredRun
  private let journals: [JournalEnd]

  init(of run: StoredRun) {
    self.run = run
    journals = run.journals.map { _ in JournalEnd() }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  /// The first journal that holds less, or more, than the manifest says; nil when none does.
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

/// How far one machine came by its journal.
final class JournalEnd: JournalObserver {
  /// What the journal says; the plan says which machine it is of.
  private(set) var end = Manifest.MachineEnd(
    id: 0, rateHz: 0, ticks: 0, finalClock: 0, finalQueueLength: 0)

  func take(_ batch: JournalBatch) { end.count(batch.lines) }
}
