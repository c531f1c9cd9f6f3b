import LogicalTime
import ScaleModel
import Snapshots
import Testing

/// What a machine does for a snapshot, effect by effect, with three machines all linked.
@Suite("A machine's side of a snapshot")
struct MachineSnapshotTests {
  private var sink = RecordingSink<Script>()
  private var machine: Machine<Script>

  init() {
    let topology = Topology(completeWith: 3)
    machine = Machine(
      id: 1, neighbours: topology.neighbourhood(of: 1), workload: Script([]), seed: 0,
      channels: TopologyChannels(topology))
  }

  private func letter(from source: MachineID, _ reading: UInt64) -> Message<Int64> {
    Message(source: source, reading: reading, payload: 7)
  }

  @Test("The initiator logs, records its state and sends a marker to everyone, in one go")
  mutating func initiator() throws {
    machine.tick(into: &sink)
    machine.arrive(letter(from: 0, 9))
    _ = sink.take()
    let id = machine.beginSnapshot(into: &sink)
    #expect(id == SnapshotID(initiator: 1, number: 1))
    let part = MachinePart<Int64>(
      id: id, machine: 1,
      state: MachineState(
        clock: 1, tick: 1, journalLineCount: 1, inbox: [letter(from: 0, 9)],
        values: [.integer(100)],
        random: Chance(SplitMix64(seed: 0, purpose: .ticks, index: 1)).state))
    let line = Logged(
      tick: 1, kind: .snapshot, reading: 1, queueLength: 1, messageReading: id.word, balance: 100)
    #expect(
      sink.effects == [
        .log(line), .recorded(part), .sendMarker(id, to: 0), .sendMarker(id, to: 2),
      ])
  }

  @Test("A first marker makes it record; its channel is empty, the other holds what comes after")
  mutating func firstMarker() throws {
    let id = SnapshotID(initiator: 0, number: 4)
    machine.arrive(letter(from: 2, 3))
    machine.arriveMarker(id, from: 0, into: &sink)
    machine.arrive(letter(from: 0, 11))
    machine.arrive(letter(from: 2, 5))
    #expect(sink.effects.count == 4)
    machine.arriveMarker(id, from: 2, into: &sink)
    machine.arrive(letter(from: 2, 6))
    guard case .finished(id, let part?)? = sink.effects.last else {
      Issue.record("The part is not finished")
      return
    }
    #expect(part.state.inbox == [letter(from: 2, 3)])
    let contents = part.channels.map { ($0.channel.source, $0.messages) }
    #expect(contents.map(\.0) == [0, 2])
    #expect(contents.map(\.1) == [[], [letter(from: 2, 5)]])
  }

  @Test("A snapshot line counts as a line of the journal, not as a tick or an event of the clock")
  mutating func lineCounts() {
    machine.tick(into: &sink)
    machine.beginSnapshot(into: &sink)
    machine.tick(into: &sink)
    _ = sink.take()
    machine.beginSnapshot(into: &sink)
    guard case .recorded(let part) = sink.effects[1] else {
      Issue.record("The state is not recorded")
      return
    }
    #expect(part.state.journalLineCount == 3)
    #expect(part.state.tick == 2)
    #expect(part.state.clock == 2)
  }

  @Test("A channel that closes ends the part, and says that it is not exact")
  mutating func closedChannel() {
    let id = machine.beginSnapshot(into: &sink)
    machine.arriveMarker(id, from: 0, into: &sink)
    _ = sink.take()
    machine.closeChannel(from: 2, into: &sink)
    guard case .finished(id, let part?)? = sink.effects.last else {
      Issue.record("The part is not finished")
      return
    }
    #expect(part.channels.map(\.incompleteBecause) == [nil, .channelClosedWhileRecording])
  }

  @Test("A late marker of a finished snapshot changes nothing")
  mutating func straggler() {
    let id = machine.beginSnapshot(into: &sink)
    machine.arriveMarker(id, from: 0, into: &sink)
    machine.arriveMarker(id, from: 2, into: &sink)
    _ = sink.take()
    machine.arriveMarker(id, from: 2, into: &sink)
    machine.abortSnapshot(id, because: .timedOut, into: &sink)
    #expect(sink.effects.isEmpty)
  }
}
