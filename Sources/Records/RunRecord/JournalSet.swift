import LogicalTime
import ScaleModel
import SystemCalls

/// The journals of all machines of a run; a thread writes all of them, or those of its block.
///
/// A run may have more machines than a process may have open files. Then each file is opened only
/// for a write, and the buffers are smaller, so that all together stay within a fixed size.
package struct JournalSet {
  /// The total size of all buffers in bytes, as long as each can have at least 1 KiB.
  private static var bufferByteCountMax: Int { 1 << 26 }

  /// The size of each buffer in bytes, in a run of so many machines.
  private static func bufferByteCount(machineCount: Int) -> Int {
    min(1 << 20, bufferByteCountMax / machineCount)
  }

  /// The size of all buffers together in bytes, in a run of so many machines, at least.
  package static func allBuffersByteCount(machineCount: Int) -> Int {
    machineCount * max(1024, bufferByteCount(machineCount: machineCount))
  }

  private let writers: [JournalWriter]
  /// The machines whose journals the thread writes.
  private var machines: Range<Int>
  /// The same writers for hot code: reference counting would cost as much as writing a number.
  private let unretained: [Unmanaged<JournalWriter>]
  /// Whether writing any journal has failed.
  package private(set) var hasFailed = false
  /// The latest line's time: the machines of an instant share it.
  private var timeText = TimeText()
  /// How many full buffers were written since the last flush of all.
  private var fullCount = 0
  /// The number of full buffers per journal that triggers a flush of all: often enough that the
  /// journals of a killed run end at about the same time, and seldom enough to cost little.
  private static let fullCountMax = 4

  /// Creates the journals, one per machine, with the columns that the workload adds.
  ///
  /// They begin with the lines of a history, if there is one.
  ///
  /// - Throws: Why one of them cannot be created.
  package init(
    plan: RunPlan, fields: [FieldDeclaration], directory: RunDirectory,
    after history: JournalHistory? = nil
  ) throws(SystemError) {
    // Other files need descriptors too: the manifest, snapshots, the terminal.
    let spareCount = 64
    let fileCountMax = ThisProcess.raiseOpenFileLimit(to: plan.machineCount + spareCount)
    var writers: [JournalWriter] = []
    writers.reserveCapacity(plan.machineCount)
    for machine in plan.topology.machineIDs {
      writers.append(
        try JournalWriter(
          path: directory.journalPath(of: machine), machine: machine, topology: plan.topology,
          fields: fields,
          physicalClock: plan.physicalClocks.arePerfect
            ? nil : PhysicalClock(of: machine, plan.physicalClocks, seed: plan.seed),
          hasRounds: plan.snapshotAlgorithm.usesRounds,
          epoch: plan.restartCountMax == nil ? nil : 0,
          bufferByteCount: Self.bufferByteCount(machineCount: plan.machineCount),
          keepsFileOpen: plan.machineCount + spareCount <= fileCountMax))
    }
    self.writers = writers
    machines = 0..<writers.count
    for (machine, writer) in zip(plan.topology.machineIDs, writers) {
      guard let history else { break }
      try history.copy(machine, to: writer)
    }
    unretained = writers.map { Unmanaged.passUnretained($0) }
  }

  /// How many lines each journal has, the header aside, in id order.
  package var lineCounts: [Int] { writers.map { Int(clamping: $0.lineCount) } }

  /// Each machine's ticks by kind, counted from its journal lines, in id order.
  package var kinds: [TickKinds] { writers.map { $0.kinds } }

  /// The lines that follow are of another epoch of the run.
  package mutating func begin(epoch: UInt32) {
    for writer in writers { writer.epoch = epoch }
  }

  /// Calls `act` before lines are written to any file; an error counts as that of the write.
  package func beforeWriting(_ act: @escaping () throws(SystemError) -> Void) {
    for writer in writers { writer.beforeWriting = act }
  }

  /// The same journals for a thread that writes only those of these machines.
  package func journals(of machines: Range<Int>) -> JournalSet {
    var part = self
    (part.machines, part.fullCount) = (machines, 0)
    return part
  }

  /// Takes over whether that thread has failed to write.
  package mutating func take(_ part: JournalSet, of machines: Range<Int>) {
    if part.hasFailed { hasFailed = true }
  }

  /// Adds a line to the journal of `machine`, which shows that time.
  package mutating func append(
    _ event: Event, of machine: MachineID, at time: SystemInstant,
    fields writeFields: (inout FieldPen) -> Void
  ) {
    if time.nanoseconds != timeText.nanoseconds { timeText.set(time.nanoseconds) }
    unretained[machine.index]._withUnsafeGuaranteedRef { writer in
      writer.append(event, at: timeText, fields: writeFields)
      if writer.hasWrittenOut { take(writer) }
    }
  }

  /// Counts a writer's full buffer that was written or failed.
  private mutating func take(_ writer: JournalWriter) {
    writer.hasWrittenOut = false
    fullCount += 1
    if fullCount >= Self.fullCountMax * machines.count {
      fullCount = 0
      for writer in writers[machines] where !writer.hasFailed {
        // The last flush throws the error.
        try? writer.flush()
        writer.hasWrittenOut = false
      }
      hasFailed = writers[machines].contains(where: \.hasFailed)
    }
    if writer.hasFailed { hasFailed = true }
  }

  /// Writes all buffered lines.
  ///
  /// - Throws: The write error of the first journal that failed, now or earlier; the lines of the
  ///   others are in their files.
  package func flush() throws(SystemError) {
    var failure: SystemError?
    for writer in writers {
      do throws(SystemError) { try writer.flush() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Writes all buffered lines while the run goes on; a failure ends the run like that of a line.
  package mutating func writeOut() {
    do throws(SystemError) { try flush() } catch { hasFailed = true }
  }
}
