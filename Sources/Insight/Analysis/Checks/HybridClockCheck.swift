import LogicalTime
import RunRecord
import ScaleModel

/// Hybrid clocks keep their promises on the run's physical clocks: a stamp's time is at least the
/// machine's physical time, and above it by ε at most; an effect's stamp is later than its cause's;
/// and a counter is at most N(ε + 1), with N machines and in nanoseconds.
///
/// ε is how far the plan lets two physical clocks differ. All stamps are computed from the journals
/// alone, causes first, and from clocks that show what the journals say.
///
/// - SeeAlso: S. Kulkarni et al., "Logical Physical Clocks", OPODIS 2014, theorems 1 to 3 and
///   corollary 1.
final class HybridClockCheck: Check {
  let name = "hybrid"
  private let run: StoredRun

  init(_ run: StoredRun) { self.run = run }

  func observer(of machine: MachineID) -> any JournalObserver { IdleObserver() }

  func verdict() -> Verdict {
    if let lead = run.manifest.plan.physicalClocks.leads.first {
      return .notClaimed(
        "it needs clocks that keep to the plan; the plan has --clock-ahead \(lead)")
    }
    if run.manifest.runtime == "hosts" {
      return .notClaimed(
        "it needs clocks that keep to the plan; those of several hosts differ besides")
    }
    do throws(RunRecordError) {
      if let deviation = try deviation() { return .failed(deviation) }
      return try violation().map { .failed($0) } ?? .ok
    } catch {
      return .failed(
        Verdict.Violation(path: run.directory.path, line: nil, problem: "\(error)"))
    }
  }

  /// The first line with another physical time than the machine's clock shows by the plan, from
  /// which all stamps are computed.
  private func deviation() throws(RunRecordError) -> Verdict.Violation? {
    var clocks = run.manifest.physicalClocks
    let buffer = JournalBuffer(lineCount: 4096, columnCount: 1)
    for (index, journal) in run.journals.enumerated() {
      let reader = try JournalReader(
        path: journal.path, columns: [FieldDeclaration("physical_time_ns", .integer)],
        undone: run.manifest.undoneLines(of: MachineID(index)))
      while true {
        let batch = try reader.read(into: buffer)
        if batch.lines.isEmpty { break }
        for (offset, line) in batch.lines.enumerated() {
          let shown = run.originTime &+ clocks[index].time(at: line.systemTime &- run.originTime)
          if batch.number(inColumn: 0, at: offset) == shown { continue }
          return Verdict.Violation(
            path: journal.path, line: batch.firstLineNumber + offset,
            problem: "its physical_time_ns is not \(shown), which the machine's clock shows")
        }
      }
    }
    return nil
  }

  /// The first event whose stamp breaks a promise.
  private func violation() throws(RunRecordError) -> Verdict.Violation? {
    let bounds = HybridClockBounds(run.manifest)
    var physicalClocks = run.manifest.physicalClocks
    var clocks = physicalClocks.map { _ in HybridClock() }
    var lineNumbers = clocks.map { _ in 1 }
    var messages = MessagesInTransit<HybridClock>(in: run)
    let events = try CausalEvents(of: run)
    while let event = try events.next() {
      let index = event.machine.index
      lineNumbers[index] += 1
      guard event.line.kind != .snapshot else { continue }
      let time = physicalClocks[index].time(at: event.line.systemTime - run.originTime)
      let before = clocks[index]
      let cause = event.line.kind == .receive ? messages.remove(receivedBy: event) : nil
      if let cause {
        clocks[index].tick(at: time, receiving: cause)
      } else {
        clocks[index].tick(at: time)
      }
      if event.line.kind == .send { messages.add(clocks[index], sentBy: event) }
      if let problem = bounds.problem(
        of: clocks[index], at: time, after: [before] + [cause].compactMap(\.self))
      {
        return Verdict.Violation(
          path: run.journals[index].path, line: lineNumbers[index], problem: problem)
      }
    }
    return nil
  }
}

/// What hybrid clocks promise on the physical clocks of a plan.
struct HybridClockBounds {
  /// ε: how far two physical clocks may differ, in nanoseconds.
  let uncertainty: Int64
  /// The largest counter; without a bound where machines are paused.
  let counterMax: UInt64

  /// Makes bounds of their numbers.
  init(uncertainty: Int64, counterMax: UInt64) {
    (self.uncertainty, self.counterMax) = (uncertainty, counterMax)
  }

  /// The bounds of a run.
  init(_ manifest: Manifest) {
    uncertainty = manifest.plan.physicalClocks.uncertainty(
      within: TimeSpan(nanoseconds: max(0, manifest.durationNs)))
    let (counter, overflows) = UInt64(manifest.plan.machines).multipliedReportingOverflow(
      by: UInt64(max(0, uncertainty)) + 1)
    // Ticks that a pause has held up are all carried out at its end.
    let pauses = (manifest.plan.faults ?? []).contains { $0.hasPrefix("--pause") }
    counterMax = overflows || pauses ? .max : counter
  }

  /// Says which promise a stamp breaks.
  ///
  /// - Parameters:
  ///   - stamp: The stamp of an event.
  ///   - time: The machine's physical time.
  ///   - causes: The stamps of the machine's event before, and of the send that it receives.
  /// - Returns: The promise in words; nil when the stamp keeps all.
  func problem(of stamp: HybridClock, at time: Int64, after causes: [HybridClock]) -> String? {
    let (ahead, overflows) = stamp.time.subtractingReportingOverflow(time)
    if ahead < 0 && !overflows { return "the hybrid clock is \(-ahead) ns behind physical time" }
    if overflows || ahead > uncertainty {
      return
        "the hybrid clock is \(ahead) ns ahead of physical time, but physical clocks differ by "
        + "at most \(uncertainty) ns"
    }
    if causes.contains(where: { $0 >= stamp }) {
      return "the hybrid clock is not later than that of a cause"
    }
    return stamp.counter > counterMax
      ? "the hybrid clock counts \(stamp.counter) events at one time, of at most \(counterMax)"
      : nil
  }
}
