import LogicalTime
import Snapshots
import Testing

/// A snapshot is complete, or names its missing parts.
@Suite("Gathering a global snapshot")
struct GlobalSnapshotTests {
  private typealias Part = LocalSnapshot<Int, String>
  private let id = SnapshotID(initiator: 0, number: 1)
  private let ring = ChannelList([
    ChannelID(from: 0, to: 1), ChannelID(from: 1, to: 2), ChannelID(from: 2, to: 0),
  ])
  private var snapshot: GlobalSnapshot<Int, String> {
    GlobalSnapshot(id: id, machines: [2, 0, 1], channels: ring)
  }

  private func part(_ machine: MachineID, incompleteBecause cause: MissingCause? = nil) -> Part {
    let channels = ring.sources(of: machine).map {
      ChannelState(
        channel: ChannelID(from: $0, to: machine), messages: ["m"], incompleteBecause: cause)
    }
    return Part(id: id, machine: machine, state: 0, channels: channels)
  }

  @Test(
    "Parts come in any order, and only all of them make it complete",
    arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func anyOrder(order: [Int]) throws {
    var snapshot = snapshot
    for machine in order {
      #expect(snapshot.status != .complete)
      try snapshot.add(part(MachineID(machine)))
    }
    #expect(snapshot.status == .complete)
    #expect(snapshot.parts.map(\.machine) == [0, 1, 2])
    #expect(snapshot.state(of: ChannelID(from: 1, to: 2))?.messages == ["m"])
  }

  @Test("A recorded state of zero is a state")
  func zeroIsAState() throws {
    var snapshot = snapshot
    try snapshot.add(part(1))
    #expect(snapshot.part(of: 1)?.state == 0)
    #expect(snapshot.part(of: 2) == nil)
  }

  @Test("What is missing is named, machines first, each with its cause")
  func missingIsNamed() throws {
    var snapshot = snapshot
    try snapshot.add(part(2, incompleteBecause: .channelClosedWhileRecording))
    snapshot.giveUp(on: 1, because: .diedBeforeRecording)
    guard case .partial(let missing) = snapshot.status else {
      Issue.record("A snapshot with one part of three is partial")
      return
    }
    #expect(
      missing.map(\.description) == [
        "machine 0: not reported", "machine 1: died before recording",
        "channel 0→1: died before recording", "channel 1→2: channel closed while recording",
        "channel 2→0: not reported",
      ])
  }

  @Test("Giving up explains, but does not make complete; a late part still counts")
  func givingUp() throws {
    var snapshot = snapshot
    try snapshot.add(part(0))
    try snapshot.add(part(1))
    snapshot.giveUp(because: .runEnded)
    #expect(
      snapshot.status
        == .partial([.machine(2, .runEnded), .channel(ChannelID(from: 1, to: 2), .runEnded)]))
    try snapshot.add(part(2))
    #expect(snapshot.status == .complete)
  }

  @Test("A part that lacks a channel leaves the snapshot partial")
  func lackingChannel() throws {
    var snapshot = snapshot
    try snapshot.add(part(0))
    try snapshot.add(part(1))
    try snapshot.add(Part(id: id, machine: 2, state: 0))
    #expect(
      snapshot.status == .partial([.channel(ChannelID(from: 1, to: 2), .notReported)]))
  }

  @Test("Foreign, repeated and conflicting parts are refused and change nothing")
  func refusals() throws {
    var snapshot = snapshot
    try snapshot.add(part(0))
    let other = SnapshotID(initiator: 0, number: 2)
    let wrong = ChannelID(from: 0, to: 2)
    let right = ChannelState(channel: ChannelID(from: 1, to: 2), messages: ["m"])
    let rows: [(Part, GatheringError)] = [
      (Part(id: other, machine: 1, state: 0), .otherSnapshot(other, expected: id)),
      (Part(id: id, machine: 9, state: 0), .unknownMachine(9)),
      (part(0), .repeatedPart(0)),
      (Part(id: id, machine: 0, state: 5), .repeatedPart(0)),
      (
        Part(id: id, machine: 2, state: 0, channels: [.init(channel: wrong, messages: [])]),
        .unknownChannel(wrong, reportedBy: 2)
      ),
      (
        Part(id: id, machine: 2, state: 0, channels: [right, right]),
        .repeatedChannel(right.channel)
      ),
      (
        Part(
          id: id, machine: 2, state: 0,
          channels: [right, .init(channel: ChannelID(from: 1, to: 0), messages: [])]),
        .unknownChannel(ChannelID(from: 1, to: 0), reportedBy: 2)
      ),
    ]
    for (part, error) in rows {
      #expect(throws: error) { try snapshot.add(part) }
      #expect(snapshot.parts.map(\.machine) == [0])
    }
  }

  @Test("Machines no marker can reach are known before anything is sent")
  func outOfReach() {
    let line = ChannelList([ChannelID(from: 0, to: 1), ChannelID(from: 1, to: 2)])
    #expect(line.machinesOutOfReach(of: 1, among: [0, 1, 2]) == [0])
    #expect(line.machinesOutOfReach(of: 2, among: [2, 1, 0]) == [0, 1])
    #expect(ring.machinesOutOfReach(of: 2, among: [0, 1, 2]).isEmpty)
  }
}
