import LogicalTime
import Predicates
import RunRecord
import ScaleModel

/// The columns of `measures.csv`.
package enum MeasureColumn: String, TableColumn {
  case run, measure, value, predicted
}

/// A row of `measures.csv`: a figure that a run's workload names, beside its law's prediction.
package typealias MeasureRow = TableRow<MeasureColumn>

/// The figures that a run's workload names, from one pass over its events, causes before effects.
///
/// Events outside a time window count for nothing; they only say which value a field has.
struct RunMeasures {
  private let run: StoredRun
  private let times: Range<Int64>?
  private var tallies: [MeasureTally] = []

  /// Reads the journals of a run; a run whose workload names nothing is not read.
  ///
  /// - Parameters:
  ///   - run: The run; its journals are read from their beginnings.
  ///   - times: The system times of the events that count; nil for all.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  init(of run: StoredRun, within times: Range<Int64>?) throws(RunRecordError) {
    (self.run, self.times) = (run, times)
    guard let measures = run.manifest.measures, !measures.isEmpty else { return }
    tallies = measures.map { MeasureTally($0, run.fields, machineCount: run.machineCount) }
    try passEvents()
    for index in tallies.indices { try readSnapshots(for: index) }
  }

  /// A row for each measure, in the order of the manifest.
  var rows: [MeasureRow] {
    tallies.map { tally in
      MeasureRow { column in
        switch column {
        case .run: .text(run.name)
        case .measure: .text(tally.measure.name)
        case .value: Cell(tally.value)
        case .predicted: Cell(tally.measure.predicted)
        }
      }
    }
  }

  private mutating func passEvents() throws(RunRecordError) {
    var states = (0..<run.machineCount).map { run.firstStateValues(of: $0) }
    let groups = run.manifest.imported?.groups ?? []
    let messageCount = run.fields.message.count
    let events = try CausalEvents(of: run)
    while let event = try events.next() {
      guard event.line.kind != .snapshot else { continue }
      let before = states[event.machine.index]
      let after = Array(event.values.dropFirst(messageCount))
      let sentCount =
        event.line.kind == .send ? event.targetCount(in: run.topology, groups: groups) : 0
      guard sentCount > 0 || before != after else { continue }
      states[event.machine.index] = after
      let counts = times?.contains(event.line.systemTime) ?? true
      for index in tallies.indices {
        tallies[index].pass(event, before, after, sentCount: counts ? sentCount : 0, counts: counts)
      }
    }
  }

  /// Finds the first snapshot in which the predicate of a snapshot's lag holds.
  private mutating func readSnapshots(for index: Int) throws(RunRecordError) {
    let plan = run.manifest.plan
    guard let name = tallies[index].measure.predicate,
      let predicate = plan.predicates?.first(where: { $0.name == name }),
      let expression = try? Expression(predicate.expression, in: run.snapshotVocabulary)
    else { return }
    for id in try run.files.snapshotIDs() {
      let file = try run.snapshot(id)
      var readCount = 0
      guard let state = SnapshotState(file, run.fields),
        (try? expression.holds(in: state, readCount: &readCount)) == true
      else { continue }
      tallies[index].find(at: file.completedTimeNs)
    }
  }
}

/// What one measure has counted so far.
private struct MeasureTally {
  let measure: NamedMeasure
  /// The columns of the conditions: of states, and of messages.
  private let state: Int?
  private let after: Int?
  private let messages: Int?
  private let per: Int?
  /// When each machine began its stay, in id order; nil for one that is not in it.
  private var stayStarts: [Int64?]
  private var stays = SampleMoments()
  private var entryCount = 0
  private var first: (time: Int64, messageCount: Int)?
  private var last: (time: Int64, messageCount: Int)?
  private var messageCount = 0
  private var otherCount = 0
  /// The time of the last entry that begins a lag.
  private var lagStart: Int64?
  private var foundTime: Int64?

  init(_ measure: NamedMeasure, _ fields: FieldNames, machineCount: Int) {
    func index(of match: FieldMatch?, in declared: [FieldDeclaration]) -> Int? {
      match.flatMap { match in declared.firstIndex { $0.name == match.field } }
    }
    self.measure = measure
    state = index(of: measure.state, in: fields.journaledState)
    after = index(of: measure.after, in: fields.journaledState)
    messages = index(of: measure.messages, in: fields.message)
    per = index(of: measure.per, in: fields.message)
    stayStarts = Array(repeating: nil, count: measure.kind == .stay ? machineCount : 0)
  }

