/// A part of an event that a log may tell.
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

/// Where a part of an event stands in a line.
struct LogColumn: Hashable, Sendable {
  /// How a column is found.
  enum Place: Hashable, Sendable {
    /// By its name in the header, by the name of its group, or by its path in a JSON object.
    case named(String)
    /// By its number, from 1.
    case numbered(Int)
  }

  let place: Place
  /// A label before the value that is not part of it, such as `queue` in `queue: 3`; what is before
  /// the label is no part of it either.
  var label: String?
  /// The words that stand for nothing here, besides those of the map.
  var nothing: [String] = []
}

/// The words a log uses for events, in small letters; a word that ends in `*` is a beginning.
struct EventWords: Hashable, Sendable {
  var `internal`: [String] = []
  var send: [String] = []
  var sendToAll: [String] = []
  var receive: [String] = []

  /// All of them, in the order of the map's keys.
  var all: [String] { `internal` + send + sendToAll + receive }
}

/// What a word for an event means.
enum LogEventKind: Sendable {
  case `internal`, send, sendToAll, receive
}

/// Finds out what a word in a log means.
struct EventVocabulary: Sendable {
  private let exact: [String: LogEventKind]
  /// The longest first.
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

  /// The meaning of a word; nil when it is none of the map's.
  func kind(of word: String) -> LogEventKind? {
    let word = word.lowercased()
    return exact[word] ?? beginnings.first { word.hasPrefix($0.text) }?.kind
  }
}

/// The words a log uses for the other machine of a message.
struct PeerNames: Hashable, Sendable {
  /// One per machine, in the order of their names; nil when messages name machines as files or
  /// columns do.
  var names: [String]?
  /// What stands for all other machines, in small letters.
  var all: [String] = []
  /// What stands between several recipients; nil when the map does not say.
  var separator: String?
}
