import RunRecord

/// Finds the send of every receipt, from the message's identity, the vector clocks, the reading it
/// carries, or the order of its channel.
///
/// Where the logs contradict themselves, a receipt stays unpaired, and no arrow is drawn.
struct MessagePairing {
  /// How a receipt was paired.
  enum Means: Hashable {
    case identity, vector, reading, order
  }

  /// A problem with a receipt.
  struct Contradiction {
    let index: Int
    let problem: String
  }

  /// How many receipts were paired in each way.
  private(set) var counts: [Means: Int] = [:]
  /// How many events received a message and also caused another machine's receipt.
  private(set) var relayCount = 0
  /// Contradictions to the rule that each channel's receipts are a prefix of its sends.
  private(set) var contradictions: [Contradiction] = []
  /// Whether any receipt was compared with the sends of its channel.
  private(set) var hasCompared = false
  /// How much a message's reading is less than that of its send: 1 when programs send the reading
  /// before they count the send.
  private(set) var readingLag: UInt64 = 0

  /// Pairs all messages of a run.
  init(in logs: inout LoggedEvents) {
    if logs.map.tells(.identity) { pairByIdentity(&logs) }
    if logs.map.tells(.vector) { pairByVector(&logs) }
    pairByChannel(&logs)
    fillIn(&logs)
    contradictions.sort { logs.comesBefore(logs.events[$0.index], logs.events[$1.index]) }
  }

  mutating func note(_ index: Int, _ problem: String) {
    contradictions.append(Contradiction(index: index, problem: problem))
  }

  mutating func pair(_ receipt: Int, with send: Int, by means: Means, _ logs: inout LoggedEvents) {
    logs.events[receipt].partner = Int32(truncatingIfNeeded: send)
    counts[means, default: 0] += 1
  }

  mutating func setHasCompared() { hasCompared = true }
  mutating func setRelayCount(_ count: Int) { relayCount = count }
  mutating func setReadingLag(_ lag: UInt64) { readingLag = lag }

  // MARK: Identities

  private mutating func pairByIdentity(_ logs: inout LoggedEvents) {
    var sends: [[Int]] = Array(repeating: [], count: logs.identities.count)
    for (index, event) in logs.events.enumerated() where event.kind == .send {
      if let identity = event.identity { sends[Int(identity)].append(index) }
    }
    for (identity, index) in logs.moreIdentities { sends[Int(identity)].append(index) }
    // By receiver: the identities it has received, from which send.
    var received = Set<[Int]>()
    for index in logs.events.indices where logs.events[index].kind == .receive {
      guard let identity = logs.events[index].identity else { continue }
      hasCompared = true
      let receiver = Int(logs.events[index].machine)
      let source = logs.source(of: logs.events[index])
      let fitting = sends[Int(identity)].filter { send in
        let event = logs.events[send]
        let recipients = logs.recipients(of: event)
        return Int(event.machine) != receiver && (source == nil || source == Int(event.machine))
          && (recipients == .none || recipients.contains(receiver))
      }
      let name = logs.identities[Int(identity)]
      guard let send = fitting.first else {
        note(index, "received message '\(name)', which no machine sent to \(logs.name(receiver))")
        continue
      }
      guard fitting.count == 1 else {
        note(index, "received message '\(name)', which was sent \(fitting.count) times")
        continue
      }
      guard received.insert([receiver, send]).inserted else {
        note(index, "received message '\(name)' a second time")
        continue
      }
      pair(index, with: send, by: .identity, &logs)
    }
    noteDisorder(in: logs)
  }

  /// Finds receipts that overtook others of their channel.
  private mutating func noteDisorder(in logs: LoggedEvents) {
    var latest: [[Int]: Int] = [:]
    for indices in logs.eventIndices {
      for index in indices {
        guard let send = logs.events[index].partner.map({ Int($0) }) else { continue }
        let channel = [Int(logs.events[send].machine), Int(logs.events[index].machine)]
        if let before = latest[channel], before > send {
          note(
            index,
            "received a message from \(logs.name(channel[0])) after a later one of the same channel"
          )
        }
        latest[channel] = max(latest[channel] ?? 0, send)
      }
    }
  }

  // MARK: Derived values

  /// Fills in the peers of paired messages where a line does not name them.
  private func fillIn(_ logs: inout LoggedEvents) {
    var targets: [Int: Set<Int>] = [:]
    for index in logs.events.indices {
      let event = logs.events[index]
      guard let send = event.partner.map({ Int($0) }) else { continue }
      if logs.source(of: event) == nil {
        logs.setRecipients(.machine(Int(logs.events[send].machine)), at: index)
      }
      if logs.recipients(of: logs.events[send]) == .none {
        targets[send, default: []].insert(Int(event.machine))
      }
    }
    for send in targets.keys.sorted() {
      let machines = (targets[send] ?? []).sorted()
      logs.setRecipients(machines.count == 1 ? .machine(machines[0]) : .group(machines), at: send)
    }
  }
}
