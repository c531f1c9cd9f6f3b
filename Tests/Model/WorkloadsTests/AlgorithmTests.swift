import LogicalTime
import ScaleModel
import TestSupport
import Testing

@testable import Workloads

@Suite("Mutual exclusion")
struct MutexTests {
  /// An entry: who, when, and the reading of its request.
  private struct Entry {
    let machine: MachineID
    let time: Int64
    let request: UInt64
  }

  /// The entries of a run, in order; checks that at most one machine is inside at any event.
  private func entries(_ run: PlayedRun) -> [Entry] {
    var phases = Array(repeating: "idle", count: run.machineCount)
    var requests = Array(repeating: UInt64(0), count: run.machineCount)
    var entries: [Entry] = []
    for line in run.lines {
      let index = Int(line.machine.number)
      let phase = line.state.first?.text ?? ""
      if phase == "waiting", phases[index] != "waiting" { requests[index] = line.event.reading }
      if phase == "inside", phases[index] != "inside" {
        entries.append(
          Entry(machine: line.machine, time: line.nanoseconds, request: requests[index]))
      }
      phases[index] = phase
      #expect(phases.count { $0 == "inside" } <= 1, "at \(line.nanoseconds) ns")
    }
    return entries
  }

  private func isInOrder(_ entries: [Entry]) -> Bool {
    zip(entries, entries.dropFirst()).allSatisfy {
      ($0.request, $0.machine) < ($1.request, $1.machine)
    }
  }

  @Test(
    "At most one machine is ever inside, and entries are in the order of their requests",
    arguments: 0..<12 as Range<UInt64>)
  func exclusion(seed: UInt64) throws {
    let rates = [9, 20, 14, 6].prefix(2 + Int(seed % 3)).map { $0 + Int(seed) }
    let delay = ["0", "80ms", "~120ms"][Int(seed % 3)]
    for options in [["want": "0.02"], ["want": "1", "inside": "2"]] {
      let lamport = entries(
        try PlayedRun(
          LamportMutex.self, options: options, rates: rates, seed: seed, delay: delay))
      let permission = entries(
        try PlayedRun(
          RicartAgrawalaMutex.self, options: options, rates: rates, seed: seed, delay: delay))
      #expect(lamport.count > 3 && permission.count > 3)
      #expect(isInOrder(lamport))
      #expect(isInOrder(permission))
    }
  }

  @Test("A topology with pairs that are not linked is refused")
  func refused() {
    #expect(throws: WorkloadRefusal.self) {
      try PlayedRun(LamportMutex.self, rates: [1, 1, 1, 1], seed: 1, topology: .ring)
    }
  }
}

@Suite("One token")
struct TokenRingTests {
  @Test("There is exactly one token at every event and in every snapshot", arguments: 1...6)
  func one(seed: UInt64) throws {
    let run = try PlayedRun(
      TokenRing.self, rates: [7, 11, 5, 8], seed: seed, topology: .ring, delay: "~200ms",
      snapshotEvery: 700)
    var holders = [true, false, false, false]
    var onTheWay = 0
    for line in run.lines {
      if line.event.kind == .send { onTheWay += 1 }
      if line.event.kind == .receive { onTheWay -= 1 }
      holders[Int(line.machine.number)] = line.state.first?.boolean ?? false
      #expect(holders.count { $0 } + onTheWay == 1)
    }
    #expect(run.messageCount() > 20)
    #expect(run.snapshots.count > 10)
    for snapshot in run.snapshots where snapshot.status == .complete {
      let held = snapshot.machines.count { $0.fields["holds"] == .boolean(true) }
      #expect(held + snapshot.inboxMessageCount + snapshot.channelMessageCount == 1)
    }
  }
}

