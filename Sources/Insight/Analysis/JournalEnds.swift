import LogicalTime
import RunRecord
import ScaleModel

/// Compares each machine's end in its journal with that in the manifest.
final class JournalEnds: JournalAnalyzer {
  private let run: StoredRun
  private let journals: [JournalEnd]

  init(of run: StoredRun) {
    self.run = run
    journals = run.topology.machineIDs.map { JournalEnd($0, of: run) }
  }

  func observer(of machine: MachineID) -> any JournalObserver { journals[machine.index] }

  /// The last values of the machines' states, in id order.
  var fields: [NamedValues] { journals.map(\.end.fields) }

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
  /// What the journal says; its rate is not set.
  private(set) var end: Manifest.MachineEnd
  private let names: FieldNames

  init(_ machine: MachineID, of run: StoredRun) {
    names = run.fields
    end = Manifest.MachineEnd(
      id: machine, rateHz: 0, ticks: 0, finalClock: 0, finalQueueLength: 0,
      fields: NamedValues(finals: run.manifest.plan.startValues(of: machine.index), of: names))
  }

  func take(_ batch: JournalBatch) { end.count(batch, names) }
}
