import LogicalTime
import ScaleModel
import Testing

@testable import VirtualTime

/// The spelling of faults, and their effects.
@Suite("Faults")
struct FaultTests {
  @Test("Faults are parsed exactly")
  func readsWords() {
    #expect(Fault(kill: "20s@1") == .kill(1, at: .seconds(20)))
    #expect(
      Fault(pause: "10s...15s@2") == .pause(2, from: .seconds(10), until: .seconds(15)))
    #expect(
      Fault(partition: "10s...20s@0,1")
        == .partition([0, 1], from: .seconds(10), until: .seconds(20)))
    #expect(
      Fault(partition: "10s...20s@0,2:1")
        == .partition([0, 2], to: [1], from: .seconds(10), until: .seconds(20)))
  }

  @Test(
    "Anything else is no fault",
    arguments: [
      "", "20s", "@1", "20s@", "20s@1@2", "20@1", "20s@-1", "20s@+1", "20s@one", "1s...2s@",
      "2s...1s@0", "1s...1s@0", "1s..2s@0", "...@0", "1s...2s@0,", "1s...2s@,0",
      "1s...2s@0:", "1s...2s@:0", "1s...2s@0:1:2", "1s:2s@0",
    ])
  func refusesOtherWords(word: String) {
    #expect(Fault(kill: word) == nil)
    #expect(Fault(pause: word) == nil)
    #expect(Fault(partition: word) == nil)
  }

  @Test("A killed machine stops, its inbox stays, and no machine sends to it again")
  func killEndsMachine() throws {
    let plan = try Plans.plan(rates: [6, 6, 6], seconds: 20)
    let run = Runs.run(plan, faults: [.kill(1, at: .seconds(5))])
    let own = run.lines.filter { $0.machine == 1 }
    #expect(own.last?.nanoseconds == 4_833_333_333)
    let index = try #require(plan.topology.neighbour(1, of: 0))
    let sends = run.lines.filter { $0.machine == 0 && $0.event.peer == .neighbour(index) }
    #expect(!sends.isEmpty)
    #expect(sends.allSatisfy { $0.nanoseconds < 5_000_000_000 })
    #expect(run.ending == .finished)
    #expect(run.lines.contains { $0.machine == 2 && $0.nanoseconds == 20_000_000_000 })
  }

  @Test("A killed machine ends the run for all unless the others may go on")
  func killEndsRun() throws {
    let plan = try Plans.plan(rates: [6, 6, 6], seconds: 20)
    let run = Runs.run(
      plan, faults: [.kill(1, at: TimeSpan(nanoseconds: 5_500_000_000))], endsWithFirstDeath: true)
    #expect(run.ending == .failed(reason: "machine 1 was killed at 5500ms"))
    #expect(run.summary.reached == 5_500_000_000)
    #expect(run.lines.last?.nanoseconds == 5_333_333_333)
  }

  @Test("A paused machine receives arrivals, and catches up on every tick at the end")
  func pauseIsCaughtUp() throws {
    let plan = try Plans.plan(rates: [2, 6, 6], seconds: 20)
    let run = Runs.run(plan, faults: [.pause(0, from: .seconds(5), until: .seconds(8))])
    let own = run.lines.filter { $0.machine == 0 }
    #expect(own.map(\.event.tick) == Array(1...40))
    #expect(own.filter { $0.nanoseconds == 8_000_000_000 }.map(\.event.tick) == Array(10...16))
    #expect(!own.contains { $0.nanoseconds >= 5_000_000_000 && $0.nanoseconds < 8_000_000_000 })
    let resumption = try #require(own.first { $0.nanoseconds == 8_000_000_000 })
    #expect(resumption.event.queueLength > 0)
  }

  @Test("Nothing crosses a partition, and a partition loses nothing")
  func partitionHolds() throws {
    let plan = try Plans.plan(
      rates: [5, 5, 5, 5], seconds: 30, die: 4, delay: .constant(TimeSpan(nanoseconds: 1)))
    let from: Int64 = 10_000_000_000
    let until: Int64 = 20_000_000_000
    let run = Runs.run(
      plan, faults: [.partition([0, 1], from: .seconds(10), until: .seconds(20))])
    // A message that waited before the partition may be received during it; a later one may not.
    let sendTimes = Dictionary(
      run.lines.filter { $0.event.kind == .send }.map {
        (
          Message(source: $0.machine, reading: $0.event.reading, payload: NoPayload()),
          $0.nanoseconds
        )
      }, uniquingKeysWith: { first, _ in first })
    var heldCount = 0
    for line in run.lines {
      guard case .machine(let source) = line.event.peer, (source < 2) != (line.machine < 2) else {
        continue
      }
      let message = Message(
        source: source, reading: line.event.messageReading, payload: NoPayload())
      let sent = try #require(sendTimes[message])
      if sent >= from && sent < until - 1 {
        #expect(line.nanoseconds >= until)
        heldCount += 1
      }
    }
    #expect(heldCount > 0)
  }

  @Test("A partition of one way holds nothing on the way back", arguments: [1, 2, 3] as [UInt64])
  func oneWay(seed: UInt64) throws {
    let plan = try Plans.plan(rates: [6, 6], seconds: 30, die: 4, seed: seed)
    let run = Runs.run(
      plan, faults: [.partition([0], to: [1], from: .seconds(10), until: .seconds(20))])
    let during = run.lines.filter {
      $0.event.kind == .receive && 15_000_000_000..<20_000_000_000 ~= $0.nanoseconds
    }
    #expect(!during.contains { $0.machine == 1 })
    #expect(during.contains { $0.machine == 0 })
    #expect(run.summary.faults[0].messagesHeld > 0)
    #expect(run.lines.contains { $0.machine == 1 && $0.event.kind == .receive })
  }
}
