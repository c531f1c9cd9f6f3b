import RunRecord

/// The result of a check of a run's logs.
package enum LogVerdict: Hashable, Sendable {
  /// Nothing in the logs contradicts it.
  case ok
  /// The logs lack what it checks; the text says what.
  case lacking(String)
  /// It failed: the first location, in the logs' own order, and the problem.
  case failed(path: String, line: Int, problem: String)

  /// Whether it failed.
  package var isFailed: Bool {
    if case .failed = self { true } else { false }
  }
}

/// Events that break a rule in the same way.
struct BreachKind: Hashable {
  /// The name of the events, in the plural.
  let events: String
  /// What they do, phrased to follow their number.
  let words: String
}

/// The events that break a rule: the first of them in the logs' own order, and their number.
struct Breaches {
  private var counts: [BreachKind: Int] = [:]
  private var first: (event: LoggedEvent, kind: BreachKind, problem: String)?
  private var count = 0
  /// How many events of each kind were checked.
  private var lookedAt: [String: Int] = [:]

  /// Counts a checked event.
  mutating func look(at events: String) { lookedAt[events, default: 0] += 1 }

  /// Records an event that breaks the rule.
  mutating func add(
    _ event: LoggedEvent, _ kind: BreachKind, in logs: LoggedEvents,
    _ problem: @autoclosure () -> String
  ) {
    count += 1
    counts[kind, default: 0] += 1
    if let first, !logs.comesBefore(event, first.event) { return }
    first = (event, kind, problem())
  }

  /// The verdict: the first breach, and the number of others of its kind and of any.
  func verdict(in logs: LoggedEvents) -> LogVerdict {
    guard let first else { return .ok }
    let alike = counts[first.kind] ?? 0
    let all = lookedAt[first.kind.events] ?? alike
    var problem = first.problem
    if all > 1 { problem += "; \(alike) of \(all) \(first.kind.events) \(first.kind.words)" }
    let others = count - alike
    if others > 0 { problem += "; \(others) more break the rule in other ways" }
    return .failed(
      path: logs.paths[Int(first.event.file)], line: Int(first.event.line), problem: problem)
  }
}
