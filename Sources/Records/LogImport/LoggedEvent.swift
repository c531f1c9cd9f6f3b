import ScaleModel

/// An event as a log tells it, in plain memory: a log of millions of lines is held at once.
struct LoggedEvent {
  /// The place of the machine's name among ``LoggedNames``; later its id.
  var machine: Int32
  /// Where it stands.
  let file: Int32
  let line: Int32
  var kind = Event.Kind.internal
  /// The reading after the event; zero when the log tells none.
  var clock: UInt64 = 0
  /// Nanoseconds since 1970, or since the first midnight.
  var time: Int64 = 0
  /// As it is told on the line; nil when it is not.
  var queueLength: Int32?
  /// The number of the instruction; zero until it is told or counted.
  var tick: UInt64 = 0
  /// The place of the other machines among the table's peers; nil when the line tells none.
  var peers: Int32?
  /// The reading that the message carries, as the line tells it; nil when it does not.
  var message: UInt64?
  /// The place of the message's identity among those of the log; nil without one.
  var identity: Int32?
  /// The place of the first entry of the event's vector clock; nil without one.
  var vector: Int?
  /// Of a receipt the place of its send, once it is found.
  var partner: Int32?
}

/// Texts, each known by its place.
struct LoggedNames {
  private(set) var names: [String] = []
  /// Looked up, never iterated.
  private var places: [String: Int32] = [:]

  /// The place of a name, which is added when it is new.
  mutating func place(of name: String) -> Int32 {
    if let place = places[name] { return place }
    let place = Int32(truncatingIfNeeded: names.count)
    places[name] = place
    names.append(name)
    return place
  }

  /// The place of a name; nil when it is not there.
  func knownPlace(of name: String) -> Int? { places[name].map { Int($0) } }
}

/// The other machines of a message, as a line tells them, and where that was first.
struct LoggedPeers {
  /// What is between the separators, or in a JSON list.
  let texts: [String]
  /// Whether the texts are addresses in a list, of which the machines may know nothing.
  var areAddresses = false
  /// Whether it is the machine's word for all others.
  var isAll = false
  let file: Int32
  let line: Int32
}

/// The other machines of a message, once the machines are known.
enum Recipients: Hashable {
  case none
  case all
  case machine(Int)
  /// Several and not all, ascending.
  case group([Int])

  /// Whether a message to these goes to a machine, when its sender is another.
  func contains(_ machine: Int) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .machine(let only): only == machine
    case .group(let machines): machines.contains(machine)
    }
  }
}
