import LogicalTime
import RunRecord
import ScaleModel

/// Receives the journal entries of a simulation's machines.
///
/// The simulation is generic over it, so a journal that keeps nothing costs nothing.
package protocol SimulationJournal {
  /// Whether a journal entry has been lost, so that the run should end.
  var hasFailed: Bool { get }

  /// How many lines each machine's journal has, in id order; empty when none is kept.
  var lineCounts: [Int] { get }

  /// The lines that follow are of another epoch: the machines have gone back.
  mutating func begin(epoch: UInt32)

  /// Adds a line to the journal of `machine`; times count from the run's start.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - machine: Its machine.
  ///   - time: Its time.
  ///   - payload: What its message carries; nil when it has none.
  ///   - workload: The machine's workload after the event.
  ///   - fields: The workload's fields.
  mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at time: RunTime,
    payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>)

  /// Writes out what it holds back, for readers of the files.
  mutating func writeOut()

  /// The journal of a thread that carries out these machines alone; nil when lines must be added
  /// in the order of time.
  func part(of machines: Range<Int>) -> Self?

  /// Takes over whether a part has failed to write the lines of its machines.
  mutating func take(_ part: Self, of machines: Range<Int>)
}

extension SimulationJournal {
  /// Nil: a journal may depend on the order of lines of several machines.
  package func part(of machines: Range<Int>) -> Self? { nil }

  /// Does nothing: it has no parts.
  package mutating func take(_ part: Self, of machines: Range<Int>) {}
}

extension SimulationJournal {
  /// Does nothing: no file is behind it.
  package mutating func writeOut() {}
}

extension SimulationJournal {
  /// How many lines each machine's journal has, in id order; empty when none is kept.
  package var lineCounts: [Int] { [] }

  /// The lines that follow are of another epoch: the machines have gone back.
  package mutating func begin(epoch: UInt32) {}
}

/// The journal of a run of which only the summary is wanted.
package struct NoJournal: SimulationJournal {
  /// Makes a journal that keeps nothing.
  package init() {}
  /// False: nothing can be lost.
  package var hasFailed: Bool { false }
  /// Itself.
  package func part(of machines: Range<Int>) -> Self? { self }
  /// Ignores the line.
  package mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at: RunTime, payload: Work.Payload?,
    workload: Work, fields: WorkloadFields<Work>
  ) {}
}

extension JournalSet: SimulationJournal {
  /// Those of the machines, for a thread of their own.
  package func part(of machines: Range<Int>) -> JournalSet? { journals(of: machines) }

  /// Adds a line with the workload's columns; virtual time begins when the system clock reads zero.
  package mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at time: RunTime,
    payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
  ) {
    append(event, of: machine, at: SystemInstant(nanoseconds: time.nanoseconds)) { pen in
      fields.forEachColumn(payload, workload) { pen.write($0) }
    }
  }
}
