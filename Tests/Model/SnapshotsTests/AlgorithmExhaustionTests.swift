import LogicalTime
import Snapshots
import Testing

/// Every order of payments, deliveries and initiations in small systems whose channels keep none.
@Suite("Snapshot algorithms without order, by exhaustion")
struct AlgorithmExhaustionTests {
  private static let two: [(MachineID, MachineID)] = [(0, 1), (1, 0), (0, 1), (1, 0)]
  private static let three: [(MachineID, MachineID)] = [(0, 1), (1, 2), (2, 0), (1, 0)]

  private static func explore<Recorder: StateRecorder<Payment>>(
    _: Recorder.Type, machineCount: Int, rounds: Int = 1, areAsked: Bool = false
  ) -> UnorderedExploration<Recorder> {
    UnorderedExploration(
      UnorderedWorld(
        machineCount: machineCount, payments: machineCount == 2 ? two : three, rounds: rounds,
        areAsked: areAsked), rounds: rounds)
  }

  @Test("Lai–Yang is exact in every order", arguments: [(2, 1), (2, 2), (3, 1)])
  func laiYang(machineCount: Int, rounds: Int) {
    let found = Self.explore(
      LaiYangRecorder<Payment>.self, machineCount: machineCount, rounds: rounds)
    #expect(found.counterexample == nil)
    // Without messages after the initiator's cut it does not spread.
    #expect(found.completeEndCount > 2 && found.completeEndCount < found.endCount)
    #expect(found.filledCount > 0)
  }

  @Test("Mattern is exact in every order, and always ends", arguments: [(2, 1), (2, 2), (3, 1)])
  func mattern(machineCount: Int, rounds: Int) {
    let found = Self.explore(
      MatternRecorder<Payment>.self, machineCount: machineCount, rounds: rounds)
    #expect(found.counterexample == nil)
    #expect(found.completeEndCount > 100 && found.completeEndCount == found.endCount)
    #expect(found.filledCount > 10)
  }

  @Test("The smallest schedule that breaks Chandy–Lamport: a marker overtakes a message")
  func chandyLamport() throws {
    let found = Self.explore(SnapshotRecorder<Payment>.self, machineCount: 2)
    let counterexample = try #require(found.counterexample)
    #expect(
      counterexample.schedule == [
        "0 begins", "1 pays 0", "0→1 delivers its item 1", "1→0 delivers its item 2",
      ])
    #expect(counterexample.problem == "1→0: holds 0, not 1")
  }

  @Test("The smallest schedule that breaks naive snapshots is a message in transit")
  func naive() throws {
    let found = Self.explore(NaiveRecorder<Payment>.self, machineCount: 2, areAsked: true)
    let counterexample = try #require(found.counterexample)
    #expect(counterexample.schedule == ["0 begins", "1 pays 0", "1 is asked"])
    #expect(counterexample.problem == "1→0: holds 0, not 1")
  }
}
