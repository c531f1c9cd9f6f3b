import LogicalTime
import RunRecord
import ScaleModel

/// Decodes the texts of log lines into events.
struct LogDecoder {
  private let map: ImportMap
  /// The machines' names in the logs, in the order of first use.
  private(set) var machines = LoggedNames()
  private(set) var identities = LoggedNames()
  private(set) var peers: [LoggedPeers] = []
  private var peerIndices = LoggedNames()
  /// The entries of all vector clocks: the machine's name, where given, and the count.
  private(set) var vectorEntries: [(name: Int32?, count: UInt64)] = []
  /// The rate of each machine, from its lines.
  private(set) var rates: [Int32: TickRate] = [:]
  /// The smallest step between times, in nanoseconds, by machine.
  private(set) var timeSteps: [Int32: Int64] = [:]
  /// The latest time of day of each machine, days included.
  private var timesOfDay: [Int32: Int64] = [:]
  /// The first time of day of any machine; the others began within half a day of it.
  private var firstTimeOfDay: Int64?

  /// The most entries of vector clocks; no log of a run has more.
  private static let vectorEntryCountMax = 100_000_000

  init(_ map: ImportMap) { self.map = map }

  /// The index of a machine's name.
  mutating func machine(named name: String) -> Int32 { machines.index(of: name) }

  /// Decodes an event.
  ///
  /// - Parameters:
  ///   - line: The parsed line.
  ///   - owner: The machine of the log; nil when the line names it.
  ///   - file: The index of the log.
  ///   - number: The line's number.
  /// - Returns: The event; its machine is the index of its name.
  /// - Throws: The part of the line that is malformed.
  mutating func decode(
    _ line: borrowing LogLine, of owner: Int32?, file: Int, number: Int
  ) throws(LogLine.Problem) -> LoggedEvent {
    let machine = try machine(of: line, owner: owner)
    var event = LoggedEvent(
      machine: machine, file: Int32(truncatingIfNeeded: file),
      line: Int32(truncatingIfNeeded: number))
    if map.tells(.tick) { event.tick = try self.number(.tick, on: line, below: 1 << 32) }
    if line.text(.queue) != nil {
      event.queueLength = Int32(
        bitPattern: UInt32(try self.number(.queue, on: line, below: 1 << 32)))
    }
    if map.tells(.clock) { event.clock = try self.number(.clock, on: line, below: 1 << 63) }
    switch line.kind {
    case .internal?, nil: event.kind = .internal
    case .send?, .sendToAll?: event.kind = .send
    case .receive?: event.kind = .receive
    }
    if event.kind != .internal {
      event.peers = try peers(on: line, of: event)
      if line.text(.message) != nil {
        event.message = try self.number(.message, on: line, below: 1 << 63)
      }
      event.identity = line.text(.identity).map { identities.index(of: $0) }
    }
    event.vector = try vector(on: line)
    event.time = try time(on: line, of: machine)
    try readRate(on: line, of: machine)
    return event
  }

  private mutating func machine(
    of line: borrowing LogLine, owner: Int32?
  ) throws(LogLine.Problem) -> Int32 {
    if let owner { return owner }
    guard map.machine == .ends else {
      guard let name = line.text(.machine) else {
        throw .malformed(.machine, "the machine is missing")
      }
      return machines.index(of: name)
    }
    let part: LogPart = line.kind == .receive ? .recipient : .sender
    guard let name = line.text(part) else {
      throw .malformed(part, "it names no machine, so nothing tells whose line it is")
    }
    return machines.index(of: name)
  }

  // MARK: Times and rates

  /// The time; zero where the map gives none.
  private mutating func time(
    on line: borrowing LogLine, of machine: Int32
  ) throws(LogLine.Problem) -> Int64 {
    guard map.tells(.time) else { return 0 }
    guard let text = line.text(.time) else { throw .malformed(.time, "the time is missing") }
    guard var time = LogTime.nanoseconds(text, map.timeForm) else {
      throw .malformed(.time, "\(shown(text)) is no time; \(map.timeForm.expectation)")
    }
    timeSteps[machine] = min(
      timeSteps[machine] ?? .max, LogTime.step(text, map.timeForm))
    if map.timeForm.isTimeOfDay {
      // Chooses the day nearest to the previous time: midnight may pass, and a clock may be set
      // back over it. The first day is 1, so that no time is negative.
      let day = LogTime.dayNanoseconds
      time += day
      if let before = timesOfDay[machine] ?? firstTimeOfDay {
        time += (before / day - 1) * day
        if time < before - day / 2 { time += day }
        if time > before + day / 2 && time >= day { time -= day }
      }
      firstTimeOfDay = firstTimeOfDay ?? time
      timesOfDay[machine] = time
    }
    return time
  }

