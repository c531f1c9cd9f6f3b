import LogicalTime
import ScaleModel
import Testing

@Suite("A machine's tick")
struct MachineTests {
  private var sink = RecordingSink<Script>()
  private let first = Neighbour(index: 0)
  private let second = Neighbour(index: 1)

  /// Machine 1 of three, which does what it is told.
  private func machine(_ instructions: [Instruction<Int64>]) -> Machine<Script> {
    Machine(
      id: 1, neighbours: Neighbours(count: 2, next: second, previous: first),
      workload: Script(instructions), seed: 0)
  }

  private func letter(from source: MachineID, _ reading: UInt64, _ amount: Int64) -> Message<Int64>
  {
    Message(source: source, reading: reading, payload: amount)
  }

  @Test("A new machine has done nothing")
  func new() {
    let machine = machine([])
    #expect(machine.tickCount == 0 && machine.clock.reading == 0 && machine.inbox.isEmpty)
  }

  @Test("An internal event takes the next reading and is logged, and that is all")
  mutating func internalEvent() {
    var machine = machine([.internal])
    machine.tick(into: &sink)
    #expect(
      sink.effects == [
        .log(Logged(tick: 1, kind: .internal, reading: 1, queueLength: 0, balance: 100))
      ])
    #expect(machine.tickCount == 1 && machine.clock.reading == 1)
  }

  @Test("A send carries its own event's reading, and is logged after it has left")
  mutating func send() {
    var machine = machine([.internal, .send(30, to: second)])
    machine.tick(into: &sink)
    _ = sink.take()
    machine.tick(into: &sink)
    #expect(
      sink.effects == [
        .send(letter(from: 1, 2, 30), to: second),
        .log(
          Logged(
            tick: 2, kind: .send, reading: 2, queueLength: 0, peer: .neighbour(second),
            messageReading: 2, amount: 30, balance: 70)),
      ])
  }

  @Test("A send to all is one effect and one event")
  mutating func sendToAll() {
    var machine = machine([.sendToAll(5)])
    machine.tick(into: &sink)
    #expect(
      sink.effects == [
        .sendToAll(letter(from: 1, 1, 5)),
        .log(
          Logged(
            tick: 1, kind: .send, reading: 1, queueLength: 0, peer: .all, messageReading: 1,
            amount: 5, balance: 95)),
      ])
  }

  @Test("A tick receives one waiting message, the oldest, and rolls no die meanwhile")
  mutating func receipt() {
    var machine = machine([.send(1, to: first)])
    machine.arrive(letter(from: 2, 9, 7))
    machine.arrive(letter(from: 0, 3, 2))
    machine.tick(into: &sink)
    #expect(
      sink.take() == [
        .log(
          Logged(
            tick: 1, kind: .receive, reading: 10, queueLength: 1, peer: .machine(2),
            messageReading: 9, amount: 7, balance: 107))
      ])
    machine.tick(into: &sink)
    #expect(
      sink.take() == [
        .log(
          Logged(
            tick: 2, kind: .receive, reading: 11, queueLength: 0, peer: .machine(0),
            messageReading: 3, amount: 2, balance: 109))
      ])
    #expect(machine.workload.instructions.count == 1)
    machine.tick(into: &sink)
    #expect(sink.effects.first == .send(letter(from: 1, 12, 1), to: first))
  }

  @Test("An arrival is not an event: the clock and the tick count do not change")
  func arrivalIsNoEvent() {
    var machine = machine([])
    for reading in 1...20 as ClosedRange<UInt64> { machine.arrive(letter(from: 0, reading, 1)) }
    machine.closeChannel(to: first)
    #expect(machine.tickCount == 0 && machine.clock.reading == 0)
    #expect(machine.inbox.messages.map(\.reading) == Array(1...20))
    #expect(machine.workload.coins == 100)
  }

  @Test("Every tick is exactly one event, whose reading grows", arguments: 0..<20)
  func everyTickIsOneEvent(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var sink = RecordingSink<Chatter>()
    var machine = Machine(
      id: 0, neighbours: Topology(completeWith: 4).neighbourhood(of: 0),
      workload: Chatter(dieSides: 6), seed: seed)
    var latest: UInt64 = 0
    for tick in 1...200 as ClosedRange<UInt64> {
      for _ in 0..<random.draw(below: 3) {
        machine.arrive(
          Message(source: 1, reading: random.draw(below: 300), payload: NoPayload()))
      }
      machine.tick(into: &sink)
      let events = sink.take().compactMap { effect in
        if case .log(let line) = effect { line.event } else { nil }
      }
      #expect(events.count == 1 && events.first?.tick == tick)
      let reading = events.first?.reading ?? 0
      #expect(reading > latest && reading == machine.clock.reading)
      #expect(events.first?.queueLength == machine.inbox.count)
      latest = reading
    }
  }

  @Test("A send into a closed channel is an internal event, and what it carried is taken back")
  mutating func sendToClosedChannel() {
    var machine = machine([.send(30, to: first), .send(40, to: second)])
    machine.closeChannel(to: first)
    machine.tick(into: &sink)
    #expect(
      sink.take() == [
        .log(Logged(tick: 1, kind: .internal, reading: 1, queueLength: 0, balance: 100))
      ])
    machine.tick(into: &sink)
    #expect(sink.effects.first == .send(letter(from: 1, 2, 40), to: second))
    #expect(machine.workload.coins == 60)
  }

  @Test("A send to all goes out while one channel is open, and is taken back when none is")
  mutating func sendToAllClosed() {
    var machine = machine([.sendToAll(5), .sendToAll(6)])
    machine.closeChannel(to: second)
    machine.closeChannel(to: second)
    machine.tick(into: &sink)
    #expect(sink.take().first == .sendToAll(letter(from: 1, 1, 5)))
    machine.closeChannel(to: first)
    machine.tick(into: &sink)
    #expect(
      sink.take() == [
        .log(Logged(tick: 2, kind: .internal, reading: 2, queueLength: 0, balance: 95))
      ])
  }

  @Test("A machine without neighbours has only internal events, even if told to send to all")
  mutating func noNeighbours() {
    var machine = Machine(
      id: 0, neighbours: Topology(completeWith: 1).neighbourhood(of: 0),
      workload: Script([.sendToAll(5)]), seed: 0)
    machine.tick(into: &sink)
    #expect(
      sink.effects == [
        .log(Logged(tick: 1, kind: .internal, reading: 1, queueLength: 0, balance: 100))
      ])
  }

  @Test("A machine's dice depend on the seed and its id, and on nothing else")
  func diceAreItsOwn() {
    func events(id: MachineID, seed: UInt64) -> [RecordingSink<Chatter>.Effect] {
      var sink = RecordingSink<Chatter>()
      var machine = Machine(
        id: id, neighbours: Topology(completeWith: 3).neighbourhood(of: 0),
        workload: Chatter(dieSides: 10), seed: seed)
      for _ in 0..<100 { machine.tick(into: &sink) }
      return sink.effects.filter { if case .log = $0 { true } else { false } }
    }
    #expect(events(id: 0, seed: 1) == events(id: 0, seed: 1))
    #expect(events(id: 0, seed: 1) != events(id: 1, seed: 1))
    #expect(events(id: 0, seed: 1) != events(id: 0, seed: 2))
  }
}
