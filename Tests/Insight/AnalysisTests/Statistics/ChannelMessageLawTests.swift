import LogicalTime
import ScaleModel
import Testing

@testable import Analysis

/// How many messages a snapshot finds on channels, by initiator.
@Suite("The law of messages on channels")
struct ChannelMessageLawTests {
  private func makeLaw(_ rates: [Int], _ topology: Topology, _ delay: String) -> ChannelMessageLaw?
  {
    let model = FluidModel(topology: topology, rates: rates, dieSides: 10)
    return ChannelMessageLaw(model, topology: topology, dieSides: 10, delay: Delay(delay))
  }

  @Test(
    "Channels into the initiator are recorded for two delays, those out of it for none",
    arguments: [
      // At 1,3,6 machine 0 never sends; 1 and 2 send 0.375 and 1.125 a second to each other.
      (rates: [1, 3, 6], expected: [2.25, 1.6875, 0.5625]),
      // With equal machines the initiator does not matter: six channels, one delay each.
      (rates: [7, 7, 7], expected: [3, 3, 3]),
    ])
  func completeGraph(row: (rates: [Int], expected: [Double])) throws {
    let law = try #require(makeLaw(row.rates, Topology(completeWith: 3), "500ms"))
    for (machine, expected) in row.expected.enumerated() {
      #expect(abs(law.messages(initiator: MachineID(machine)) - expected) < 1e-9)
    }
  }

  @Test("On a ring of 4, channels to the initiator are recorded for two delays, others for none")
  func ring() throws {
    // Seven ticks per second each, so one message per second on each of the eight channels, of
    // which four lead towards the initiator.
    let topology = try TopologyChoice.ring.topology(machineCount: 4, seed: 1)
    let law = try #require(makeLaw([7, 7, 7, 7], topology, "1s"))
    for machine in topology.machineIDs {
      #expect(abs(law.messages(initiator: machine) - 8) < 1e-9)
    }
  }

  @Test("It does not apply to random delays; without delay no message is in transit")
  func limits() throws {
    let topology = Topology(completeWith: 3)
    #expect(makeLaw([1, 3, 6], topology, "100ms...2s") == nil)
    #expect(makeLaw([1, 3, 6], topology, "~50ms") == nil)
    let none = try #require(makeLaw([1, 3, 6], topology, "0"))
    #expect((0..<3).allSatisfy { none.messages(initiator: MachineID($0)) == 0 })
    #expect(makeLaw(Array(repeating: 1, count: 40), Topology(completeWith: 40), "1s") == nil)
  }
}
