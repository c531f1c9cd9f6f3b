import FoundationEssentials

/// A snapshot's file, read without the project's own readers.
struct StoredSnapshot: Decodable, Equatable {
  struct Machine: Decodable, Equatable {
    var id: Int
    var clock: Int
    var tick: Int
    /// How many lines of its journal are before the cut.
    var events: Int
    var inbox: [Message]
  }

  struct Channel: Decodable, Equatable {
    var source: Int
    var target: Int
    var messages: [Message]
  }

  struct Message: Decodable, Equatable {
    var source: Int?
    var message: Int
  }

  var id: String
  var initiator: Int
  var status: String
  var reason: String?
  var requestedTime: Int64
  var completedTime: Int64
  var machines: [Machine]
  var channels: [Channel]

  enum CodingKeys: String, CodingKey {
    case id, initiator, status, reason, machines, channels
    case requestedTime = "requested_time_ns"
    case completedTime = "completed_time_ns"
  }

  init(json: [UInt8]) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(json))
  }

  /// How many messages were in inboxes and on channels.
  var messageCount: Int {
    machines.reduce(0) { $0 + $1.inbox.count } + channels.reduce(0) { $0 + $1.messages.count }
  }
}

/// The rules for a snapshot against the journals of its run.
struct SnapshotRules {
  let snapshot: StoredSnapshot
  let journals: [Journal]

  /// All violations, in words; a complete snapshot of a run whose machines all reach each other has
  /// none.
  var breaches: [String] {
    let ids = snapshot.machines.map(\.id)
    guard snapshot.status == "complete", ids == Array(journals.indices) else {
      return ["\(snapshot.id) is \(snapshot.status) with machines \(ids)"]
    }
    let pairs = ids.flatMap { source in ids.map { (source, $0) } }.filter { $0.0 != $0.1 }
    let listed = snapshot.channels.map { [$0.source, $0.target] }
    return (listed == pairs.map { [$0.0, $0.1] } ? [] : ["\(snapshot.id) lists \(listed)"])
      + ids.flatMap { state(of: $0) }
      + pairs.compactMap { contents(from: $0.0, to: $0.1) }
  }

  /// A machine's state is that of its journal right before the snapshot line.
  private func state(of machine: Int) -> [String] {
    let state = snapshot.machines[machine]
    let lines = journals[machine].lines
    guard let index = lines.firstIndex(where: { $0.messageWord == snapshot.id }) else {
      return ["machine \(machine) has no line of \(snapshot.id)"]
    }
    let line = lines[index]
    let isSame =
      (index, line.tick, line.clock, line.queueLength, line.event)
      == (state.events, state.tick, state.clock, state.inbox.count, "snapshot")
    return isSame ? [] : ["\(snapshot.id) differs from the journal of machine \(machine)"]
  }

  /// The messages sent before the cut are those received before it, in the inbox, or in flight: all
  /// of them, no others, and in this order.
  private func contents(from source: Int, to target: Int) -> String? {
    func before(_ machine: Int) -> ArraySlice<Journal.Line> {
      journals[machine].lines.prefix(snapshot.machines[machine].events)
    }
    let sent = before(source).filter {
      $0.event == "send" && ($0.peer == "*" || $0.peer == "\(target)")
    }
    let received = before(target).filter { $0.event == "receive" && $0.peer == "\(source)" }
    let waiting = snapshot.machines[target].inbox.filter { $0.source == source }
    let onItsWay = snapshot.channels.first { $0.source == source && $0.target == target }
    let found =
      received.compactMap(\.message) + waiting.map(\.message)
      + (onItsWay?.messages ?? []).map(\.message)
    return found == sent.compactMap(\.message)
      ? nil : "\(snapshot.id): channel \(source) to \(target) does not add up"
  }
}
