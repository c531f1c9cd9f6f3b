import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import Analysis

/// Snapshots of real machines pass; those of flawed machines, or changed ones, do not.
@Suite("Snapshots are proven from the journals")
struct SnapshotCheckTests {
  /// A run with overlapping snapshots from changing initiators; the last is under way at its end.
  private static func run(
    _ choice: TopologyChoice = .complete, rates: [Int] = [3, 40, 25, 60], seed: UInt64,
    flaw: ModelRun.Flaw? = nil
  ) throws -> ModelRun {
    let delay = try #require(Delay("5ms...150ms"))
    let times: [(Int64, Int)] = [
      (300, 0), (350, 1), (700, 2), (900, 3), (910, 3), (1500, 0), (2000, 1), (2980, 2),
    ]
    return try ModelRun(
      rates: rates, seconds: 3, dieSides: 4, topologyChoice: choice, seed: seed, delay: delay,
      snapshots: times.map { ($0, MachineID($1 % rates.count)) }, flaw: flaw)
  }

  @Test(
    "Runs of real machines pass, with messages in inboxes and channels",
    arguments: [.complete, .ring, .star, .line, .random(neighbourCount: 2)] as [TopologyChoice],
    [1, 2, 3] as [UInt64])
  func realMachines(choice: TopologyChoice, seed: UInt64) throws {
    let run = try Self.run(choice, seed: seed)
    let findings = try run.fixture.findings()
    // There is no money here to check.
    for verdict in findings.verdicts {
      #expect(verdict.verdict == (verdict.check == "money" ? .vacuous : .ok), "\(verdict)")
    }
    let complete = run.snapshots.filter { $0.status == .complete }
    #expect(complete.count == 7)
    #expect(complete.contains { $0.inboxMessageCount > 0 })
    #expect(complete.contains { $0.channelMessageCount > 0 })
    // Some snapshots overlap.
    #expect(run.snapshots[1].requestedTimeNs < run.snapshots[0].completedTimeNs)
  }

  @Test("The table has a row per snapshot, in id order")
  func table() throws {
    let run = try Self.run(seed: 1)
    let rows = try run.fixture.findings().snapshots
    #expect(
      rows.map { $0[.id].text }
        == ["0-1", "0-2", "1-1", "1-2", "2-1", "2-2", "3-1", "3-2"])
    for row in rows {
      let file = try #require(run.snapshots.first { "\($0.id)" == row[.id].text })
      #expect(
        SnapshotColumn.columns(named: false).map { row[$0] } == [
          .text("run"), .text("\(file.id)"), .count(UInt64(file.initiator.number)),
          .text(file.status.rawValue), .number(file.latencyMicroseconds),
          .count(UInt64(file.machines.count)), .count(UInt64(file.inboxMessageCount)),
          .count(UInt64(file.channelMessageCount)),
        ])
    }
    #expect(rows.count { $0[.status].text == "partial" } == 1)
  }

  @Test("Partial snapshots prove nothing, but their states must be right")
  func partial() throws {
    var fixture = try Self.run(seed: 4).fixture
    fixture.snapshots.removeAll { $0.status == .complete }
    // In a run that has ended, the lines of the removed snapshots would be an error.
    fixture.status = .running
    let count = try #require(fixture.snapshots.first?.machines.count)
    #expect(count > 0)
    #expect(try fixture.verdict(of: "cut") == "vacuous")
    #expect(try fixture.verdict(of: "channels") == "vacuous")
    fixture.snapshots[0].machines[0].clock += 1
    #expect(try fixture.verdict(of: "cut").contains("snapshot 2-2 has its cut here, but the clock"))
  }

  @Test("A partial snapshot that says it is complete is refused", arguments: [1, 2, 3, 4])
  func relabelled(seed: UInt64) throws {
    var fixture = try Self.run(seed: seed).fixture
    let index = try #require(fixture.snapshots.firstIndex { $0.status == .partial })
    fixture.snapshots[index].status = .complete
    #expect(throws: RunRecordError.self) { try fixture.findings() }
    fixture.snapshots[index].reason = nil
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect("\(error)".contains("2-2.json', column"))
    #expect("\(error)".contains("is missing; a complete snapshot has every"))
  }

  @Test("A partial snapshot cannot become complete by counting missing channels as empty")
  func madeWhole() throws {
    var rejectedCount = 0
    for milliseconds: Int64 in stride(from: 2700, through: 2980, by: 40) {
      let run = try ModelRun(
        rates: [50, 40, 50, 60], seconds: 3, dieSides: 3, seed: 2,
        delay: try #require(Delay("100ms...200ms")), snapshots: [(milliseconds, 1)])
      var forged = run.fixture
      guard run.snapshots[0].status == .partial, run.snapshots[0].machines.count == 4 else {
        continue
      }
      forged.snapshots[0].status = .complete
      forged.snapshots[0].reason = nil
      forged.snapshots[0].emptyChannels = 12 - run.snapshots[0].channels.count
      let verdict = try forged.verdict(of: "channels")
      if verdict.hasPrefix("1-1.json: channel ") { rejectedCount += 1 }
    }
    #expect(rejectedCount > 1)
  }

  @Test(
    "Each flaw of the machines fails its check",
    arguments: [
      (flaw: .channelOvertakes, check: "delivery"), (flaw: .channelOvertakes, check: "channels"),
      (flaw: .markersLate, check: "cut"), (flaw: .markersLate, check: "channels"),
      (flaw: .recordingStopsEarly, check: "channels"),
    ] as [(flaw: ModelRun.Flaw, check: String)])
  func flaws(row: (flaw: ModelRun.Flaw, check: String)) throws {
    for seed: UInt64 in 1...4 {
      let verdict = try Self.run(seed: seed, flaw: row.flaw).fixture.verdict(of: row.check)
      #expect(verdict.contains(row.check == "channels" ? ".json: " : ".csv:"), "\(verdict)")
    }
  }

  @Test(
    "Any change of a snapshot's contents fails a check",
    arguments: LongTests.areOn ? [5, 6, 7] : [5] as [UInt64])
  func anyChange(seed: UInt64) throws {
    // No machine is saturated, so messages in an inbox are received before the end.
    let run = try Self.run(rates: [30, 40, 50], seed: seed)
    var changeCount = 0
    try withTemporaryDirectory { path in
      let directory = RunDirectory(path: path + "/run")
      try run.fixture.write(to: directory.path)
      for snapshot in run.snapshots where snapshot.status == .complete {
        let changes = SnapshotChange.all(of: snapshot)
        for index in stride(from: 0, to: changes.count, by: LongTests.areOn ? 1 : 3) {
          let change = changes[index]
          try change.changed.write(to: directory)
          let verdicts = try RunFindings(
            of: StoredRun(directory), RunFindings.Options(checks: true)
          ).verdicts
          let failed = verdicts.filter(\.verdict.isFailed).map(\.check)
          #expect(
            failed.contains(change.check), "snapshot \(snapshot.id), \(change.name): \(failed)")
          changeCount += 1
        }
        try snapshot.write(to: directory)
      }
    }
    #expect(changeCount > (LongTests.areOn ? 100 : 40))
  }
}

