/// The rule for times of ticks: they never go back, and no tick comes long before it is due.
struct LoggedPaceRule {
  /// The first event that is earlier than its predecessor on the machine, and the number of them.
  private(set) var backward: (event: LoggedEvent, before: Int64, count: Int)?
  /// Breaches of the pace given by the rates.
  private(set) var breaches = Breaches()
  private(set) var hasLookedAt = false

  /// Checks all events.
  ///
  /// - Parameters:
  ///   - logs: The events, with their ticks.
  ///   - pace: The rate and the time of tick 0 of each machine; nil where unknown.
  init(_ logs: LoggedEvents, pace: [MachinePace?]) {
    guard logs.map.tells(.time) else { return }
    for (machine, indices) in logs.eventIndices.enumerated() {
      for (index, next) in zip(indices, indices.dropFirst()) {
        let (event, before) = (logs.events[next], logs.events[index])
        guard event.time < before.time else { continue }
        let isFirst = backward.map { logs.comesBefore(event, $0.event) } ?? true
        backward =
          isFirst
          ? (event, before.time, (backward?.count ?? 0) + 1)
          : backward.map { ($0.event, $0.before, $0.count + 1) }
      }
      guard let pace = pace[machine] else { continue }
      check(indices.map { logs.events[$0] }, of: machine, pace, in: logs)
    }
  }

  /// A tick cannot come a whole period before it is due: otherwise the rate is wrong, or the events
  /// are not ticks.
  private mutating func check(
    _ events: [LoggedEvent], of machine: Int, _ pace: MachinePace, in logs: LoggedEvents
  ) {
    for event in events {
      hasLookedAt = true
      breaches.look(at: "ticks")
      guard let due = pace.rate.dueNanoseconds(tick: event.tick) else { continue }
      let late = event.time - pace.tickZero - due
      guard Double(late) < -1.001 * pace.rate.periodNanoseconds else { continue }
      breaches.add(
        event, BreachKind(events: "ticks", words: "come more than a period early"), in: logs,
        "tick \(event.tick) of \(logs.name(machine)) comes \(Self.seconds(-late)) before it is due "
          + "by its rate, \(pace.rate)")
    }
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    let seconds = Double(nanoseconds) / 1e9
    return seconds >= 1 ? "\((seconds * 10).rounded() / 10) s" : "\((seconds * 1000).rounded()) ms"
  }
}

/// A machine's rate, and the time of its tick 0 from its own first tick.
struct MachinePace {
  let rate: TickRate
  let tickZero: Int64
}

extension TickRate: CustomStringConvertible {
  /// The rate as a message shows it.
  var description: String {
    let rate = Double(ticks) / Double(seconds)
    return rate == rate.rounded() ? "\(Int(rate)) a second" : "\(rate) a second"
  }
}
