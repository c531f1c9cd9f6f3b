import LogicalTime
import ScaleModel

/// A finished distributed computation with complete knowledge: the order of each machine's events,
/// and the send of each receipt.
///
/// The rules under test compute the clocks while it is built. ``pasts()`` finds the causal order
/// without clocks, by searching the graph of events.
struct Computation {
  /// One event, with its clocks.
  struct Event {
    let machine: MachineID
    let reading: UInt64
    let vector: VectorClock
    /// The indices of the events right before it: the machine's previous one, and the send it
    /// receives.
    let causes: [Int]
    /// The index of the send it receives; nil for any other event.
    let send: Int?
  }

  private(set) var events: [Event] = []
  private var clocks: [LamportClock]
  private var vectors: [VectorClock]
  private var latest: [Int?]

  init(machineCount: Int) {
    clocks = Array(repeating: LamportClock(), count: machineCount)
    vectors = Array(repeating: VectorClock(machineCount: machineCount), count: machineCount)
    latest = Array(repeating: nil, count: machineCount)
  }

  /// Adds an internal event or a send; returns its index.
  @discardableResult
  mutating func perform(at machine: MachineID) -> Int {
    clocks[machine.index].tick()
    vectors[machine.index].tick(at: machine)
    return add(machine, send: nil)
  }

  /// Adds the receipt of the message sent by the event at `send`; returns its index.
  @discardableResult
  mutating func receive(_ send: Int, at machine: MachineID) -> Int {
    clocks[machine.index].tick(receiving: events[send].reading)
    vectors[machine.index].tick(at: machine, receiving: events[send].vector)
    return add(machine, send: send)
  }

  private mutating func add(_ machine: MachineID, send: Int?) -> Int {
    let causes = [latest[machine.index], send].compactMap { $0 }
    latest[machine.index] = events.count
    events.append(
      Event(
        machine: machine, reading: clocks[machine.index].reading, vector: vectors[machine.index],
        causes: causes, send: send))
    return events.count - 1
  }

  /// For each event, whether each other happened before it: searched backwards along causes.
  func pasts() -> [[Bool]] {
    events.indices.map { index in
      var isPast = [Bool](repeating: false, count: events.count)
      var frontier = events[index].causes
      while let cause = frontier.popLast() {
        if isPast[cause] { continue }
        isPast[cause] = true
        frontier += events[cause].causes
      }
      return isPast
    }
  }

  /// The stamps of all events by other clocks, one per machine; `times` are what the machine's
  /// physical clock shows at each event.
  func stamps<Clock: CausalClock>(
    _ clocks: [Clock], times: [Int64], uncertainty: Int64 = 0
  ) -> [Clock] {
    var clocks = clocks
    var counts = [UInt64](repeating: 0, count: clocks.count)
    var stamps: [Clock] = []
    for (event, time) in zip(events, times) {
      counts[event.machine.index] += 1
      clocks[event.machine.index].advance(
        for: ClockedEvent(
          machine: event.machine, number: counts[event.machine.index], physicalTime: time,
          uncertainty: uncertainty),
        receiving: event.send.map { stamps[$0] })
      stamps.append(clocks[event.machine.index])
    }
    return stamps
  }

  /// What true time, in events, and a physical clock that is off by up to so much, and steps back,
  /// show at each event.
  func physicalTimes(wrongBy offsetMax: Int64, seed: UInt64) -> [Int64] {
    var random = SplitMix64(state: seed)
    return events.indices.map { index in
      Int64(index) + Int64(random.draw(below: UInt64(offsetMax) + 1))
    }
  }

  /// How two events relate, by a search of the graph.
  static func truth(_ one: Int, _ other: Int, _ pasts: [[Bool]]) -> CausalOrder {
    one == other
      ? .same : pasts[other][one] ? .before : pasts[one][other] ? .after : .concurrent
  }

  /// A computation of random sends, receipts in any order, and internal events.
  static func random(machineCount: Int, eventCount: Int, seed: UInt64) -> Computation {
    var random = SplitMix64(state: seed)
    var computation = Computation(machineCount: machineCount)
    var underway: [(send: Int, target: MachineID)] = []
    while computation.events.count < eventCount {
      let machine = MachineID(Int(random.draw(below: UInt64(machineCount))))
      switch random.draw(below: 3) {
      case 0:
        computation.perform(at: machine)
      case 1:
        let target = MachineID(Int(random.draw(below: UInt64(machineCount))))
        let send = computation.perform(at: machine)
        if target != machine { underway.append((send, target)) }
      default:
        guard !underway.isEmpty else { continue }
        let message = underway.remove(at: Int(random.draw(below: UInt64(underway.count))))
        computation.receive(message.send, at: message.target)
      }
    }
    return computation
  }
}
