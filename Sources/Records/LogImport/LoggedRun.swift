import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// The logs of another implementation, read by a map and ready to be written as a run.
///
/// They become a run directory, so that every table and picture works on them. The manifest lists
/// what they lack (``Manifest/Imported``): the journals hold filler there, which must not be
/// measured. Lamport's rules are checked here, because only the import knows which parts the logs
/// contain.
///
/// The logs are read once; their events are held in memory, about 100 bytes each.
package struct LoggedRun: Sendable {
  /// The machines' names, in the order of their ids: by name, numbers as numbers.
  package var machineNames: [String] { logs.names }
  /// Notes on how the logs were interpreted.
  package private(set) var notes: [String] = []
  /// Possible errors in the logs or the map: lines left out, logs without events.
  package private(set) var warnings: [String] = []
  /// The results of the checks of the logs.
  package private(set) var verdicts: [(check: String, verdict: LogVerdict)] = []

  let mapPath: String
  let map: ImportMap
  /// The result of each log.
  let results: [LogReading.FileResult]
  private(set) var logs: LoggedEvents
  /// One per machine, in id order; nil when unknown.
  let rates: [TickRate?]
  /// One per machine; nil where the lateness of ticks is unknown.
  private(set) var pace: [MachinePace?] = []
  private let pairing: MessagePairing
  /// The machines whose times are coarser than their tick period.
  private let coarseMachines: [Int]

  /// Opens the map and reads the logs.
  ///
  /// - Parameters:
  ///   - map: The map.
  ///   - mapPath: The map's path.
  ///   - paths: The logs of one run.
  ///   - lines: The numbers of the run's lines; nil for all.
  ///   - progress: Receives the line being read.
  /// - Throws: ``RunRecordError`` with the location of the error, in the map or in a log.
  package init(
    map: ImportMap, mapPath: String, paths: [String], lines: ClosedRange<Int>? = nil,
    progress: ImportProgress? = nil
  ) throws(RunRecordError) {
    (self.map, self.mapPath) = (map, mapPath)
    let reading = try LogReading(
      map, mapPath: mapPath, paths: paths, lines: lines, progress: progress)
    var roster = try Roster(reading, map, mapPath: mapPath)
    var logs = try roster.events(of: reading, paths: paths)
    let shared = SharedTicks(joining: &logs)
    logs.remove(shared)
    Self.countTicks(of: &logs)
    pairing = MessagePairing(in: &logs)
    self.logs = logs
    results = reading.results
    rates = roster.rates
    (pace, coarseMachines) = Self.pace(of: logs, roster)
    warnings = LogWarnings.ofFiles(reading.results) + roster.warnings
    notes = LogWarnings.notes(shared, pairing, in: logs)
    check()
  }

  /// Reads the map and the logs.
  package init(mapPath: String, paths: [String]) throws(RunRecordError) {
    try self.init(map: try ImportMap.read(mapPath), mapPath: mapPath, paths: paths)
  }

  private static func countTicks(of logs: inout LoggedEvents) {
    guard !logs.map.tells(.tick) else { return }
    for indices in logs.eventIndices {
      for (count, index) in indices.enumerated() { logs.events[index].tick = UInt64(count) + 1 }
    }
  }

  /// The time of each machine's tick 0, from its own first tick.
  private static func pace(
    of logs: LoggedEvents, _ roster: Roster
  ) -> (pace: [MachinePace?], coarseMachines: [Int]) {
    var coarse: [Int] = []
    let pace = logs.eventIndices.enumerated().map { machine, indices -> MachinePace? in
      guard logs.map.tells(.time), let rate = roster.rates[machine],
        let first = indices.first.map({ logs.events[$0] }),
        let due = rate.dueNanoseconds(tick: first.tick)
      else { return nil }
      // Times coarser than a tick period do not show a tick's lateness.
      guard Double(roster.timeSteps[machine] ?? 1) < rate.periodNanoseconds else {
        coarse.append(machine)
        return nil
      }
      return MachinePace(rate: rate, tickZero: first.time - due)
    }
    return (pace, coarse)
  }

  // MARK: Checks

  private mutating func check() {
    var clock = LogVerdict.lacking(Manifest.Lack.clock.sentence)
    if logs.hasClock { clock = LoggedClockRule(logs, lag: pairing.readingLag).verdict }
    verdicts = [("clock", clock), ("delivery", deliveryVerdict)]
    let paceRule = LoggedPaceRule(logs, pace: pace)
    let paceVerdict = paceRule.breaches.verdict(in: logs)
    if paceVerdict.isFailed || (paceRule.hasLookedAt && !map.tells(.tick)) {
      verdicts.append(("pace", paceVerdict))
    }
    if let backward = paceRule.backward {
      warnings.append(LogWarnings.backward(backward, in: logs))
    }
    warnings += LogWarnings.ofMachines(in: logs, pairing, coarse: coarseMachines)
    warnings += LogWarnings.ofMixedLines(in: logs, clock)
  }

  private var deliveryVerdict: LogVerdict {
    if let first = pairing.contradictions.first {
      let event = logs.events[first.index]
      let others = pairing.contradictions.count - 1
      return .failed(
        path: logs.paths[Int(event.file)], line: Int(event.line),
        problem: first.problem + (others > 0 ? "; \(others) more receipts are not as sent" : ""))
    }
    if pairing.hasCompared { return .ok }
    let hasReceipts = logs.events.contains { $0.kind == .receive }
    return .lacking(
      hasReceipts ? Manifest.Lack.peer.sentence : "the logs tell of no message that was received")
  }

  /// What the logs lack.
  var lacks: [Manifest.Lack] {
    var lacks: Set<Manifest.Lack> = []
    if !map.tells(.tick) { lacks.insert(.tick) }
    if !map.tells(.time) { lacks.insert(.time) }
    if !logs.hasClock { lacks.insert(.clock) }
    if map.die == nil { lacks.insert(.die) }
    if machinesWithoutQueue.count == logs.names.count { lacks.insert(.queue) }
    if rates.contains(where: { $0 == nil }) {
      lacks.insert(.rate)
    } else if map.tells(.time), !coarseMachines.isEmpty, pace.allSatisfy({ $0 == nil }) {
      lacks.insert(.fineTime)
    }
    for event in logs.events where event.kind != .internal {
      if logs.recipients(of: event) == .none { lacks.insert(.peer) }
      if event.kind == .receive && event.partner == nil && event.message == nil {
        lacks.insert(.message)
      }
    }
    return Manifest.Lack.allCases.filter(lacks.contains)
  }

  /// The machines whose logs never give their queue length.
  var machinesWithoutQueue: [Int] {
    logs.eventIndices.indices.filter { machine in
      logs.eventIndices[machine].allSatisfy { logs.events[$0].queueLength == nil }
    }
  }

  /// Finds the log line of an event from its line in a journal.
  ///
  /// - Parameters:
  ///   - line: The line of the journal, where the header is line 1.
  ///   - machine: The journal's machine.
  /// - Returns: The log and the line in it; nil when there is no such event.
  package func location(
    ofJournalLine line: Int, of machine: MachineID
  ) -> (path: String, line: Int)? {
    guard logs.eventIndices.indices.contains(machine.index),
      logs.eventIndices[machine.index].indices.contains(line - 2)
    else { return nil }
    let event = logs.events[logs.eventIndices[machine.index][line - 2]]
    return (logs.paths[Int(event.file)], Int(event.line))
  }
}
