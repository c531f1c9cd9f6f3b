/// Pairs messages by the vector clocks of their ends.
extension MessagePairing {
  mutating func pairByVector(_ logs: inout LoggedEvents) {
    let findsKinds = logs.map.findsKindsInVectors
    // For each machine, the index of its event by the event's own entry.
    let byOwnEntry: [[UInt64: Int]] = logs.eventIndices.enumerated().map { machine, indices in
      var found: [UInt64: Int] = [:]
      for index in indices {
        guard let own = logs.vector(of: logs.events[index])?.dropFirst(machine).first else {
          continue
        }
        if found[own] == nil { found[own] = index }
      }
      return found
    }
    var pairs: [(receipt: Int, send: Int)] = []
    for (machine, indices) in logs.eventIndices.enumerated() {
      var previous = Array(repeating: UInt64(0), count: logs.names.count)
      for index in indices {
        guard let vector = logs.vector(of: logs.events[index]).map(Array.init) else { continue }
        let isReceipt =
          findsKinds
          ? vector.indices.contains { $0 != machine && vector[$0] > previous[$0] }
          : logs.events[index].kind == .receive
        if isReceipt {
          if findsKinds { logs.events[index].kind = .receive }
          if let send = Self.cause(
            of: vector, after: previous, machine, index, byOwnEntry, in: logs)
          {
            pairs.append((index, send))
          }
        }
        previous = vector
      }
    }
    var relays: Set<Int> = []
    for (receipt, send) in pairs where logs.events[receipt].partner == nil {
      if findsKinds && logs.events[send].kind == .internal { logs.events[send].kind = .send }
      if logs.events[send].kind != .send {
        relays.insert(send)
        continue
      }
      setHasCompared()
      pair(receipt, with: send, by: .vector, &logs)
    }
    setRelayCount(relays.count)
  }

  /// The event of another machine whose vector a receipt merged; nil when none explains it.
  private static func cause(
    of vector: [UInt64], after previous: [UInt64], _ machine: Int, _ index: Int,
    _ byOwnEntry: [[UInt64: Int]], in logs: LoggedEvents
  ) -> Int? {
    let told = logs.source(of: logs.events[index])
    for source in vector.indices where source != machine && vector[source] > previous[source] {
      if let told, told != source { continue }
      guard let send = byOwnEntry[source][vector[source]],
        let sent = logs.vector(of: logs.events[send]).map(Array.init)
      else { continue }
      let explains = vector.indices.allSatisfy {
        $0 == machine || vector[$0] == max(previous[$0], sent[$0])
      }
      let recipients = logs.recipients(of: logs.events[send])
      if explains && (recipients == .none || recipients.contains(machine)) { return send }
    }
    return nil
  }
}
