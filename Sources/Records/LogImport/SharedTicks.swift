/// Sends in several rows that are one tick with several recipients: one reading, consecutive, of
/// one machine.
///
/// An ordinary clock never repeats a reading, so such rows tell of one event. Rows that repeat a
/// recipient, or are a tick apart, are a clock that stands still.
struct SharedTicks {
  /// How many rows were taken together with the one before them.
  private(set) var rowCount = 0
  /// The second row of the first such tick.
  private(set) var first: LoggedEvent?
  /// Of each row that was taken away, where the row is that stays; looked up, never iterated.
  private(set) var owners: [Int: Int] = [:]

  /// Takes rows together.
  init(joining logs: inout LoggedEvents) {
    guard logs.hasClock || logs.map.tells(.tick) else { return }
    var joined: [(place: Int, recipients: Recipients)] = []
    for (machine, places) in logs.places.enumerated() {
      let step = Self.typicalStep(of: places.map { logs.events[$0] })
      var group: [Int] = []
      for place in places {
        if let firstPlace = group.first,
          Self.belongs(place, to: firstPlace, in: logs, step: step)
        {
          group.append(place)
          continue
        }
        end(group, of: machine, in: logs, &joined)
        group = logs.events[place].kind == .send ? [place] : []
      }
      end(group, of: machine, in: logs, &joined)
    }
    for (place, recipients) in joined where recipients != .none {
      logs.setRecipients(recipients, at: place)
    }
  }

  /// Whether a row may tell of the same tick as an earlier one.
  private static func belongs(
    _ place: Int, to first: Int, in logs: LoggedEvents, step: Int64?
  ) -> Bool {
    let (event, earlier) = (logs.events[place], logs.events[first])
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

  /// Takes a group's rows together, when no recipient is there twice.
  private mutating func end(
    _ group: [Int], of machine: Int, in logs: LoggedEvents,
    _ joined: inout [(place: Int, recipients: Recipients)]
  ) {
    guard group.count > 1, let firstPlace = group.first else { return }
    var machines: Set<Int> = []
    var count = 0
    var isUnknown = false
    for place in group {
      switch logs.recipients(of: logs.events[place]) {
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
    // Of rows that name nobody there is no more than one for each other machine.
    guard !isUnknown || group.count < logs.names.count || logs.names.count == 1 else { return }
    if !isUnknown {
      let all = machines.count == logs.names.count - 1 && !machines.contains(machine)
      joined.append((firstPlace, all ? .all : .group(machines.sorted())))
    }
    for place in group.dropFirst() { owners[place] = firstPlace }
    rowCount += group.count - 1
    let second = logs.events[group[1]]
    if first.map({ logs.comesBefore(second, $0) }) ?? true { first = second }
  }
}
