import LogicalTime
import ScaleModel
import SystemCalls

/// Why logs could not become a run.
package enum LogImportError: Error, Hashable, Sendable {
  /// A log or the map is not what it should be.
  case log(RunRecordError)
  /// The system refuses to write the run.
  case output(SystemError)
}

extension LogImport {
  /// Writes the run that the logs tell of.
  ///
  /// - Parameter directory: Where it goes; it exists.
  /// - Throws: ``LogImportError`` with what is wrong with a log, or why nothing can be written.
  package func write(to directory: RunDirectory) throws(LogImportError) {
    guard !machineNames.isEmpty else {
      throw .log(
        .malformed(
          path: mapPath, line: nil, column: LogPart.machine.key,
          problem: "the logs have no event, so they name no machine"))
    }
    let plan = RunPlan(
      rates: map.rates ?? machineNames.map { _ in 1 }, duration: .seconds(0),
      dieSides: map.die ?? 10, seed: 0, topologyChoice: .complete,
      topology: Topology(completeWith: machineNames.count), delay: .none, workload: .chatter)
    var journals = try Self.writing { () throws(SystemError) in
      try JournalSet(plan: plan, hasMoney: false, directory: directory)
    }
    let manifest = try write(plan, to: &journals)
    try Self.writing { () throws(SystemError) in
      try journals.flush()
      try manifest.write(to: directory)
    }
  }

  private static func writing<Result>(
    _ body: () throws(SystemError) -> Result
  ) throws(LogImportError) -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      throw .output(error)
    }
  }

  private func write(
    _ plan: RunPlan, to journals: inout JournalSet
  ) throws(LogImportError) -> Manifest {
    var span = LoggedSpan(machineCount: plan.machineCount)
    do throws(RunRecordError) {
      let (results, imported) = try read { logged throws(RunRecordError) in
        journals.append(logged.event, of: logged.machine, atNanoseconds: logged.systemTime)
        span.add(logged, rate: plan.rates[logged.machine.index])
      }
      warn(of: results)
      return manifest(plan, imported, span)
    } catch {
      throw .log(error)
    }
  }

  private func manifest(
    _ plan: RunPlan, _ imported: Manifest.Imported, _ span: LoggedSpan
  ) -> Manifest {
    var manifest = Manifest(
      plan: plan, runtime: "imported", version: "", journal: true, host: nil)
    let lacks = imported.lacks
    let hasPace = !lacks.contains(.rate) && !lacks.contains(.time)
    manifest.startTimeNs = hasPace ? span.start : nil
    manifest.durationNs = max(0, span.latest - (manifest.startTimeNs ?? span.earliest ?? 0))
    manifest.status = .finished
    // Only who knows rates, die and how long it took can say what the model predicts.
    if !hasPace || lacks.contains(.die) { manifest.plan.workload = "imported" }
    manifest.imported = imported
    return manifest
  }

  /// Where the event stands that a line of a journal tells of, found by reading the logs again.
  ///
  /// - Parameters:
  ///   - line: The line of the journal, where the header is line 1.
  ///   - machine: Whose journal it is.
  /// - Returns: The log and the line in it; nil when there is no such event.
  package func place(
    ofJournalLine line: Int, of machine: MachineID
  ) -> (path: String, line: Int)? {
    var place: (path: String, line: Int)?
    var count = 1
    _ = try? read { logged throws(RunRecordError) in
      guard logged.machine == machine else { return }
      count += 1
      if count == line { place = (logged.path, logged.lineNumber) }
    }
    return place
  }
}

/// From when to when logs tell of events, and when the run must have begun at the latest.
private struct LoggedSpan {
  private(set) var earliest: Int64?
  private(set) var latest: Int64 = 0
  /// The system time of tick 0 by which the first event of no machine comes early, and that of one
  /// is on time; nil when there is no event.
  private(set) var start: Int64?
  private var hasBegun: [Bool]

  init(machineCount: Int) {
    hasBegun = Array(repeating: false, count: machineCount)
  }

  mutating func add(_ logged: LogImport.LoggedEvent, rate: Int) {
    earliest = min(earliest ?? .max, logged.systemTime)
    latest = max(latest, logged.systemTime)
    guard !hasBegun[logged.machine.index] else { return }
    hasBegun[logged.machine.index] = true
    let due = TickTime.dueNanoseconds(tick: logged.event.tick, rate: rate)
    start = min(start ?? .max, logged.systemTime - due)
  }
}
