import LogicalTime
import Predicates
import ScaleModel
import Snapshots

/// Histories that tests tell line by line, or draw.
struct HistoryStory {
  private(set) var machines: [History.States]
  private(set) var messages: [History.Message] = []
  /// Per machine, its states as they were told.
  private var told: [[MachineState]]

  init(machineCount: Int, initially values: [FieldValue] = []) {
    machines = Array(repeating: History.States(initially: values), count: machineCount)
    told = Array(repeating: [MachineState(values: values)], count: machineCount)
  }

  /// The state of each machine after its number of events.
  func states(at cut: [Int]) -> [MachineState] { zip(told, cut).map { $0[$1] } }

  /// Adds an event; returns it.
  @discardableResult
  mutating func event(
    _ machine: Int, _ values: [FieldValue] = [], queue: Int = 0
  ) -> History.Event {
    machines[machine].append(
      clock: UInt64(machines[machine].eventCount + 1), queueLength: queue, values: values)
    told[machine].append(
      MachineState(values: values, queue: queue, clock: UInt64(told[machine].count)))
    return History.Event(machine: machine, number: machines[machine].eventCount)
  }

  /// Adds a message, from its send to its receipt.
  mutating func message(
    _ send: History.Event, _ receipt: History.Event? = nil, _ values: [FieldValue] = []
  ) {
    messages.append(History.Message(send: send, receipt: receipt, values: values))
  }

  /// The history told so far.
  func history() throws(HistoryError) -> History {
    try History(machines: machines, messages: messages)
  }

  /// A random history: a state has a number `x` and a truth `on`, a message a number `m`.
  static func random(machineCount: Int, eventCount: Int, seed: UInt64) -> HistoryStory {
    var random = SplitMix64(state: seed)
    func values() -> [FieldValue] {
      [.integer(Int64(random.draw(below: 4))), .boolean(random.draw(below: 3) == 0)]
    }
    var story = HistoryStory(machineCount: machineCount, initially: values())
    var underway: [(send: History.Event, values: [FieldValue])] = []
    for _ in 0..<eventCount {
      let event = story.event(
        Int(random.draw(below: UInt64(machineCount))), values(), queue: Int(random.draw(below: 3)))
      switch random.draw(below: 3) {
      case 0: underway.append((event, [.integer(Int64(random.draw(below: 9)) - 4)]))
      case 1 where !underway.isEmpty:
        let message = underway[Int(random.draw(below: UInt64(underway.count)))]
        if message.send.machine == event.machine { break }
        underway.removeAll { $0.send == message.send }
        story.message(message.send, event, message.values)
      default: break
      }
    }
    for message in underway { story.message(message.send, nil, message.values) }
    return story
  }

  /// What expressions say of a random history.
  static func vocabulary(machineCount: Int) -> Expression.Vocabulary {
    Expression.Vocabulary(
      machineCount: machineCount,
      stateFields: [FieldDeclaration("x", .integer), FieldDeclaration("on", .boolean)],
      messageFields: [FieldDeclaration("m", .integer)])
  }
}

/// All cuts of a history, searched without any of the methods under test: consistent ones are found
/// by vector clocks, and orders of events by following every one.
struct AllCuts {
  let consistent: [[Int]]
  private let isConsistent: Set<[Int]>
  private let story: HistoryStory

  init(of story: HistoryStory) throws {
    self.story = story
    let clocks = try story.history().vectorClocks()
    var cuts: [[Int]] = [[]]
    for machine in story.machines {
      cuts = cuts.flatMap { cut in (0...machine.eventCount).map { cut + [$0] } }
    }
    consistent = cuts.filter { cut in
      Cut(clocks: cut.indices.map { clocks[$0][cut[$0]] }).isConsistent
    }
    isConsistent = Set(consistent)
  }

  /// Whether every order of the events passes through one of these cuts.
  func everyOrderMeets(_ cuts: Set<[Int]>) -> Bool {
    let end = story.machines.map(\.eventCount)
    var frontier = [[Int](repeating: 0, count: end.count)]
    var seen: Set<[Int]> = []
    while let cut = frontier.popLast() {
      if cuts.contains(cut) || !seen.insert(cut).inserted { continue }
      if cut == end { return false }
      for machine in cut.indices where cut[machine] < end[machine] {
        var next = cut
        next[machine] += 1
        if isConsistent.contains(next) { frontier.append(next) }
      }
    }
    return true
  }

  /// The global state at a cut, told from the story alone.
  func state(at cut: [Int]) -> ToldState {
    let underway = story.messages.filter { message in
      message.send.number <= cut[message.send.machine]
        && message.receipt.map { $0.number > cut[$0.machine] } != false
    }
    return ToldState(states: story.states(at: cut), underway: underway.map(\.values))
  }
}
