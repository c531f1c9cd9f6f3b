import ScaleModel

/// All events of a run's logs, with what is known of them once all lines are read.
struct LoggedEvents {
  /// In the order of the files and their lines; machines by id.
  var events: [LoggedEvent]
  /// The machines, in id order, as the logs call them.
  let names: [String]
  /// The logs, in the order in which they were given.
  let paths: [String]
  /// What each of the events' ``LoggedEvent/peers`` means.
  var recipients: [Recipients]
  let identities: [String]
  /// The identities of an event's further messages, and the event's place.
  private(set) var moreIdentities: [(identity: Int32, place: Int)] = []
  /// The entries of all vector clocks: a row of one per machine each, at an event's place.
  var vectors: [UInt64]
  /// One list per machine: the places of its events, in the order of its log.
  private(set) var places: [[Int]] = []

  /// What the map tells of events.
  let map: ImportMap

  /// Puts together what was read.
  init(
    _ events: [LoggedEvent], names: [String], paths: [String], recipients: [Recipients],
    identities: [String], vectors: [UInt64], map: ImportMap
  ) {
    (self.events, self.names, self.paths) = (events, names, paths)
    (self.recipients, self.identities, self.vectors) = (recipients, identities, vectors)
    self.map = map
    sortOut()
  }

  /// Makes the lists of the machines' events anew.
  private mutating func sortOut() {
    places = names.map { _ in [] }
    for (place, event) in events.enumerated() { places[Int(event.machine)].append(place) }
  }

  /// Takes rows away that tell of the same event as another; places known before are void.
  mutating func remove(_ shared: SharedTicks) {
    guard !shared.owners.isEmpty else { return }
    var kept: [LoggedEvent] = []
    var newPlaces: [Int] = []
    for (place, event) in events.enumerated() {
      if let owner = shared.owners[place] {
        if let identity = event.identity { moreIdentities.append((identity, newPlaces[owner])) }
      } else {
        kept.append(event)
      }
      newPlaces.append(kept.count - 1)
    }
    events = kept
    sortOut()
  }

  /// Whether the events' readings are those of a clock that the logs tell.
  var hasClock: Bool { map.tells(.clock) || map.tells(.vector) }

  /// The other machines of an event, as far as they are known.
  func recipients(of event: LoggedEvent) -> Recipients {
    event.peers.map { recipients[Int($0)] } ?? .none
  }

  /// The machine that a receipt is from; nil when nobody knows.
  func source(of receipt: LoggedEvent) -> Int? {
    if case .machine(let source) = recipients(of: receipt) { source } else { nil }
  }

  /// The vector clock after an event; nil when the logs tell none.
  func vector(of event: LoggedEvent) -> ArraySlice<UInt64>? {
    event.vector.map { vectors[$0..<$0 + names.count] }
  }

  /// Names the other machines of an event, which its line left out.
  mutating func setRecipients(_ found: Recipients, at place: Int) {
    recipients.append(found)
    events[place].peers = Int32(recipients.count - 1)
  }

  /// The reading of the event before each on its machine; nil before the first.
  var readingsBefore: [UInt64?] {
    var readings: [UInt64?] = Array(repeating: nil, count: events.count)
    for own in places {
      for (place, next) in zip(own, own.dropFirst()) { readings[next] = events[place].clock }
    }
    return readings
  }

  /// Which of two events comes first in the logs' own order: by line in one file; in several by
  /// time, as far as it is told.
  func comesBefore(_ left: LoggedEvent, _ right: LoggedEvent) -> Bool {
    if left.file != right.file, map.tells(.time), left.time != right.time {
      return left.time < right.time
    }
    return (left.file, left.line) < (right.file, right.line)
  }

  /// What a machine is called in a message.
  func name(_ machine: Int) -> String { names[machine] }
}
