/// Pairs messages by the reading they carry, or by the order of their channel.
extension MessagePairing {
  /// The unpaired sends and receipts of one channel, in order.
  private struct Channel {
    let source: Int
    let target: Int
    var sends: [Int] = []
    var receipts: [Int] = []
    /// Whether the sends name their recipients; otherwise they are all sends of the source.
    var areSendsNamed = true
  }

  mutating func pairByChannel(_ logs: inout LoggedEvents) {
    let channels = Self.channels(of: logs)
    let lag = Self.readingLag(of: channels, in: logs)
    setReadingLag(lag)
    for channel in channels where !channel.receipts.isEmpty {
      setHasCompared()
      let tellsReadings = channel.receipts.contains { logs.events[$0].message != nil }
      if tellsReadings {
        pairByReading(channel, lag: lag, &logs)
      } else {
        pairByOrder(channel, &logs)
      }
    }
    noteSelf(in: logs)
  }

  /// The channels that receipts name, by source and target.
  private static func channels(of logs: LoggedEvents) -> [Channel] {
    let count = logs.names.count
    // Looked up, never iterated: the index of each channel among those with receipts.
    var indices: [Int: Int] = [:]
    var channels: [Channel] = []
    var isSource = Array(repeating: false, count: count)
    for (target, events) in logs.eventIndices.enumerated() {
      for index in events where logs.events[index].kind == .receive {
        let event = logs.events[index]
        guard event.partner == nil, event.identity == nil, event.vector == nil,
          let source = logs.source(of: event), source != target
        else { continue }
        let key = source * count + target
        if indices[key] == nil {
          indices[key] = channels.count
          channels.append(Channel(source: source, target: target))
          isSource[source] = true
        }
        channels[indices[key] ?? 0].receipts.append(index)
      }
    }
    // One pass over each source's sends, independent of its number of channels.
    var ofSource: [[Int]] = Array(repeating: [], count: count)
    for (index, channel) in channels.enumerated() { ofSource[channel.source].append(index) }
    for source in logs.eventIndices.indices where isSource[source] {
      let sends = logs.eventIndices[source].filter { logs.events[$0].kind == .send }
      let areNamed = sends.contains { logs.recipients(of: logs.events[$0]) != .none }
      for index in ofSource[source] {
        let target = channels[index].target
        channels[index].areSendsNamed = areNamed
        channels[index].sends =
          areNamed
          ? sends.filter { logs.recipients(of: logs.events[$0]).contains(target) } : sends
      }
    }
    return channels
  }

  /// The number that a send's message carries, without the lag.
  private static func number(of send: LoggedEvent) -> UInt64 { send.message ?? send.clock }

  /// Whether messages carry their sends' readings (0) or the readings before them (1).
  ///
  /// Where sends name their recipients, the order of channels decides, because it needs no
  /// readings; elsewhere the readings that match any send decide.
  private static func readingLag(of channels: [Channel], in logs: LoggedEvents) -> UInt64 {
    guard logs.hasClock else { return 0 }
    var agreeing: [UInt64: Int] = [0: 0, 1: 0]
    let previous = logs.readingsBefore
    for channel in channels {
      let readings = channel.receipts.map { logs.events[$0].message }
      let sends = channel.sends.map { logs.events[$0] }
      if sends.contains(where: { $0.message != nil }) { continue }
      let known = Set(channel.areSendsNamed ? [] : sends.map(\.clock))
      for (index, reading) in readings.enumerated() {
        guard let reading else { continue }
        for lag: UInt64 in [0, 1] {
          let isThere =
            channel.areSendsNamed
            ? index < sends.count && sends[index].clock == reading + lag
            : known.contains(reading + lag)
          // A receipt that contradicts its own message does not count.
          let receipt = channel.receipts[index]
          let fits = logs.events[receipt].clock == max(previous[receipt] ?? 0, reading) &+ 1
          if isThere && (lag == 0 || fits) { agreeing[lag, default: 0] += 1 }
        }
      }
    }
    let lagging = agreeing[1] ?? 0
    return lagging >= 2 && lagging > (agreeing[0] ?? 0) ? 1 : 0
  }

  private mutating func pairByReading(
    _ channel: Channel, lag: UInt64, _ logs: inout LoggedEvents
  ) {
    // The unreceived sends of each reading, in order; looked up, never iterated.
    var waiting: [UInt64: [Int]] = [:]
    for send in channel.sends.reversed() {
      let event = logs.events[send]
      waiting[Self.number(of: event), default: []].append(send)
    }
    let hasOwnNumbers = channel.sends.contains { logs.events[$0].message != nil }
    let lag = hasOwnNumbers ? 0 : lag
    var isBroken = false
    for (index, receipt) in channel.receipts.enumerated() {
      guard let reading = logs.events[receipt].message else { continue }
      if channel.areSendsNamed && !isBroken {
        let next = index < channel.sends.count ? logs.events[channel.sends[index]] : nil
        if next.map({ Self.number(of: $0) != reading + lag }) ?? true {
          isBroken = true
          noteBreak(of: channel, at: receipt, reading, next: next, lag: lag, in: logs)
        }
      }
      if let send = waiting[reading + lag]?.popLast() {
        pair(receipt, with: send, by: .reading, &logs)
      } else if !channel.areSendsNamed {
        note(
          receipt,
          "received \(reading) from \(logs.name(channel.source)), which sent no such message")
      }
    }
  }

  private mutating func noteBreak(
    of channel: Channel, at receipt: Int, _ reading: UInt64, next: LoggedEvent?, lag: UInt64,
    in logs: LoggedEvents
  ) {
    let (source, target) = (logs.name(channel.source), logs.name(channel.target))
    let found = next.map { send in
      let number = Self.number(of: send)
      return number < lag
        ? "whose next send to \(target) reads \(number)"
        : "whose next message to \(target) is \(number - lag)"
    }
    note(
      receipt,
      "received \(reading) from \(source), "
        + (found ?? "which sent no more than \(channel.sends.count) messages to \(target)"))
  }

  /// Pairs the k-th receipt of a channel with its k-th send, except impossible pairs.
  private mutating func pairByOrder(_ channel: Channel, _ logs: inout LoggedEvents) {
    let (source, target) = (logs.name(channel.source), logs.name(channel.target))
    if channel.receipts.count > channel.sends.count {
      let receipt = channel.receipts[channel.sends.count]
      note(
        receipt,
        "received \(channel.sends.count + 1) messages from \(source), which sent "
          + "\(channel.sends.count)" + (channel.areSendsNamed ? " to \(target)" : ""))
    }
    guard channel.areSendsNamed else { return }
    for (receipt, send) in zip(channel.receipts, channel.sends) {
      if logs.hasClock && logs.events[receipt].clock < logs.events[send].clock { continue }
      pair(receipt, with: send, by: .order, &logs)
    }
  }

  /// Reports messages from a machine to itself.
  private mutating func noteSelf(in logs: LoggedEvents) {
    for index in logs.events.indices {
      let event = logs.events[index]
      guard let peers = event.peers else { continue }
      let isItself: Bool =
        switch logs.recipients[Int(peers)] {
        case .machine(let other): other == Int(event.machine)
        case .group(let others): others.contains(Int(event.machine))
        case .all, .none: false
        }
      guard isItself else { continue }
      setHasCompared()
      note(
        index,
        event.kind == .receive
          ? "received from itself, \(logs.name(Int(event.machine)))"
          : "sent to itself, \(logs.name(Int(event.machine)))")
    }
  }
}
