import LogicalTime
import Predicates
import RunRecord
import ScaleModel

/// What a run's workload claims of all its global states holds: after every event of the journals,
/// causes before effects and else by system time, and in every complete snapshot that is to be a
/// state of the run.
///
/// After an event the state is that of a consistent cut: the lines read so far. Invariants of all
/// other cuts are a question for `--possibly`. An invariant of what machines owe is checked in
/// snapshots only.
final class InvariantCheck: Check {
  let name = "invariants"
  private let run: StoredRun
  /// The most fields that are read; beyond it only snapshots are checked.
  private let readCountMax: Int

  init(_ run: StoredRun, readCountMax: Int = 1_000_000_000) {
    (self.run, self.readCountMax) = (run, readCountMax)
  }

  func observer(of machine: MachineID) -> any JournalObserver { IdleObserver() }

  func verdict() -> Verdict {
    let claims = (run.manifest.plan.predicates ?? []).filter { $0.claim == .invariant }
    if claims.isEmpty { return .vacuous }
    var invariants = Invariants()
    for claim in claims {
      do throws(ExpressionError) {
        try invariants.add(claim, of: run)
      } catch {
        return .failed(
          Verdict.Violation(
            path: run.directory.manifestPath, line: nil,
            problem: "invariant '\(claim.name)', \(claim.expression): \(error)"))
      }
    }
    do throws(RunRecordError) {
      var (readCount, stateCount) = (0, 0)
      if let violation = try violationByEvents(invariants.ofEvents, &readCount) {
        return .failed(violation)
      }
      // Where the plan gives up what makes a snapshot one state of the run, it claims nothing.
      let claims = run.manifest.snapshotClaims
      if claims.consistentCuts, claims.exactChannels,
        let violation = try violationBySnapshots(invariants.ofSnapshots, &stateCount)
      {
        return .failed(violation)
      }
      var limits = invariants.untold.map { name, reason in
        "invariant '\(name)' was "
          + (stateCount > 0 ? "checked in snapshots only" : "not checked, for want of snapshots")
          + ": \(reason)"
      }
      if stateCount == 0, invariants.ofEvents.isEmpty {
        return .lacking(limits.joined(separator: "; "))
      }
      if readCount > readCountMax {
        limits.append(
          "events were checked until \(readCountMax) fields were read, then snapshots only")
      }
      return limits.isEmpty ? .ok : .limited(limits.joined(separator: "; "))
    } catch {
      return .failed(
        Verdict.Violation(path: run.directory.path, line: nil, problem: "\(error)"))
    }
  }

  /// The claims of a run, by what can be checked of them.
  private struct Invariants {
    /// Those that journals tell enough for.
    var ofEvents: [Invariant] = []
    /// All.
    var ofSnapshots: [Invariant] = []
    /// The others, with what the journals do not tell.
    var untold: [(name: String, reason: String)] = []

    mutating func add(
      _ claim: NamedPredicate, of run: StoredRun
    ) throws(ExpressionError) {
      ofSnapshots.append(try Invariant(claim, in: run.snapshotVocabulary))
      do throws(ExpressionError) {
        ofEvents.append(try Invariant(claim, in: run.vocabulary))
      } catch {
        untold.append((claim.name, "\(error)"))
      }
    }
  }

  /// A claim, ready to be evaluated on this run.
  private struct Invariant {
    let claim: NamedPredicate
    let expression: Expression
    let vocabulary: Expression.Vocabulary

    init(_ claim: NamedPredicate, in vocabulary: Expression.Vocabulary) throws(ExpressionError) {
      (self.claim, self.vocabulary) = (claim, vocabulary)
      expression = try Expression(claim.expression, in: vocabulary)
    }

    /// Why it does not hold in a state; nil when it holds.
    func problem(in state: some GlobalState, _ readCount: inout Int) -> String? {
      do throws(EvaluationError) {
        if try expression.holds(in: state, readCount: &readCount) { return nil }
      } catch {
        return "invariant '\(claim.name)', \(claim.expression), has no value: \(error)"
      }
      let evidence = expression.evidence(in: state, vocabulary)
      return "invariant '\(claim.name)', \(claim.expression), does not hold"
        + (evidence.isEmpty ? "" : ": \(evidence)")
    }
  }