  /// Whether counting is over: what is counted up to an entry, or a lag to it, has come to its end.
  private var isOver: Bool {
    (measure.kind == .messagesUntil || measure.kind == .lag) && first != nil
  }

  /// The figure; nil when too little happened.
  var value: Double? {
    switch measure.kind {
    case .messagesEach:
      guard let first, let last, entryCount > 1 else { return nil }
      return Double(last.messageCount - first.messageCount) / Double(entryCount - 1)
    case .rate:
      guard let first, let last, last.time > first.time else { return nil }
      return Double(entryCount - 1) / (Double(last.time - first.time) / 1e9)
    case .stay: return stays.mean
    case .messagesUntil:
      guard let first else { return nil }
      if per == nil { return Double(first.messageCount) }
      return otherCount > 0 ? Double(first.messageCount) / Double(otherCount) : nil
    case .lag: return lag(to: first?.time)
    case .snapshotLag: return lag(to: foundTime)
    }
  }

  private func lag(to time: Int64?) -> Double? {
    guard let lagStart, let time, time >= lagStart else { return nil }
    return Double(time - lagStart) / 1e9
  }

  /// Records that a snapshot which ended at this time found the predicate.
  mutating func find(at time: Int64) { foundTime = min(foundTime ?? time, time) }

  /// Counts an event.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - before: The values of the machine's state before it.
  ///   - values: Those after it.
  ///   - sentCount: How many copies of a message it sends.
  ///   - counts: Whether entries count.
  mutating func pass(
    _ event: CausalEvent, _ before: [FieldValue], _ values: [FieldValue], sentCount: Int,
    counts: Bool
  ) {
    if isOver { return }
    if sentCount > 0 { count(event, sentCount) }
    if counts, Self.enters(measure.after, after, before, values, event.machine) {
      lagStart = event.time
    }
    if measure.kind == .stay { countStay(event, before, values, counts: counts) }
    if counts, Self.enters(measure.state, state, before, values, event.machine) {
      entryCount += 1
      last = (event.time, messageCount)
      if first == nil { first = last }
    }
  }

  private mutating func count(_ event: CausalEvent, _ copies: Int) {
    func matches(_ match: FieldMatch?, _ column: Int?) -> Bool {
      guard let match, let column else { return false }
      return match.holds(of: event.values[column])
    }
    if measure.messages == nil || matches(measure.messages, messages) { messageCount += copies }
    if matches(measure.per, per) { otherCount += copies }
  }

  private mutating func countStay(
    _ event: CausalEvent, _ before: [FieldValue], _ values: [FieldValue], counts: Bool
  ) {
    let index = event.machine.index
    if let start = stayStarts[index], let match = measure.state, let state,
      !match.holds(of: values[state])
    {
      if counts { stays.add(Double(event.time - start) / 1e9) }
      stayStarts[index] = nil
    }
    if Self.enters(measure.state, state, before, values, event.machine) {
      stayStarts[index] = event.time
    }
  }

  /// Whether a field takes a value at an event.
  private static func enters(
    _ match: FieldMatch?, _ column: Int?, _ before: [FieldValue], _ values: [FieldValue],
    _ machine: MachineID
  ) -> Bool {
    guard let match, let column, match.machine ?? machine == machine else { return false }
    return match.holds(of: values[column]) && !match.holds(of: before[column])
  }
}

extension CausalEvent {
  /// Counts the messages that a send puts on their way.
  ///
  /// - Parameters:
  ///   - topology: The channels of the run.
  ///   - groups: The machines of each group, of an imported run.
  /// - Returns: One for each target; zero for an event without a peer.
  func targetCount(in topology: Topology, groups: [[Int]]) -> Int {
    switch line.peer {
    case .none: 0
    case .machine: 1
    case .all: topology.neighbourCount(of: machine)
    case .group(let group): groups.indices.contains(group) ? groups[group].count : 0
    }
  }
}