/// A snapshot with one change, and the check that must fail.
private struct SnapshotChange {
  let name: String
  let check: String
  let changed: SnapshotFile

  /// All the small changes that a snapshot can have.
  static func all(of snapshot: SnapshotFile) -> [SnapshotChange] {
    var changes: [SnapshotChange] = []
    func add(_ name: String, _ check: String, _ body: (inout SnapshotFile) -> Void) {
      var changed = snapshot
      body(&changed)
      changes.append(SnapshotChange(name: name, check: check, changed: changed))
    }
    for (index, machine) in snapshot.machines.enumerated() {
      add("clock of \(machine.id)", "cut") { $0.machines[index].clock += 1 }
      add("tick of \(machine.id)", "cut") { $0.machines[index].tick -= 1 }
      add("cut of \(machine.id) later", "cut") { $0.machines[index].events += 1 }
      add("cut of \(machine.id) earlier", "cut") { $0.machines[index].events -= 1 }
      for (name, messages) in variants(of: machine.inbox) {
        add("inbox of \(machine.id), \(name)", "channels") { $0.machines[index].inbox = messages }
      }
      if let message = machine.inbox.last, let source = message.source,
        let channel = snapshot.channels.firstIndex(where: {
          $0.source == source && $0.target == machine.id
        })
      {
        add("message \(source):\(message.message) on its way", "cut") {
          var moved = $0.machines[index].inbox.removeLast()
          moved.source = nil
          $0.channels[channel].messages.insert(moved, at: 0)
        }
      }
    }
    for (index, channel) in snapshot.channels.enumerated() {
      for (name, messages) in variants(of: channel.messages) {
        add("channel \(channel.source)→\(channel.target), \(name)", "channels") {
          $0.channels[index].messages = messages
        }
      }
    }
    return changes
  }

  /// The messages with one dropped, doubled, replaced or swapped.
  private static func variants(
    of messages: [SnapshotFile.Message]
  ) -> [(name: String, messages: [SnapshotFile.Message])] {
    var variants: [(name: String, messages: [SnapshotFile.Message])] = []
    for index in messages.indices {
      var changed = messages
      changed.remove(at: index)
      variants.append(("without \(index)", changed))
      changed = messages
      changed.insert(messages[index], at: index)
      variants.append(("\(index) twice", changed))
      changed = messages
      changed[index].message += 1
      variants.append(("another at \(index)", changed))
      guard index > 0 else { continue }
      changed = messages
      changed.swapAt(index - 1, index)
      variants.append(("\(index) before the one before", changed))
    }
    return variants
  }
}
