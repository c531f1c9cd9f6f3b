import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Testing

@testable import VirtualTime

/// Runs as the tool starts them: with journals in a directory.
@Suite("Virtual run")
struct VirtualRunTests {
  /// Gives a test its own directory, and removes it afterwards.
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
    defer { try? FileSystem.removeTree(path) }
    try body(path)
  }

  /// Carries out a plan with journals in a folder of `path`, and returns their bytes.
  private func journals(_ run: VirtualRun, in path: String) throws -> [[UInt8]] {
    try FileSystem.makeDirectory(path)
    let directory = RunDirectory(path: path)
    _ = try run.carryOut(journalsIn: directory)
    return try run.plan.topology.machineIDs.map {
      try FileSystem.contents(directory.journalPath(of: $0))
    }
  }

  @Test("The same plan and seed give the same bytes", arguments: 0..<8 as Range<UInt64>)
  func sameSeedSameBytes(seed: UInt64) throws {
    var (plan, faults) = try Plans.random(seed: seed)
    plan.faults = faults
    let run = VirtualRun(plan: plan, endsWithFirstDeath: false)
    try withDirectory { path in
      let first = try journals(run, in: path + "/1")
      #expect(try journals(run, in: path + "/2") == first)
      var other = run
      other.plan.seed += 1
      #expect(try journals(other, in: path + "/3") != first)
    }
  }

  /// The digests are those of the journals that `experiments/benchmarks/virtual.cpp`, an
  /// independent program, writes for this plan.
  @Test("A minute's journals match the reference program byte for byte, on every machine")
  func bytesStay() throws {
    let plan = try Plans.plan(rates: [1, 3, 6], seed: 7)
    try withDirectory { path in
      let texts = try journals(VirtualRun(plan: plan), in: path + "/run").map {
        String(decoding: $0, as: UTF8.self)
      }
      let lines = texts[0].split(separator: "\n")
      #expect(lines.count == 61)
      #expect(lines[0] == "tick,system_time_ns,event,clock,queue_length,peer,message")
      let digests = texts.map { $0.utf8.reduce(UInt64(0)) { SplitMix64.mixed($0 ^ UInt64($1)) } }
      #expect(
        digests == [
          12_718_429_697_238_673_946, 1_144_601_954_403_544_737, 13_911_803_552_642_918_078,
        ])
    }
  }

  @Test("Journals hold events of any size of number", arguments: [1, 9, 200])
  func journalsSayWhatHappened(seconds: Int) throws {
    let plan = try Plans.plan(rates: [1, 9, 13], seconds: Double(seconds), seed: 3)
    let run = Runs.run(plan)
    var expected = Array(
      repeating: "tick,system_time_ns,event,clock,queue_length,peer,message\n", count: 3)
    for line in run.lines {
      let event = line.event
      let peer =
        switch event.peer {
        case .none: ""
        case .all: "*"
        case .machine(let id): "\(id)"
        case .neighbour(let neighbour): "\(plan.topology.id(of: neighbour, from: line.machine))"
        }
      let message = event.messageReading > 0 ? "\(event.messageReading)" : ""
      expected[line.machine.index] +=
        "\(event.tick),\(line.nanoseconds),\(event.kind.word),\(event.reading),"
        + "\(event.queueLength),\(peer),\(message)\n"
    }
    try withDirectory { path in
      let bytes = try journals(VirtualRun(plan: plan), in: path + "/run")
      #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
  }

  @Test("Keeping a journal's file open or not gives the same bytes")
  func closedFilesAreTheSame() throws {
    try withDirectory { path in
      let texts = try [true, false].map { keepsFileOpen in
        let file = "\(path)/\(keepsFileOpen).csv"
        let writer = try JournalWriter(
          path: file, machine: 0, topology: Topology(completeWith: 2), fields: [],
          bufferByteCount: 1024, keepsFileOpen: keepsFileOpen)
        for tick in 1...500 as ClosedRange<UInt64> {
          writer.append(
            Event(tick: tick, kind: .internal, reading: tick * 3, queueLength: 0),
            systemTime: Int64(tick) * 1_700_000_001)
        }
        try writer.flush()
        return String(decoding: try FileSystem.contents(file), as: UTF8.self)
      }
      #expect(texts[0] == texts[1])
      #expect(texts[0].hasSuffix("500,850000000500,internal,1500,0,,\n"))
    }
  }

  @Test("Progress is reported before the first tick and after the last, and can end the run")
  func tellsProgress() throws {
    var run = VirtualRun(plan: try Plans.plan(rates: [1, 3, 6]))
    run.tickCountPerReport = 100
    var seen: [RunTime] = []
    let whole = try run.carryOut(journalsIn: nil) { progress in
      seen.append(progress.reached)
      return true
    }
    #expect(whole.ending == .finished)
    #expect(seen.first == .start)
    #expect(seen.last == run.plan.end)
    #expect(seen == seen.sorted())
    #expect(seen.count == 7)
    let broken = try run.carryOut(journalsIn: nil) { $0.reached == .start }
    #expect(broken.ending == .interrupted)
    #expect(broken.summary.reached == 10_000_000_000)
  }

  @Test(
    "More waiting messages than are allowed end the run, and say at what time", arguments: [0, 1])
  func waitingLimit(withJournals: Int) throws {
    var run = VirtualRun(plan: try Plans.plan(rates: [100, 1], seconds: 3600, seed: 2))
    run.waitingCountMax = 500
    run.tickCountPerReport = 1000
    try withDirectory { path in
      let directory = RunDirectory(path: path)
      let outcome = try run.carryOut(journalsIn: withJournals == 1 ? directory : nil)
      guard case .failed(let reason) = outcome.ending else {
        Issue.record("it ended otherwise: \(outcome.ending)")
        return
      }
      #expect(reason.hasPrefix("more than 500 messages waited at "))
      #expect(
        reason.hasSuffix("; give the slow machines higher rates, or the run a shorter duration"))
      #expect(outcome.summary.waitingInInboxes == 501)
      #expect(outcome.summary.reached < run.plan.end)
    }
  }

  @Test(
    "However many ticks a pause has left overdue, they are all carried out, or the run is ended")
  func longPause() throws {
    var plan = try Plans.plan(rates: [80_000, 1], seconds: 3)
    plan.faults = [try #require(Fault(pause: "1s...3s@0"))]
    let run = VirtualRun(plan: plan)
    let whole = try run.carryOut(journalsIn: nil)
    #expect(whole.ending == .finished)
    #expect(whole.summary.machines.map(\.tickCount) == [240_000, 3])
    let ended = try run.carryOut(journalsIn: nil) { $0.reached < plan.end }
    #expect(ended.ending == .interrupted)
    #expect(ended.summary.machines[0].tickCount == 80_000 + 1 << 17 - 1)
  }

  @Test(
    "Delays of centuries are no trouble: nothing arrives",
    arguments: ["9223372036s", "0s...9223372036s", "~9223372036s"])
  func endlessDelay(word: String) throws {
    var plan = try Plans.plan(rates: [10, 10, 10], seconds: 60)
    plan.delay = try #require(Delay(word))
    let outcome = try VirtualRun(plan: plan).carryOut(journalsIn: nil)
    #expect(outcome.ending == .finished)
    #expect(outcome.summary.waitingOnChannels == Int(outcome.summary.sentCount))
  }

  @Test("Snapshots are handed over before many wait, and then the run can be ended")
  func snapshotsAreHandedOver() throws {
    var run = VirtualRun(plan: try Plans.plan(rates: [1, 300, 300], seconds: 20, seed: 5))
    run.snapshots.interval = TimeSpan(nanoseconds: 20_000_000)
    var snapshotCount = 0
    var itemCounts: [Int] = []
    let outcome = try run.carryOut(
      journalsIn: nil,
      while: { progress in
        itemCounts.append(0)
        return progress.reached < 15_000_000_000
      },
      takeSnapshot: { snapshot in
        snapshotCount += 1
        itemCounts[itemCounts.count - 1] += snapshot.machines.count + snapshot.inboxMessageCount
      })
    #expect(outcome.ending == .interrupted)
    #expect(outcome.summary.reached < 16_000_000_000)
    #expect(snapshotCount == outcome.snapshotIDs.count)
    // The snapshot that fills the room may be as large as all before it.
    #expect(itemCounts.allSatisfy { $0 < 2 << 14 })
    #expect(itemCounts.contains { $0 > 1 << 14 })
  }

  @Test("A missing directory is an error, not a crash")
  func missingDirectoryIsError() throws {
    let plan = try Plans.plan(rates: [1, 3, 6])
    #expect(throws: SystemError.self) {
      try VirtualRun(plan: plan).carryOut(journalsIn: RunDirectory(path: "/nowhere/at/all"))
    }
  }
}