  /// The first state before, or after an event, that an invariant is false of.
  ///
  /// Ends early when `readCount` exceeds ``readCountMax``.
  private func violationByEvents(
    _ invariants: [Invariant], _ readCount: inout Int
  ) throws(RunRecordError) -> Verdict.Violation? {
    var state = RunningState(of: run)
    for invariant in invariants {
      guard let problem = invariant.problem(in: state, &readCount) else { continue }
      return Verdict.Violation(
        path: run.directory.manifestPath, line: nil,
        problem: "before the first tick \(problem)",
        cut: NamedCut(name: "\(invariant.claim.name) fails", lineCounts: state.lineCounts))
    }
    let events = try CausalEvents(of: run)
    while readCount <= readCountMax, let event = try events.next() {
      state.pass(event)
      if event.line.kind == .snapshot { continue }
      for invariant in invariants {
        guard let problem = invariant.problem(in: state, &readCount) else { continue }
        let machine = event.machine.index
        let elapsed = TimeSpan(nanoseconds: max(0, event.line.systemTime - run.originTime))
        return Verdict.Violation(
          path: run.journals[machine].path, line: state.lineCounts[machine] + 1,
          problem: "after this event, at \(elapsed), \(problem)\(state.cutWords)",
          cut: NamedCut(name: "\(invariant.claim.name) fails", lineCounts: state.lineCounts))
      }
    }
    return nil
  }

  /// The first complete snapshot, by id, that an invariant is false of; counts those it looks at.
  private func violationBySnapshots(
    _ invariants: [Invariant], _ stateCount: inout Int
  ) throws(RunRecordError) -> Verdict.Violation? {
    var readCount = 0
    for id in try run.files.snapshotIDs() {
      let file = try run.snapshot(id)
      guard let state = SnapshotState(file, run.fields) else { continue }
      stateCount += 1
      for invariant in invariants {
        guard let problem = invariant.problem(in: state, &readCount) else { continue }
        return Verdict.Violation(
          path: run.files.snapshotPath(of: id), line: nil, problem: problem,
          cut: NamedCut(name: "\(id)", lineCounts: file.machines.map { Int($0.events) }))
      }
    }
    return nil
  }
}

/// The global state after the journal lines that were read so far.
private struct RunningState: GlobalState {
  /// How many lines of each journal were read, the header aside.
  private(set) var lineCounts: [Int]
  private(set) var messageCountOnTheWay = 0
  private var clocks: [UInt64]
  private var queueLengths: [Int]
  /// The values of each machine's state.
  private var values: [[FieldValue]]
  /// One per field of messages: its sum over all messages sent and not received.
  private var sums: [WideSum]
  private let topology: Topology
  private let groups: [[Int]]

  init(of run: StoredRun) {
    topology = run.topology
    groups = run.manifest.imported?.groups ?? []
    lineCounts = Array(repeating: 0, count: run.machineCount)
    clocks = Array(repeating: 0, count: run.machineCount)
    queueLengths = lineCounts
    values = (0..<run.machineCount).map { run.firstStateValues(of: $0) }
    sums = run.fields.message.map { _ in WideSum() }
  }

  /// Goes to the state after another line.
  mutating func pass(_ event: CausalEvent) {
    let (machine, line) = (event.machine.index, event.line)
    lineCounts[machine] += 1
    if line.kind == .snapshot { return }
    clocks[machine] = line.clock
    queueLengths[machine] = line.queueLength
    for (field, value) in event.values[sums.count...].enumerated() {
      values[machine][field] = value
    }
    switch line.kind {
    case .send: count(event.values, times: event.targetCount(in: topology, groups: groups))
    case .receive: count(event.values, times: -1)
    case .internal, .snapshot, .deposit, .withdraw: break
    }
  }

  private mutating func count(_ values: [FieldValue], times: Int) {
    messageCountOnTheWay += times
    for field in sums.indices {
      guard let number = values[field].integer else { continue }
      for _ in 0..<times.magnitude {
        if times > 0 { sums[field] += number } else { sums[field] -= number }
      }
    }
  }

  /// The cut in words: how many lines of each journal are before it, of few machines.
  var cutWords: String {
    guard lineCounts.count <= 12 else { return "" }
    let lines = lineCounts.map { "\($0 + 1)" }.joined(separator: ", ")
    return "; the cut is after lines \(lines) of the journals"
  }

  var machineCount: Int { lineCounts.count }
  func value(of field: Int, at machine: Int) -> FieldValue { values[machine][field] }
  func queueLength(at machine: Int) -> Int { queueLengths[machine] }
  func clock(at machine: Int) -> UInt64 { clocks[machine] }
  func sumOnTheWay(of field: Int) -> Int64? { sums[field].value }
}
