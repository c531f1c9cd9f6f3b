import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing
import Workloads

@testable import Analysis

/// The check of what workloads claim, on the shipped algorithms and on broken ones.
@Suite("The check invariants")
struct InvariantTests {
  /// Runs a workload in virtual time with snapshots, and shows the run to `body`.
  private func run<Work: NamedWorkload, Found>(
    _ type: Work.Type, options: [String: String] = [:], topology: TopologyChoice = .complete,
    seed: UInt64 = 3, delay: String = "100ms", _ body: (StoredRun) throws -> Found
  ) throws -> Found {
    var fixture = WorkloadRun(type, rates: [6, 9, 4, 7])
    (fixture.options, fixture.topology, fixture.seed) = (options, topology, seed)
    fixture.delay = delay
    return try fixture.stored(body)
  }

  private func verdict(of run: StoredRun) throws -> Verdict {
    let findings = try RunFindings(of: run, RunFindings.Options(checks: true))
    for (check, verdict) in findings.verdicts where check != "invariants" {
      #expect(!verdict.isFailed, "\(check): \(verdict)")
    }
    return try #require(findings.verdicts.first { $0.check == "invariants" }).verdict
  }

  @Test(
    "The shipped algorithms keep what they claim",
    arguments: 1...(LongTests.areOn ? 6 : 3) as ClosedRange<UInt64>)
  func shipped(seed: UInt64) throws {
    for type in ShippedWorkloads.all {
      let delay = ["0", "80ms", "~120ms"][Int(seed % 3)]
      let verdict = try run(type, topology: .ring, or: .complete, seed: seed, delay: delay)
      #expect(verdict == .ok, "\(type.name)")
    }
  }

  /// The verdict on a workload, on the first topology that it accepts.
  private func run(
    _ type: any NamedWorkload.Type, topology: TopologyChoice, or other: TopologyChoice,
    seed: UInt64, delay: String
  ) throws -> Verdict {
    do {
      return try run(type, topology: topology, seed: seed, delay: delay) { try verdict(of: $0) }
    } catch is WorkloadRefusal {
      return try run(type, topology: other, seed: seed, delay: delay) { try verdict(of: $0) }
    }
  }

  private func problem<Work: NamedWorkload>(
    _ type: Work.Type, options: [String: String] = [:], topology: TopologyChoice = .complete
  ) throws -> String {
    try run(type, options: options, topology: topology) { run in
      let verdict = try verdict(of: run)
      guard case .failed(let violation) = verdict else { return "\(verdict)" }
      let line = try #require(violation.line)
      let cut = try #require(violation.cut)
      #expect(cut.lineCounts.contains(line - 1) && cut.name.hasSuffix(" fails"))
      let lines = cut.lineCounts.map { "\($0 + 1)" }.joined(separator: ", ")
      #expect(violation.problem.hasSuffix("the cut is after lines \(lines) of the journals"))
      return violation.problem
    }
  }

