/// A part of an event that a log may contain.
enum LogPart: Int, CaseIterable, Sendable {
  case machine, event, clock, time, queue, peer, message, tick
  case identity, vector, rate, sender, recipient
  case internalFlag, sendFlag, receiveFlag

  /// Its key in the map.
  var key: String {
    switch self {
    case .machine: "machine"
    case .event: "event"
    case .clock: "clock"
    case .time: "time"
    case .queue: "queue"
    case .peer: "peer"
    case .message: "message"
    case .tick: "tick"
    case .identity: "identity"
    case .vector: "vector"
    case .rate: "rates"
    case .sender: "peer.from"
    case .recipient: "peer.to"
    case .internalFlag: "event.internal"
    case .sendFlag: "event.send"
    case .receiveFlag: "event.receive"
    }
  }
}

/// The column of a part of an event.
struct LogColumn: Hashable, Sendable {
  /// How a column is found.
  enum Selector: Hashable, Sendable {
    /// By its name in the header, by the name of its group, or by its path in a JSON object.
    case named(String)
    /// By its number, from 1.
    case numbered(Int)
  }

  let selector: Selector
  /// A label before the value, such as `queue` in `queue: 3`; the value begins after
  /// it.
  var label: String?
  /// The words for an empty value in this column, besides those of the map.
  var nothing: [String] = []
}

/// The words a log uses for events, in lower case; a word that ends in `*` is a prefix.
struct EventWords: Hashable, Sendable {
  var `internal`: [String] = []
  var send: [String] = []
  var sendToAll: [String] = []
  var receive: [String] = []

  /// All of them, in the order of the map's keys.
  var all: [String] { `internal` + send + sendToAll + receive }
}

/// The meaning of a word for an event.
enum LogEventKind: Sendable {
  case `internal`, send, sendToAll, receive
}

/// Finds the meaning of a log's words for events.
struct EventVocabulary: Sendable {
  private let exact: [String: LogEventKind]
  /// Prefixes, the longest first.
  private let beginnings: [(text: String, kind: LogEventKind)]

  init(_ words: EventWords, areBeginnings: Bool) {
    let meanings: [(words: [String], kind: LogEventKind)] = [
      (words.internal, .internal), (words.send, .send), (words.sendToAll, .sendToAll),
      (words.receive, .receive),
    ]
    var exact: [String: LogEventKind] = [:]
    var beginnings: [(text: String, kind: LogEventKind)] = []
    for (words, kind) in meanings {
      for word in words {
        exact[word] = kind
        if areBeginnings {
          beginnings.append((word, kind))
        } else if word.hasSuffix("*") {
          beginnings.append((String(word.dropLast()), kind))
        }
      }
    }
    self.exact = exact
    self.beginnings = beginnings.sorted { ($0.text.count, $1.text) > ($1.text.count, $0.text) }
  }

  /// The meaning of a word; nil when the map does not have it.
  func kind(of word: String) -> LogEventKind? {
    let word = word.lowercased()
    return exact[word] ?? beginnings.first { word.hasPrefix($0.text) }?.kind
  }
}

/// The words a log uses for the peer of a message.
struct PeerNames: Hashable, Sendable {
  /// One per machine, in the order of their names; nil when messages name machines as files or
  /// columns do.
  var names: [String]?
  /// The words for all other machines, in lower case.
  var all: [String] = []
  /// The separator of several recipients; nil when the map does not say.
  var separator: String?
}
