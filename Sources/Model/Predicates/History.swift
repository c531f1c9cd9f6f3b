import LogicalTime
import ScaleModel

/// What happened in a run: each machine's events in order, its state after each, and the messages
/// that connect them.
///
/// - Invariant: No event is its own cause: some order of all events has every send before its
///   receipts.
package struct History: Sendable {
  /// One event: the machine's first has the number 1.
  package struct Event: Hashable, Sendable {
    /// The machine.
    package let machine: Int
    /// Its number among the machine's events, from 1.
    package let number: Int

    /// Makes the name of an event.
    package init(machine: Int, number: Int) {
      self.machine = machine
      self.number = number
    }
  }

  /// A message, from its send to its receipt.
  package struct Message: Sendable {
    /// The event that sent it; number 0 when it was sent before the history.
    package let send: Event
    /// The event that received it; nil when none in the history did.
    package let receipt: Event?
    /// One per field of messages.
    package let values: [FieldValue]

    /// Makes a message of its events and fields.
    package init(send: Event, receipt: Event? = nil, values: [FieldValue] = []) {
      self.send = send
      self.receipt = receipt
      self.values = values
    }
  }

  /// The states of one machine: its first one, and one after each of its events.
  package struct States: Sendable {
    let fieldCount: Int
    /// The fields of one state after those of the other.
    private(set) var values: [FieldValue]
    private(set) var queueLengths: [Int]
    private(set) var clocks: [UInt64]

    /// Makes the states of a machine before its first event.
    ///
    /// - Parameters:
    ///   - values: One per field of states.
    ///   - clock: The reading of its Lamport clock.
    ///   - queueLength: How many messages wait in its inbox.
    package init(
      initially values: [FieldValue] = [], clock: UInt64 = 0, queueLength: Int = 0
    ) {
      fieldCount = values.count
      self.values = values
      clocks = [clock]
      queueLengths = [queueLength]
    }

    /// How many events the machine has.
    package var eventCount: Int { clocks.count - 1 }

    /// Adds the state after the machine's next event.
    ///
    /// - Parameters:
    ///   - clock: The reading of its Lamport clock.
    ///   - queueLength: How many messages wait in its inbox.
    ///   - values: As many as in the first state; lacking ones are nothing.
    package mutating func append(
      clock: UInt64, queueLength: Int = 0, values: [FieldValue] = []
    ) {
      clocks.append(clock)
      queueLengths.append(queueLength)
      for field in 0..<fieldCount {
        self.values.append(field < values.count ? values[field] : .nothing)
      }
    }
  }

  /// One per machine.
  package let machines: [States]
  /// Per machine and event, the sends of what it received; number 0 has none.
  private let causes: [[[Event]]]
  /// One per machine.
  let transitSums: [TransitSums]

  /// Makes a history.
  ///
  /// - Parameters:
  ///   - machines: The states of each machine.
  ///   - messages: All messages, in any order.
  /// - Throws: ``HistoryError`` when a message has an event that is not there, or when sends and
  ///   receipts contradict each other.
  package init(machines: [States], messages: [Message]) throws(HistoryError) {
    var causes = machines.map { [[Event]](repeating: [], count: $0.eventCount + 1) }
    let fieldCount = messages.lazy.map(\.values.count).max() ?? 0
    var transit = machines.map { TransitSums(eventCount: $0.eventCount, fieldCount) }
    for message in messages {
      for (event, first) in [(message.send, 0), (message.receipt, 1)] {
        guard let event else { continue }
        guard machines.indices ~= event.machine, event.number >= first,
          event.number <= machines[event.machine].eventCount
        else { throw .unknownEvent(event) }
      }
      transit[message.send.machine].add(message.values, at: message.send.number, isSend: true)
      guard let receipt = message.receipt else { continue }
      causes[receipt.machine][receipt.number].append(message.send)
      transit[receipt.machine].add(message.values, at: receipt.number, isSend: false)
    }
    for machine in transit.indices { transit[machine].accumulate() }
    self.machines = machines
    self.causes = causes
    transitSums = transit
    if let event = forEachEvent({ _ in }) { throw .causedByItself(event) }
  }

  /// How many events all machines have.
  package var eventCount: Int { machines.reduce(0) { $0 + $1.eventCount } }

  /// The state of one machine.
  package struct State: Sendable {
    /// The reading of its Lamport clock.
    package let clock: UInt64
    /// How many messages wait in its inbox.
    package let queueLength: Int
    /// One per field of states.
    package let values: [FieldValue]
  }

  /// The state of a machine after its event with this number; 0 for its first state.
  package func state(of machine: Int, after number: Int) -> State {
    let states = machines[machine]
    let first = number * states.fieldCount
    return State(
      clock: states.clocks[number], queueLength: states.queueLengths[number],
      values: Array(states.values[first..<first + states.fieldCount]))
  }

  /// The sends of the messages that an event received.
  func causes(of machine: Int, _ number: Int) -> [Event] { causes[machine][number] }

  /// Calls a function with every event, causes before effects.
  ///
  /// - Returns: Nil when every event came; otherwise one of those that cause themselves.
  private func forEachEvent(_ body: (Event) -> Void) -> Event? {
    var done = [Int](repeating: 0, count: machines.count)
    // Machines whose next event waits for one of this machine.
    var waiting = [[Int]](repeating: [], count: machines.count)
    var ready = Array(machines.indices.reversed())
    while let machine = ready.popLast() {
      while done[machine] < machines[machine].eventCount {
        let number = done[machine] + 1
        let missing = causes[machine][number].first { done[$0.machine] < $0.number }
        if let missing {
          waiting[missing.machine].append(machine)
          break
        }
        body(Event(machine: machine, number: number))
        done[machine] = number
        if !waiting[machine].isEmpty {
          ready += waiting[machine]
          waiting[machine] = []
        }
      }
    }
    return machines.indices.first { done[$0] < machines[$0].eventCount }
      .map { Event(machine: $0, number: done[$0] + 1) }
  }

  /// The vector clock of every event, per machine; number 0 is before its first.
  ///
  /// They take 8 bytes per event and machine.
  package func vectorClocks() -> [[VectorClock]] {
    let zero = VectorClock(machineCount: machines.count)
    var clocks = [[VectorClock]](repeating: [zero], count: machines.count)
    // The history was checked when it was made, so every event comes.
    _ = forEachEvent { event in
      var clock = clocks[event.machine][event.number - 1]
      for send in causes[event.machine][event.number] {
        clock.merge(clocks[send.machine][send.number])
      }
      clock.tick(at: MachineID(event.machine))
      clocks[event.machine].append(clock)
    }
    return clocks
  }
}

