import LogicalTime
import Predicates
import RunRecord
import ScaleModel
import SystemCalls

/// A run's journals as a history, with the position of each state in its journal.
package struct RunHistory {
  /// What a machine's journal says of the event before a state.
  package struct Position: Hashable, Sendable {
    /// How many ticks it had carried out.
    package var tick: UInt64 = 0
    /// The event's system time; nil before the first.
    package var systemTime: Int64?
    /// How many lines its journal has before the next one, the header aside.
    package var lineCount: UInt64 = 0
    /// What was added by hand, less what was taken away.
    package var byHand: Int64 = 0
  }

  /// A message as journals name it.
  package struct Message: Sendable {
    /// Its events and fields.
    package let message: History.Message
    /// The machine that it is for.
    package let target: MachineID
    /// The reading that it carries.
    package let reading: UInt64
  }

  /// The events and messages.
  package let history: History
  /// What expressions may say of the run.
  package let vocabulary: Expression.Vocabulary
  /// Per machine and number of events in the history, the position of its state.
  package let positions: [[Position]]
  /// In the order of their sends.
  package let messages: [Message]

  /// A line takes some 10 times its size: its state, its position, its vector of causes, its
  /// messages.
  private static let memoryPerByte = 10.0

  /// Reads the journals of a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - window: Which events are in the history; what was before decides its first state.
  /// - Throws: ``RunRecordError`` when a journal is malformed, names no messages, may have received
  ///   one twice, or is too large.
  package init(of run: StoredRun, in window: TimeWindow = TimeWindow()) throws(RunRecordError) {
    if let lack = run.manifest.firstLack(of: .peer, .message) {
      throw .malformed(
        path: run.directory.manifestPath, line: nil, column: nil,
        problem: "\(lack.sentence), so that which cuts are consistent is not known")
    }
    guard run.manifest.plan.promises.duplicate == 0 else {
      throw .malformed(
        path: run.directory.manifestPath, line: nil, column: "plan.duplicate",
        problem: "messages may arrive twice, so that which cuts are consistent is not known")
    }
    let byteCount = run.journals.reduce(0.0) { $0 + Double($1.byteCount) } * Self.memoryPerByte
    let need = MemoryNeed(addressByteCount: byteCount, residentByteCount: byteCount)
    if let shortage = need.shortage { throw .tooLarge(path: run.directory.path, shortage) }
    var reader = RunHistoryReader(run, from: window.systemTimes(after: run.originTime)?.lowerBound)
    let end = TimeWindow(from: nil, to: window.to)
    let events = try CausalEvents(of: run, in: end)
    while let event = try events.next() { try reader.add(event, isOpenEnded: window.to == nil) }
    reader.beginHistory()
    messages = reader.messages.filter { $0.message.receipt?.number != 0 }
    positions = reader.positions
    vocabulary = run.vocabulary
    do throws(HistoryError) {
      history = try History(machines: reader.states, messages: messages.map(\.message))
    } catch {
      throw .malformed(
        path: run.directory.path, line: nil, column: nil, problem: error.description)
    }
  }
}

/// Makes a history of the events of a run, causes before effects.
private struct RunHistoryReader {
  private let run: StoredRun
  private let groups: [[Int]]
  /// The system time from which events are in the history.
  private let start: Int64?
  /// Whether the history has begun.
  private var hasBegun = false
  /// The latest line of each machine before the history; nil before its first.
  private var latest: [CausalEvent?]
  /// Whether a machine's later events are left out, because one of them has its cause after the
  /// window.
  private var isOver: [Bool]
  /// The index of a message, or of the first of several that one event sent.
  private var underway: MessagesInTransit<Int>

  private(set) var states: [History.States] = []
  private(set) var positions: [[RunHistory.Position]]
  /// A message received before the history has a receipt with number 0.
  private(set) var messages: [RunHistory.Message] = []

  init(_ run: StoredRun, from start: Int64?) {
    (self.run, self.start) = (run, start)
    groups = run.manifest.imported?.groups ?? []
    latest = Array(repeating: nil, count: run.machineCount)
    isOver = Array(repeating: false, count: run.machineCount)
    positions = Array(repeating: [RunHistory.Position()], count: run.machineCount)
    underway = MessagesInTransit(in: run)
  }

  mutating func add(_ event: CausalEvent, isOpenEnded: Bool) throws(RunRecordError) {
    let (machine, line) = (event.machine.index, event.line)
    if isOver[machine] { return }
    if !hasBegun, event.time >= start ?? .min { beginHistory() }
    var position = positions[machine].last ?? RunHistory.Position()
    position.lineCount += 1
    if line.kind == .snapshot {
      // A snapshot's line belongs to the state that it is of.
      positions[machine][positions[machine].count - 1] = position
      return
    }
    (position.tick, position.systemTime) = (line.tick, line.systemTime)
    position.byHand &+= event.byHand
    let number = hasBegun ? positions[machine].count : 0
    if line.kind == .receive {
      guard let index = index(ofMessageReceivedBy: event) else {
        if !isOpenEnded {
          isOver[machine] = true
          return
        }
        throw .malformed(
          path: run.journals[machine].path, line: Int(position.lineCount) + 1, column: "message",
          problem: "the journal of its sender has no such message")
      }
      let message = messages[index]
      messages[index] = RunHistory.Message(
        message: History.Message(
          send: message.message.send, receipt: History.Event(machine: machine, number: number),
          values: message.message.values), target: message.target, reading: message.reading)
    }
    if hasBegun {
      positions[machine].append(position)
      states[machine].append(
        clock: line.clock, queueLength: line.queueLength, values: stateValues(of: event))
    } else {
      positions[machine] = [position]
      latest[machine] = event
    }
    if line.kind == .send { send(event, number) }
  }

  /// Begins the history after the events so far, unless it has begun.
  mutating func beginHistory() {
    if hasBegun { return }
    hasBegun = true
    for (machine, event) in latest.enumerated() {
      states.append(
        History.States(
          initially: event.map { stateValues(of: $0) } ?? run.firstStateValues(of: machine),
          clock: event?.line.clock ?? 0, queueLength: event?.line.queueLength ?? 0))
    }
  }

  /// The values of the machine's state after an event.
  private func stateValues(of event: CausalEvent) -> [FieldValue] {
    Array(event.values.dropFirst(run.fields.message.count))
  }

  private mutating func send(_ event: CausalEvent, _ number: Int) {
    let targets: [MachineID] =
      switch event.line.peer {
      case .none: []
      case .all: run.topology.neighbours(of: event.machine)
      case .group(let group): groups.indices.contains(group) ? groups[group].map { .init($0) } : []
      case .machine(let target): [target]
      }
    underway.add(messages.count, sentBy: event)
    let send = History.Event(machine: event.machine.index, number: number)
    let values = Array(event.values.prefix(run.fields.message.count))
    for target in targets {
      messages.append(
        RunHistory.Message(
          message: History.Message(send: send, values: values), target: target,
          reading: event.line.messageReading))
    }
  }

  /// The message that an event receives; nil when its send is not there.
  private mutating func index(ofMessageReceivedBy event: CausalEvent) -> Int? {
    guard let first = underway.remove(receivedBy: event) else { return nil }
    let reading = event.line.messageReading
    return messages[first...].prefix { $0.reading == reading }
      .firstIndex { $0.target == event.machine && $0.message.receipt == nil }
  }
}