@Suite("Election")
struct RingElectionTests {
  @Test("All agree on one leader, the machine with the largest number", arguments: 1...20)
  func leader(seed: UInt64) throws {
    let run = try PlayedRun(
      RingElection.self, rates: (0..<9).map { 3 + ($0 * Int(seed)) % 7 }, seconds: 60, seed: seed,
      topology: seed.isMultiple(of: 2) ? .ring : .complete, delay: "~50ms")
    let largest = run.lines.filter { $0.event.kind == .send }.map(\.message)
      .max { ($0[0].integer ?? 0) < ($1[0].integer ?? 0) }
    #expect(run.finalStates.allSatisfy { $0 == [largest?[1] ?? .nothing] })
  }

  @Test("N·H_N messages carry numbers, on average")
  func cost() throws {
    let machineCount = LongTests.areOn ? 40 : 16
    let law = Double(machineCount) * (1...machineCount).reduce(0) { $0 + 1 / Double($1) }
    let counts = try (1...(LongTests.areOn ? 120 : 30)).map { seed in
      let run = try PlayedRun(
        RingElection.self, rates: Array(repeating: 50, count: machineCount), seed: UInt64(seed),
        topology: .ring)
      return Double(
        run.lines.count { $0.event.kind == .send && $0.message.last == .boolean(false) })
    }
    let mean = counts.reduce(0, +) / Double(counts.count)
    #expect(abs(mean / law - 1) < (LongTests.areOn ? 0.05 : 0.1), "\(mean) of \(law)")
  }
}

@Suite("Termination")
struct DijkstraScholtenTests {
  @Test(
    "The root detects the end exactly when there is no work, and every message is signalled once",
    arguments: 1...40)
  func detection(seed: UInt64) throws {
    let run = try PlayedRun(
      DijkstraScholten.self, options: ["spread": "0.3", "rest": "0.5"], rates: [9, 4, 12, 7],
      seconds: 60, seed: seed, delay: seed.isMultiple(of: 2) ? "~150ms" : "0")
    var active = [true, false, false, false]
    var workOnTheWay = 0
    var detectedAt: Int64?
    for line in run.lines {
      if line.message.first == .text("work") {
        workOnTheWay += line.event.kind == .receive ? -1 : line.event.peer == .all ? 3 : 1
      }
      active[Int(line.machine.number)] = line.state[0].boolean ?? false
      if line.state[2] == .boolean(true), detectedAt == nil {
        detectedAt = line.nanoseconds
        #expect(!active.contains(true) && workOnTheWay == 0, "detected early")
      }
    }
    if detectedAt != nil {
      #expect(run.messageCount("work") == run.messageCount("signal"))
    } else {
      #expect(active.contains(true) || workOnTheWay > 0 || run.messageCount("work") > 0)
    }
  }

  @Test("Most of these computations end, and send work before")
  func notVacuous() throws {
    let runs = try (1...20).map { seed in
      try PlayedRun(
        DijkstraScholten.self, options: ["spread": "0.3", "rest": "0.5"], rates: [9, 4, 12, 7],
        seconds: 60, seed: seed)
    }
    #expect(runs.count { $0.finalStates[0][2] == .boolean(true) } > 10)
    #expect(runs.count { $0.messageCount("work") > 4 } > 5)
  }
}

@Suite("Echo")
struct EchoWaveTests {
  @Test(
    "The wave reaches every machine and comes back, by two messages for each pair of neighbours",
    arguments: [
      (.complete, 6, 30), (.ring, 7, 14), (.star, 5, 8), (.line, 4, 6),
    ] as [(TopologyChoice, Int, Int)])
  func wave(topology: TopologyChoice, machineCount: Int, messageCount: Int) throws {
    let run = try PlayedRun(
      EchoWave.self, rates: (0..<machineCount).map { 20 + $0 }, seed: 3, topology: topology,
      delay: "~50ms")
    #expect(run.messageCount() == messageCount)
    #expect(run.finalStates.allSatisfy { $0[1] == .boolean(true) })
    #expect(run.finalStates.dropFirst().allSatisfy { $0[0] != .nothing })
    let end = run.lines.last { $0.event.kind == .receive }
    #expect(end?.machine == 0, "machine 0 knows last")
  }
}
