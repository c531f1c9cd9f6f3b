import ScaleModel

/// An event of a log, in plain memory: millions of them are held at once.
struct LoggedEvent {
  /// The index of the machine's name in ``LoggedNames``; later its id.
  var machine: Int32
  /// The index of the log.
  let file: Int32
  let line: Int32
  var kind = Event.Kind.internal
  /// The reading after the event; zero when the log has none.
  var clock: UInt64 = 0
  /// Nanoseconds since 1970, or since the first midnight.
  var time: Int64 = 0
  /// The queue's length as the line gives it; nil without one.
  var queueLength: Int32?
  /// The number of the instruction; zero until it is read or counted.
  var tick: UInt64 = 0
  /// The index of the event's peers in the table; nil when the line has none.
  var peers: Int32?
  /// The reading that the message carries, as the line gives it; nil without one.
  var message: UInt64?
  /// The index of the message's identity among those of the log; nil without one.
  var identity: Int32?
  /// The index of the first entry of the event's vector clock; nil without one.
  var vector: Int?
  /// The index of a receipt's send, once it is found.
  var partner: Int32?
}

/// Distinct texts, each identified by its index.
struct LoggedNames {
  private(set) var names: [String] = []
  /// Looked up, never iterated.
  private var indices: [String: Int32] = [:]

  /// The index of a name; adds a new one.
  mutating func index(of name: String) -> Int32 {
    if let index = indices[name] { return index }
    let index = Int32(truncatingIfNeeded: names.count)
    indices[name] = index
    names.append(name)
    return index
  }
}

/// The peers of a message as a line names them, and the first such line.
struct LoggedPeers {
  /// The texts between the separators, or in a JSON list.
  let texts: [String]
  /// Whether the texts are addresses in a list, possibly of none of the machines.
  var areAddresses = false
  /// Whether it is the word for all other machines.
  var isAll = false
  let file: Int32
  let line: Int32
}

/// The peers of a message, once the machines are known.
enum Recipients: Hashable {
  case none
  case all
  case machine(Int)
  /// Several but not all, ascending.
  case group([Int])

  /// Whether a message to these goes to `machine`, if another machine sends it.
  func contains(_ machine: Int) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .machine(let only): only == machine
    case .group(let machines): machines.contains(machine)
    }
  }
}
