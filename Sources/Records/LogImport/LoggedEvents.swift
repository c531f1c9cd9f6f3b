import ScaleModel

/// All events of a run's logs, with the facts found once all lines are read.
struct LoggedEvents {
  /// The events in the order of the files and their lines; they name machines by id.
  var events: [LoggedEvent]
  /// The machines, in id order, as the logs call them.
  let names: [String]
  /// The logs' paths, in the order given.
  let paths: [String]
  /// The recipients for each value of ``LoggedEvent/peers``.
  var recipients: [Recipients]
  let identities: [String]
  /// The identities of an event's further messages, and the event's index.
  private(set) var moreIdentities: [(identity: Int32, index: Int)] = []
  /// The entries of all vector clocks: rows of one entry per machine, at an event's index.
  var vectors: [UInt64]
  /// One list per machine: the indices of its events, in the order of its log.
  private(set) var eventIndices: [[Int]] = []

  /// The map of the logs.
  let map: ImportMap

  /// Assembles what was read.
  init(
    _ events: [LoggedEvent], names: [String], paths: [String], recipients: [Recipients],
    identities: [String], vectors: [UInt64], map: ImportMap
  ) {
    (self.events, self.names, self.paths) = (events, names, paths)
    (self.recipients, self.identities, self.vectors) = (recipients, identities, vectors)
    self.map = map
    sortOut()
  }

  /// Rebuilds the lists of the machines' events.
  private mutating func sortOut() {
    eventIndices = names.map { _ in [] }
    for (index, event) in events.enumerated() { eventIndices[Int(event.machine)].append(index) }
  }

  /// Removes rows merged into others; earlier indices become invalid.
  mutating func remove(_ shared: SharedTicks) {
    guard !shared.owners.isEmpty else { return }
    var kept: [LoggedEvent] = []
    var newIndices: [Int] = []
    for (index, event) in events.enumerated() {
      if let owner = shared.owners[index] {
        if let identity = event.identity { moreIdentities.append((identity, newIndices[owner])) }
      } else {
        kept.append(event)
      }
      newIndices.append(kept.count - 1)
    }
    events = kept
    sortOut()
  }

  /// Whether the events' readings come from a clock in the logs.
  var hasClock: Bool { map.tells(.clock) || map.tells(.vector) }

  /// The peers of an event, as far as they are known.
  func recipients(of event: LoggedEvent) -> Recipients {
    event.peers.map { recipients[Int($0)] } ?? .none
  }

  /// The machine that sent a receipt's message; nil when unknown.
  func source(of receipt: LoggedEvent) -> Int? {
    if case .machine(let source) = recipients(of: receipt) { source } else { nil }
  }

  /// The vector clock after an event; nil when the logs have none.
  func vector(of event: LoggedEvent) -> ArraySlice<UInt64>? {
    event.vector.map { vectors[$0..<$0 + names.count] }
  }

  /// Sets the peers of an event whose line leaves them out.
  mutating func setRecipients(_ found: Recipients, at index: Int) {
    recipients.append(found)
    events[index].peers = Int32(recipients.count - 1)
  }

  /// The reading of each event's predecessor on its machine; nil for the first.
  var readingsBefore: [UInt64?] {
    var readings: [UInt64?] = Array(repeating: nil, count: events.count)
    for own in eventIndices {
      for (index, next) in zip(own, own.dropFirst()) { readings[next] = events[index].clock }
    }
    return readings
  }

  /// Whether `left` comes first in the logs' own order: by line in one file, across files by time,
  /// where it is given.
  func comesBefore(_ left: LoggedEvent, _ right: LoggedEvent) -> Bool {
    if left.file != right.file, map.tells(.time), left.time != right.time {
      return left.time < right.time
    }
    return (left.file, left.line) < (right.file, right.line)
  }

  /// The name of a machine in messages.
  func name(_ machine: Int) -> String { names[machine] }
}