  private mutating func readRate(
    on line: borrowing LogLine, of machine: Int32
  ) throws(LogLine.Problem) {
    guard let text = line.text(.rate) else { return }
    guard let rate = TickRate(text, interval: map.rateInterval) else {
      throw .malformed(.rate, "\(shown(text)) is not a rate that a machine can have")
    }
    if let before = rates[machine], before != rate {
      throw .malformed(.rate, "the rate is \(shown(text)), and another on an earlier line")
    }
    rates[machine] = rate
  }

  // MARK: Messages

  /// The index of the peers that a line names; nil when it names none.
  private mutating func peers(
    on line: borrowing LogLine, of event: LoggedEvent
  ) throws(LogLine.Problem) -> Int32? {
    let part: LogPart =
      !map.tells(.sender) && !map.tells(.recipient)
      ? .peer : event.kind == .send ? .recipient : .sender
    if line.kind == .sendToAll { return intern(LoggedPeers(texts: [], isAll: true, event)) }
    guard let text = line.text(part) else { return nil }
    if map.peerNames.all.contains(text.lowercased()) {
      guard event.kind != .receive else {
        throw .malformed(.peer, "\(shown(text)) are several machines; a receipt is from one")
      }
      return intern(LoggedPeers(texts: [text], isAll: true, event))
    }
    if let items = line.recipients, part != .sender || event.kind == .send {
      let areAddresses = items.contains { $0.items != nil || $0.members != nil }
      let texts = items.compactMap { LogLine.text($0) }
      return texts.isEmpty
        ? nil : intern(LoggedPeers(texts: texts, areAddresses: areAddresses, event))
    }
    return intern(LoggedPeers(texts: [text], event))
  }

  private mutating func intern(_ found: LoggedPeers) -> Int32 {
    let key = (found.isAll ? "*" : "=") + found.texts.joined(separator: "\u{1F}")
    let index = peerIndices.index(of: key)
    if Int(index) == peers.count { peers.append(found) }
    return index
  }

  /// The index of the line's vector clock entries; nil when it has none.
  private mutating func vector(on line: borrowing LogLine) throws(LogLine.Problem) -> Int? {
    guard map.tells(.vector) else { return nil }
    guard let text = line.text(.vector) else { throw .malformed(.vector, "the vector is missing") }
    guard let vector = VectorText(text) else {
      throw .malformed(.vector, "\(shown(text)) is no vector clock")
    }
    guard vectorEntries.count + vector.entries.count < Self.vectorEntryCountMax else {
      throw .malformed(
        .vector, "the logs have more than \(Self.vectorEntryCountMax) entries of vector clocks")
    }
    vectorEntries.append((nil, UInt64(vector.entries.count)))
    for entry in vector.entries {
      vectorEntries.append((entry.name.map { machines.index(of: String($0)) }, entry.count))
    }
    return vectorEntries.count - vector.entries.count
  }

  // MARK: Numbers

  private func number(
    _ part: LogPart, on line: borrowing LogLine, below limit: UInt64
  ) throws(LogLine.Problem) -> UInt64 {
    guard let text = line.text(part) else {
      throw .malformed(part, "the number is missing")
    }
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    var digits = isNegative || text.utf8.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
    // Some programs store their clocks as floating-point numbers.
    if let point = digits.firstIndex(of: "."), point != digits.startIndex,
      digits[point...].dropFirst().allSatisfy({ $0 == "0" })
    {
      digits = digits[..<point]
    }
    guard !digits.isEmpty,
      digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
    else { throw .malformed(part, problem(withNumber: text, part)) }
    guard !isNegative else { throw .malformed(part, "\(shown(text)) is negative") }
    guard let number = UInt64(digits), number < limit else {
      throw .malformed(part, "\(shown(text)) does not fit; the largest is \(limit - 1)")
    }
    return number
  }

  private func problem(withNumber text: String, _ part: LogPart) -> String {
    if part == .clock, let vector = VectorText(text), vector.entries.count > 1 || vector.hasNames {
      return "\(shown(text)) is a vector clock; name its column under \"vector\""
    }
    let placeholders = ["none", "null", "nil", "nan", "n/a", "na", "-", "--", "?", "undefined"]
    let hint =
      placeholders.contains(text.lowercased())
      ? "; where it stands for nothing, add \"nothing\": [\"\(text)\"] to the map" : ""
    return "\(shown(text)) is not a whole number\(hint)"
  }

  private func shown(_ text: String) -> String {
    "'\(text.prefix(40))\(text.count > 40 ? "…" : "")'"
  }
}

extension LoggedPeers {
  fileprivate init(
    texts: [String], areAddresses: Bool = false, isAll: Bool = false, _ event: LoggedEvent
  ) {
    (self.texts, self.areAddresses, self.isAll) = (texts, areAddresses, isAll)
    (file, line) = (event.file, event.line)
  }
}
