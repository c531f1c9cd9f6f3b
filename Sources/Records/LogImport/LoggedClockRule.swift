import ScaleModel

/// Checks Lamport's rules as far as the logs have the data.
///
/// An internal event or a send reads one more than the previous event. A receipt reads one more
/// than the larger of that and its message's reading; where the message's reading is missing, it
/// must only exceed the previous event. Nothing is known before the first event of a log.
struct LoggedClockRule {
  private(set) var breaches = Breaches()
  private let logs: LoggedEvents
  /// How much messages' readings are less than those of their sends.
  private let lag: UInt64

  /// Checks all events.
  init(_ logs: LoggedEvents, lag: UInt64) {
    (self.logs, self.lag) = (logs, lag)
    for (machine, indices) in logs.eventIndices.enumerated() {
      if logs.map.tells(.vector) {
        checkVectors(of: machine, indices)
      } else {
        checkReadings(indices)
      }
    }
  }

  var verdict: LogVerdict { breaches.verdict(in: logs) }

  private static func words(of kind: Event.Kind) -> String {
    switch kind {
    case .send: "sends"
    case .receive: "receipts"
    default: "internal events"
    }
  }

  private mutating func checkReadings(_ indices: [Int]) {
    var previous: UInt64?
    for index in indices {
      let event = logs.events[index]
      breaches.look(at: Self.words(of: event.kind))
      if event.kind == .receive {
        check(receipt: event, after: previous)
      } else {
        check(event, after: previous)
        if event.kind == .send { checkCarried(by: event) }
      }
      previous = event.clock
    }
  }

  private mutating func check(_ event: LoggedEvent, after previous: UInt64?) {
    guard let previous, event.clock != previous &+ 1 else { return }
    let isJump = event.clock > previous
    breaches.add(
      event, Self.kind(of: event, expected: previous &+ 1), in: logs,
      "the clock reads \(event.clock); after \(previous) the next event reads \(previous &+ 1)"
        + (isJump ? ", for no message is received" : ""))
  }

  private mutating func check(receipt event: LoggedEvent, after previous: UInt64?) {
    guard let carried = carried(by: event) else {
      guard let previous, event.clock <= previous else { return }
      breaches.add(
        event, BreachKind(events: "receipts", words: "read no more than the event before"),
        in: logs, "the clock reads \(event.clock); after \(previous) a receipt reads more")
      return
    }
    let expected = max(previous ?? 0, carried) &+ 1
    // Before its first line a machine may have had unlogged events.
    if previous == nil ? event.clock >= expected : event.clock == expected { return }
    let after = previous.map { "after \($0), " } ?? ""
    breaches.add(
      event, Self.kind(of: event, expected: expected), in: logs,
      "the clock reads \(event.clock); \(after)receiving \(carried) reads \(expected)")
  }

  /// Checks that a message carries the reading of its send.
  private mutating func checkCarried(by event: LoggedEvent) {
    guard let message = event.message ?? (lag > 0 ? event.clock &- lag : nil),
      message != event.clock
    else { return }
    let isBefore = message &+ 1 == event.clock
    breaches.add(
      event,
      BreachKind(
        events: "sends",
        words: isBefore
          ? "carry the reading before their own"
          : "carry another reading (a name of the message belongs under \"identity\")"),
      in: logs, "the message carries \(message); its send reads \(event.clock)")
  }

  /// The reading that a receipt's message carries; nil when unknown.
  private func carried(by event: LoggedEvent) -> UInt64? {
    event.message ?? event.partner.map { logs.events[Int($0)].clock &- lag }
  }

  private static func kind(of event: LoggedEvent, expected: UInt64) -> BreachKind {
    let difference = Int64(bitPattern: event.clock &- expected)
    let words =
      switch difference {
      case -1: "read one less than the rule gives"
      case 1: "read one more than the rule gives"
      case ..<0: "read less than the rule gives"
      default: "read more than the rule gives"
      }
    return BreachKind(events: Self.words(of: event.kind), words: words)
  }

  // MARK: Vector clocks

  /// Checks that a machine counts each of its events in its own entry, and that a receipt merges
  /// its message's clock.
  private mutating func checkVectors(of machine: Int, _ indices: [Int]) {
    var previous: [UInt64]?
    for index in indices {
      let event = logs.events[index]
      guard let vector = logs.vector(of: event).map(Array.init) else { continue }
      let events = Self.words(of: event.kind)
      breaches.look(at: events)
      defer { previous = vector }
      let own = vector[machine]
      if let before = previous?[machine], own != before &+ 1 {
        breaches.add(
          event, BreachKind(events: events, words: "do not count one in their machine's own entry"),
          in: logs,
          "its own entry reads \(own); after \(before) the next event reads \(before &+ 1)")
        continue
      }
      guard let previous, let wrong = wrongEntry(of: event, vector, after: previous, machine) else {
        continue
      }
      breaches.add(
        event, BreachKind(events: events, words: "have an entry that no message explains"),
        in: logs,
        "the entry of \(logs.name(wrong.entry)) reads \(vector[wrong.entry]); \(wrong.expectation)")
    }
  }

  /// The first entry of another machine that breaks the rule.
  private func wrongEntry(
    of event: LoggedEvent, _ vector: [UInt64], after previous: [UInt64], _ machine: Int
  ) -> (entry: Int, expectation: String)? {
    let sent = event.partner.flatMap { logs.vector(of: logs.events[Int($0)]) }.map(Array.init)
    for entry in vector.indices where entry != machine {
      if event.kind == .receive {
        if vector[entry] < previous[entry] {
          return (entry, "it was \(previous[entry]), and an entry never falls")
        }
        if let sent, vector[entry] != max(previous[entry], sent[entry]) {
          return (entry, "the message's is \(sent[entry]), and it was \(previous[entry])")
        }
      } else if vector[entry] != previous[entry] {
        return (entry, "it was \(previous[entry]), and no message is received")
      }
    }
    return nil
  }
}
