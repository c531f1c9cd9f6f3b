import LogicalTime
import Snapshots
import Testing

/// A checker that cannot say no proves nothing: it must reject every flaw we can think of.
@Suite("The checker rejects mutants")
struct MutantTests {
  private static func scenario(_ mutation: Mutation?) -> ModelScenario {
    ModelScenario(
      "2 machines, 3 messages", machineCount: 2, channels: ModelScenario.complete(2),
      payments: [(0, 1, 10), (1, 0, 10), (1, 0, 10)], initiators: [0], mutation: mutation)
  }

  @Test("Without a mutation no run is rejected")
  func soundRunsPass() {
    let explorer = Explorer(Self.scenario(nil))
    #expect(explorer.rejectedCount == 0 && explorer.checkedCount > 0)
  }

  @Test(
    "Each mutation is noticed, by the property it breaks",
    arguments: [
      (mutation: .channelOvertakes, broken: .consistentCut),
      (mutation: .channelOvertakes, broken: .vectorClocks),
      (mutation: .markerLate, broken: .vectorClocks),
      (mutation: .recordingStopsEarly, broken: .channelsExact),
      (mutation: .markersInALaterStep, broken: .consistentCut),
      (mutation: .markersInALaterStep, broken: .theoremOne),
      (mutation: .messageSwapped, broken: .channelsExact),
    ] as [(mutation: Mutation, broken: Property)])
  func mutationsAreRejected(row: (mutation: Mutation, broken: Property)) {
    let explorer = Explorer(Self.scenario(row.mutation))
    let counts = Property.allCases.compactMap { property in
      explorer.violationCounts[property].map { "\(property) \($0)" }
    }
    print(
      """
      mutant \(row.mutation): \(explorer.rejectedCount) of \(explorer.checkedCount) runs \
      rejected: \(counts.joined(separator: ", "))
      """)
    #expect(explorer.violationCounts[row.broken, default: 0] > 0)
  }

  @Test("Every mutation has a row above")
  func everyMutationIsTried() {
    for mutation in Mutation.allCases {
      #expect(Explorer(Self.scenario(mutation)).rejectedCount > 0, "\(mutation)")
    }
  }

  @Test("A message replaced by one of the same amount keeps the sum, and is rejected all the same")
  func sameValueIsNotSameMessage() {
    let explorer = Explorer(Self.scenario(.messageSwapped))
    #expect(explorer.violationCounts[.moneyConserved] == nil)
    #expect(explorer.rejectedCount > 0)
  }

  @Test("A cut that balances to the penny, but has an effect without its cause, is rejected")
  func balancedButInconsistent() throws {
    // Machine 0 recorded before it sent payment 1, machine 1 after it received it and had sent
    // payment 2, which no machine recorded: 100 + 100 is the start total.
    let first = Payment(number: 1, amount: 10)
    let second = Payment(number: 2, amount: 10)
    let there = ChannelID(from: 0, to: 1)
    let back = ChannelID(from: 1, to: 0)
    let id = SnapshotID(initiator: 0, number: 1)
    var snapshot = GlobalSnapshot<Int, Payment>(
      id: id, machines: [0, 1], channels: ChannelList(completeAmong: [0, 1]))
    for (machine, channel) in [(0, back), (1, there)] as [(MachineID, ChannelID)] {
      try snapshot.add(
        LocalSnapshot(
          id: id, machine: machine, state: 100, channels: [.init(channel: channel, messages: [])]))
    }
    #expect(snapshot.status == .complete)
    #expect(snapshot.parts.map(\.state).reduce(0, +) == 200)

    let accounts = [
      ChannelHistory(channel: there, sent: [], received: [first]),
      ChannelHistory(channel: back, sent: [second], received: []),
    ]
    #expect(
      snapshot.violations(against: accounts) == [
        .receivedNotSent(there, index: 0), .contentsDiffer(back, index: 0),
      ])
    let cut = Cut(clocks: [VectorClock(counts: [0, 0]), VectorClock(counts: [1, 2])])
    #expect(
      cut.firstViolation == .effectWithoutCause(at: 1, knows: 1, of: 0, eventCount: 0))
  }
}
