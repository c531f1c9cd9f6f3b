import LogicalTime
import ScaleModel

/// Turns the texts of logs' lines into events.
///
/// What a line does not say is filled: ticks are counted, and the queue is as long as it was said
/// to be last. A send that does not say what its message carries carries its own reading, when
/// receipts say what theirs carried.
struct LogDecoder {
  /// An event, and whose it is.
  struct Decoded {
    let machine: Int
    let event: Event
    let systemTime: Int64
  }

  /// How far a machine's log was read.
  private struct Machine {
    var tick: UInt64 = 0
    /// As it was said last; nil before.
    var queueLength: Int?
    /// The latest time of day, days included; nil before the first.
    var timeOfDay: Int64?
  }

  private let map: ImportMap
  private let machineNames: [String]
  private let machines: [String: Int]
  private let peers: [String: Int]
  private var states: [Machine]
  /// The first time of day of any machine: the others began within half a day of it.
  private var firstTimeOfDay: Int64?
  /// What some event so far did not say, or the map does not.
  private var partLacks: Set<Manifest.Lack> = []

  /// What the logs do not tell, once they are read.
  var lacks: [Manifest.Lack] {
    // A queue that no machine ever told is not told, whatever the map says.
    let isWithoutQueues = machinesWithoutQueue.count == states.count
    return Manifest.Lack.allCases.filter {
      partLacks.contains($0) || $0 == .queue && isWithoutQueues
    }
  }

  /// Starts before the first event.
  ///
  /// - Parameters:
  ///   - map: How lines are read.
  ///   - machineNames: The machines, by id.
  ///   - machines: The id of each name.
  init(_ map: ImportMap, machineNames: [String], machines: [String: Int]) {
    (self.map, self.machineNames, self.machines) = (map, machineNames, machines)
    let names = map.peerNames.names ?? machineNames
    peers = Dictionary(zip(names, names.indices)) { first, _ in first }
    states = Array(repeating: Machine(), count: machineNames.count)
    if map.rates == nil { partLacks.insert(.rate) }
    if map.die == nil { partLacks.insert(.die) }
    for (part, lack) in Manifest.Lack.ofParts where map.columns[part.rawValue] == nil {
      partLacks.insert(lack)
    }
  }

  /// The machines that never said how long their queue is.
  var machinesWithoutQueue: [Int] { states.indices.filter { states[$0].queueLength == nil } }

  /// Reads an event.
  ///
  /// - Parameters:
  ///   - line: The line, taken apart.
  ///   - owner: The machine whose log it stands in; nil when the line tells.
  /// - Returns: The event, and whose it is.
  /// - Throws: The part of the line that is not what it should be.
  mutating func decode(
    _ line: borrowing LogLine, of owner: Int?
  ) throws(LogLine.Problem) -> Decoded {
    guard let machine = owner ?? line.text(.machine).flatMap({ machines[$0] }) else {
      throw .malformed(.machine, "the machine is missing")
    }
    states[machine].tick += 1
    if map.columns[LogPart.tick.rawValue] != nil {
      states[machine].tick = try number(.tick, on: line, below: 1 << 32)
    }
    // Also on lines that need not say it; those keep what was said last.
    if line.text(.queue) != nil {
      states[machine].queueLength = Int(try number(.queue, on: line, below: 1 << 32))
    }
    let clock =
      map.columns[LogPart.clock.rawValue] == nil ? 0 : try number(.clock, on: line, below: 1 << 63)
    var event = Event(
      tick: states[machine].tick, kind: .internal, reading: clock,
      queueLength: states[machine].queueLength ?? 0)
    if line.kind != .internal {
      event.kind = line.kind == .receive ? .receive : .send
      event.peer = try peer(on: line)
      event.messageReading = try message(on: line, clock: clock)
    }
    return Decoded(machine: machine, event: event, systemTime: try time(on: line, of: machine))
  }

  /// The time; without one, events follow one another by a microsecond.
  private mutating func time(
    on line: borrowing LogLine, of machine: Int
  ) throws(LogLine.Problem) -> Int64 {
    guard map.columns[LogPart.time.rawValue] != nil else {
      return Int64(states[machine].tick) * 1000
    }
    guard let text = line.text(.time) else { throw .malformed(.time, "the time is missing") }
    guard var time = LogTime.nanoseconds(text, map.timeUnit) else {
      throw .malformed(
        .time,
        "\(shown(text)) is no time of the unit '\(map.timeUnit.rawValue)' that a run can have")
    }
    if map.timeUnit == .timeOfDay {
      // The day is the one that is nearest to what came before: midnight may pass, and a clock may
      // be set back over it. The first is day 1, so that nothing is before time 0.
      let day = LogTime.dayNanoseconds
      time += day
      if let before = states[machine].timeOfDay ?? firstTimeOfDay {
        time += (before / day - 1) * day
        if time < before - day / 2 { time += day }
        if time > before + day / 2 && time >= day { time -= day }
      }
      firstTimeOfDay = firstTimeOfDay ?? time
      states[machine].timeOfDay = time
    }
    return time
  }

  private mutating func peer(on line: borrowing LogLine) throws(LogLine.Problem) -> Event.Peer {
    let isToAll = line.kind == .sendToAll
    guard let text = line.text(.peer) else {
      if !isToAll { partLacks.insert(.peer) }
      return isToAll ? .all : .none
    }
    if isToAll || map.peerNames.all.contains(text.lowercased()) {
      guard line.kind != .receive else {
        throw .malformed(.peer, "\(shown(text)) are several; a receipt is from one machine")
      }
      return .all
    }
    guard let machine = peers[text] else {
      let names = (map.peerNames.names ?? machineNames).prefix(8).joined(separator: ", ")
      throw .malformed(.peer, "\(shown(text)) is none of the machines (\(names))")
    }
    return .machine(MachineID(machine))
  }

  private mutating func message(
    on line: borrowing LogLine, clock: UInt64
  ) throws(LogLine.Problem) -> UInt64 {
    guard line.text(.message) == nil else { return try number(.message, on: line, below: 1 << 63) }
    guard map.columns[LogPart.message.rawValue] != nil, line.kind != .receive else {
      partLacks.insert(.message)
      return 0
    }
    return clock
  }

  private func number(
    _ part: LogPart, on line: borrowing LogLine, below limit: UInt64
  ) throws(LogLine.Problem) -> UInt64 {
    guard let text = line.text(part) else {
      throw .malformed(part, "the number is missing")
    }
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    let digits = isNegative || text.utf8.first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
    guard !digits.isEmpty,
      digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
    else { throw .malformed(part, "\(shown(text)) is not a whole number") }
    guard !isNegative else { throw .malformed(part, "\(shown(text)) is negative") }
    guard let number = UInt64(digits), number < limit else {
      throw .malformed(part, "\(shown(text)) does not fit; the largest is \(limit - 1)")
    }
    return number
  }

  private func shown(_ text: String) -> String {
    "'\(text.prefix(40))\(text.count > 40 ? "…" : "")'"
  }
}
