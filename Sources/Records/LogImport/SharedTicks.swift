/// Merges rows that are one send to several recipients: consecutive rows of one machine with one
/// reading.
///
/// An ordinary clock never repeats a reading, so such rows are one event. Rows that repeat a
/// recipient, or are a tick apart, come from a clock that does not advance.
struct SharedTicks {
  /// How many rows were merged into a previous one.
  private(set) var rowCount = 0
  /// The second row of the first such tick.
  private(set) var first: LoggedEvent?
  /// For each merged row, the index of the row that remains; looked up, never iterated.
  private(set) var owners: [Int: Int] = [:]

  /// Merges rows.
  init(joining logs: inout LoggedEvents) {
    guard logs.hasClock || logs.map.tells(.tick) else { return }
    var joined: [(index: Int, recipients: Recipients)] = []
    for (machine, indices) in logs.eventIndices.enumerated() {
      let step = Self.typicalStep(of: indices.map { logs.events[$0] })
      var group: [Int] = []
      for index in indices {
        if let firstIndex = group.first,
          Self.belongs(index, to: firstIndex, in: logs, step: step)
        {
          group.append(index)
          continue
        }
        end(group, of: machine, in: logs, &joined)
        group = logs.events[index].kind == .send ? [index] : []
      }
      end(group, of: machine, in: logs, &joined)
    }
    for (index, recipients) in joined where recipients != .none {
      logs.setRecipients(recipients, at: index)
    }
  }

  /// Whether a row may belong to the same tick as an earlier one.
  private static func belongs(
    _ index: Int, to first: Int, in logs: LoggedEvents, step: Int64?
  ) -> Bool {
    let (event, earlier) = (logs.events[index], logs.events[first])
    guard event.kind == .send, earlier.kind == .send else { return false }
    if logs.hasClock && event.clock != earlier.clock { return false }
    if logs.map.tells(.tick) && event.tick != earlier.tick { return false }
    guard logs.map.tells(.time), let step else { return true }
    return (event.time - earlier.time).magnitude <= UInt64(step / 2)
  }

  /// The median of the times between events of different readings.
  private static func typicalStep(of events: [LoggedEvent]) -> Int64? {
    let steps = zip(events, events.dropFirst()).filter { $0.clock != $1.clock }
      .map { $1.time - $0.time }.filter { $0 > 0 }.sorted()
    return steps.isEmpty ? nil : steps[steps.count / 2]
  }

  /// Merges the rows of a group, unless a recipient repeats.
  private mutating func end(
    _ group: [Int], of machine: Int, in logs: LoggedEvents,
    _ joined: inout [(index: Int, recipients: Recipients)]
  ) {
    guard group.count > 1, let firstIndex = group.first else { return }
    var machines: Set<Int> = []
    var count = 0
    var isUnknown = false
    for index in group {
      switch logs.recipients(of: logs.events[index]) {
      case .none: isUnknown = true
      case .all: return
      case .machine(let target):
        machines.insert(target)
        count += 1
      case .group(let targets):
        machines.formUnion(targets)
        count += targets.count
      }
    }
    guard machines.count == count, isUnknown == machines.isEmpty else { return }
    // Of rows without a peer there is at most one for each other machine.
    guard !isUnknown || group.count < logs.names.count || logs.names.count == 1 else { return }
    if !isUnknown {
      let all = machines.count == logs.names.count - 1 && !machines.contains(machine)
      joined.append((firstIndex, all ? .all : .group(machines.sorted())))
    }
    for index in group.dropFirst() { owners[index] = firstIndex }
    rowCount += group.count - 1
    let second = logs.events[group[1]]
    if first.map({ logs.comesBefore(second, $0) }) ?? true { first = second }
  }
}
