import LogicalTime
import ScaleModel
import SystemCalls

/// The journals of all machines of a run that one thread carries out.
///
/// A run may have more machines than a process may have open files. Then each file is opened only
/// while lines are handed to the system, and the buffers are made smaller, so that all of them
/// together stay within a stated size.
package struct JournalSet {
  /// How many bytes the buffers of all journals take together, while each can have at least 1 KiB.
  package static var bufferByteCountMax: Int { 1 << 26 }

  private let writers: [JournalWriter]
  /// The same writers, for lines: counting references would cost as much as writing a number.
  private let unretained: [Unmanaged<JournalWriter>]
  /// What the lines of each journal tell of its machine's ticks, in id order.
  package private(set) var kinds: [TickKinds]
  /// Whether the system has refused lines of any journal.
  package private(set) var hasFailed = false
  /// How many buffers were handed to the system because they were full, since all were.
  private var fullCount = 0
  /// After how many full buffers per journal all of them are handed to the system: so often that
  /// the journals of a run that is killed end at about one time, so seldom that it costs little.
  private static let fullCountMax = 4

  /// Creates the journals, one per machine.
  ///
  /// - Throws: Why one of them cannot be created.
  package init(plan: RunPlan, hasMoney: Bool, directory: RunDirectory) throws(SystemError) {
    // Some files are open already, and others will be: the manifest, snapshots, the terminal.
    let spareCount = 64
    let fileCountMax = ThisProcess.raiseOpenFileLimit(to: plan.machineCount + spareCount)
    var writers: [JournalWriter] = []
    writers.reserveCapacity(plan.machineCount)
    for machine in plan.topology.machineIDs {
      writers.append(
        try JournalWriter(
          path: directory.journalPath(of: machine), machine: machine, topology: plan.topology,
          hasMoney: hasMoney,
          bufferByteCount: min(1 << 18, Self.bufferByteCountMax / plan.machineCount),
          keepsFileOpen: plan.machineCount + spareCount <= fileCountMax))
    }
    self.writers = writers
    kinds = Array(repeating: TickKinds(), count: writers.count)
    unretained = writers.map { Unmanaged.passUnretained($0) }
  }

  /// Adds a line to the journal of `machine`, with the time as the journal is to show it.
  package mutating func append(
    _ event: Event, of machine: MachineID, atNanoseconds nanoseconds: Int64
  ) {
    unretained[machine.index]._withUnsafeGuaranteedRef { writer in
      writer.append(event, systemTime: nanoseconds)
      if writer.hasWrittenOut { take(writer) }
    }
    switch event.kind {
    case .send: kinds[machine.index].sends += 1
    case .receive: kinds[machine.index].receives += 1
    case .internal, .snapshot, .deposit, .withdraw: break
    }
  }

  /// Takes note that a writer has handed a full buffer to the system, or tried to.
  private mutating func take(_ writer: JournalWriter) {
    writer.hasWrittenOut = false
    fullCount += 1
    if fullCount >= Self.fullCountMax * writers.count {
      fullCount = 0
      for writer in writers where !writer.hasFailed {
        // What is refused is thrown by the last flush.
        try? writer.flush()
        writer.hasWrittenOut = false
      }
      hasFailed = writers.contains(where: \.hasFailed)
    }
    if writer.hasFailed { hasFailed = true }
  }

  /// Hands all lines to the system.
  ///
  /// - Throws: What the system refused, now or earlier, for the first journal it refused lines of;
  ///   the lines of the others are in their files.
  package func flush() throws(SystemError) {
    var failure: SystemError?
    for writer in writers {
      do throws(SystemError) { try writer.flush() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