/// Why events and messages are no history.
package enum HistoryError: Error, Hashable, Sendable {
  /// A message names this event, which is not there.
  case unknownEvent(History.Event)
  /// This event could only happen after itself.
  case causedByItself(History.Event)
}

extension HistoryError: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .unknownEvent(let event):
      "a message names event \(event.number) of machine \(event.machine), which is not there"
    case .causedByItself(let event):
      "event \(event.number) of machine \(event.machine) receives a message that was only sent "
        + "after it"
    }
  }
}

/// What one machine sent and received up to each of its events.
struct TransitSums: Sendable {
  private let fieldCount: Int
  /// Sent less received, per event from number 0.
  private(set) var counts: [Int]
  /// The fields' sums, sent less received: the fields of one event after those of the other.
  private var sums: [WideSum]

  init(eventCount: Int, _ fieldCount: Int) {
    self.fieldCount = fieldCount
    counts = Array(repeating: 0, count: eventCount + 1)
    sums = Array(repeating: WideSum(), count: (eventCount + 1) * fieldCount)
  }

  mutating func add(_ values: [FieldValue], at number: Int, isSend: Bool) {
    counts[number] += isSend ? 1 : -1
    for (field, value) in values.enumerated() {
      guard let integer = value.integer else { continue }
      let index = number * fieldCount + field
      if isSend { sums[index] += integer } else { sums[index] -= integer }
    }
  }

  /// Turns what each event adds into what there is after it.
  mutating func accumulate() {
    for number in counts.indices.dropFirst() { counts[number] += counts[number - 1] }
    for index in sums.indices.dropFirst(fieldCount) { sums[index] += sums[index - fieldCount] }
  }

  /// The sum of a field after the event with this number.
  func sum(of field: Int, after number: Int) -> WideSum {
    field < fieldCount ? sums[number * fieldCount + field] : WideSum()
  }
}