  @Test("A broken algorithm fails, with the time, the machines and the cut")
  func broken() throws {
    let often = ["want": "1"]
    for problem in [
      try problem(Broken<WrongComparison>.self, options: often),
      try problem(Broken<LateRequests>.self, options: often),
    ] {
      let time =
        /^after this event, at [0-9.]+(m|u|n)?s, invariant 'exclusion', count.phase == inside. <= 1/
      let machines = /does not hold: phase.\d. is inside, phase.\d. is inside; the cut is after/
      #expect(problem.contains(time) && problem.contains(machines), "\(problem)")
      #expect(problem.contains(/lines \d+, \d+, \d+, \d+ of the journals$/), "\(problem)")
    }
    #expect(
      try problem(Broken<CopiedToken>.self, topology: .ring).contains("invariant 'one-token'"))
    #expect(
      try problem(Broken<HastyElection>.self, topology: .ring).contains("invariant 'one-leader'"))
    let early = try problem(Broken<EarlySignal>.self)
    #expect(early.contains("invariant 'never-early'"), "\(early)")
    #expect(early.contains("detected(0) is true"), "\(early)")
    #expect(
      try problem(Broken<DoubleCount>.self, topology: .ring).contains("invariant 'all-reached'"))
  }

  @Test("A forgotten reply breaks no invariant, but a snapshot finds the deadlock")
  func deadlock() throws {
    try run(Broken<ForgottenReply>.self, options: ["want": "1"], delay: "10ms") { run in
      let verdict = try verdict(of: run)
      #expect(verdict == .ok)
      #expect(run.manifest.plan.predicates?.map(\.name) == ["exclusion", "deadlocked"])
    }
  }

  @Test("A claim about what machines owe is checked in snapshots, and the verdict says so")
  func owed() throws {
    var fixture = WorkloadRun(TokenRing.self, rates: [6, 9, 4])
    for (claim, expected, word) in [
      ("min(owed) >= 0", "ok: invariant 'debts' was checked in snapshots only: ", "ok"),
      ("min(owed) > 0", "0-1.json': invariant 'debts', min(owed) > 0, does not", "FAILED"),
    ] {
      fixture.adjust = { $0.plan.predicates = [.invariant("debts", claim)] }
      try fixture.stored { run in
        let verdict = "\(InvariantCheck(run).verdict())"
        #expect(verdict.contains(expected), "\(verdict)")
        let file = try run.snapshot(try #require(SnapshotID("0-1")))
        #expect(SnapshotInvariants(run).word(for: file) == word)
      }
    }
  }

  @Test("Without a snapshot such a claim is not checked, and the verdict says so")
  func owedWithoutSnapshots() throws {
    func text(_ fixture: RunFixture) throws -> String {
      let verdicts = try fixture.findings().verdicts
      return "\(try #require(verdicts.first { $0.check == "invariants" }).verdict)"
    }
    var fixture = RunFixture(rates: [1, 1], journals: [["1,10,internal,3,0,,"], []])
    let debts = NamedPredicate.invariant("debts", "min(owed) >= 0")
    fixture.adjust = { $0.plan.predicates = [debts] }
    let alone = try text(fixture)
    #expect(alone.hasPrefix("vacuous: invariant 'debts' was not checked, "), "\(alone)")
    fixture.adjust = { $0.plan.predicates = [debts, .invariant("low", "max(clock) < 9")] }
    let beside = try text(fixture)
    #expect(beside.hasPrefix("ok: invariant 'debts' was not checked, "), "\(beside)")
  }

  @Test("Beyond its bound the check says that it looked at snapshots only")
  func limited() throws {
    try run(TokenRing.self, topology: .ring) { run in
      #expect(
        InvariantCheck(run, readCountMax: 50).verdict()
          == .limited("events were checked until 50 fields were read, then snapshots only"))
    }
  }

  @Test(
    "States at the start that do not fit the fields are refused",
    arguments: [[], [[]], [[.integer(1), .integer(2)]], [[.integer(1)], [.nothing], [.nothing]]]
      as [[[FieldValue]]])
  func startStates(states: [[FieldValue]]) throws {
    var fixture = RunFixture(rates: [1, 1], journals: [[], []])
    fixture.header += ",level"
    fixture.adjust = {
      $0.plan.stateFields = [FieldDeclaration("level", .integer)]
      $0.plan.startStates = [[.integer(1)]]
      $0.plan.predicates = [.invariant("low", "max(level) < 2")]
    }
    #expect(try fixture.verdict(of: "invariants") == "ok")
    let adjust = fixture.adjust
    fixture.adjust = {
      adjust(&$0)
      $0.plan.startStates = states
    }
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect("\(error)".contains("plan.start_states"), "\(error)")
  }

  @Test("A claim that is no condition of the run is a failed check, not a crash")
  func malformed() throws {
    var fixture = RunFixture(
      rates: [1, 1], journals: [["1,10,internal,3,0,,"], ["1,20,internal,4,0,,"]])
    for (expression, expected) in [
      ("count(phase == inside) <= 1", "run.json: invariant 'claim', count(phase == inside) <= 1: "),
      ("1 +", "run.json: invariant 'claim', 1 +: "),
      ("clock(0) > 0", "run.json: before the first tick invariant 'claim', clock(0) > 0, does not"),
      ("max(clock) < 4", "machine-1.csv:2: after this event, at 20ns, invariant 'claim'"),
      (
        "sum(clock) * 9223372036854775807 >= 0",
        "machine-0.csv:2: after this event, at 10ns, invariant 'claim', "
          + "sum(clock) * 9223372036854775807 >= 0, has no value: "
      ),
    ] {
      fixture.adjust = { $0.plan.predicates = [.invariant("claim", expression)] }
      let verdict = try fixture.verdict(of: "invariants")
      #expect(verdict.hasPrefix(expected), "\(verdict)")
    }
  }
}
