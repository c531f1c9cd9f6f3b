import LogicalTime

/// Something that goes wrong, or that a person does, at a given time of a simulated run, the same
/// in every repetition.
///
/// At one time, kills come first, then the ends of pauses, then their starts, then snapshots,
/// losses and instructions; all of them come after the messages due at that time and before its
/// ticks.
package enum Fault: Hashable, Sendable {
  /// The machine stops for good: it carries out no tick due at this time or later and loses all
  /// later arrivals. What it sent before is still delivered.
  case kill(MachineID, at: TimeSpan)
  /// The machine does not tick in `from <= time < until`. It still receives arrivals, and carries
  /// out the missed ticks one after the other at the end: none is skipped.
  case pause(MachineID, from: TimeSpan, until: TimeSpan)
  /// Messages between these machines and the others that would arrive in `from <= time < until`
  /// arrive at the end instead; with `to`, only messages from these machines to those. Channels
  /// stay reliable and in order.
  case partition([MachineID], to: [MachineID]? = nil, from: TimeSpan, until: TimeSpan)
  /// The message that would arrive next from one machine at another is lost, if one is on its way.
  case lose(MachineID, to: MachineID, at: TimeSpan)
  /// The machine is told an instruction by hand, which takes its next tick unless it is refused.
  case tell(MachineID, [String], at: TimeSpan)

  /// The machines it names.
  package var machines: [MachineID] {
    switch self {
    case .kill(let machine, _), .pause(let machine, _, _), .tell(let machine, _, _): [machine]
    case .lose(let source, let target, _): [source, target]
    case .partition(let machines, let targets, _, _): machines + (targets ?? [])
    }
  }

  /// When it begins, since the run's start.
  package var start: TimeSpan {
    switch self {
    case .kill(_, let time), .pause(_, let time, _), .partition(_, _, let time, _),
      .lose(_, _, let time), .tell(_, _, let time):
      time
    }
  }

  /// How long it holds a machine or messages; zero for what happens at once.
  package var length: TimeSpan {
    switch self {
    case .kill, .lose, .tell: .seconds(0)
    case .pause(_, let from, let until), .partition(_, _, let from, let until):
      TimeSpan(nanoseconds: until.nanoseconds - from.nanoseconds)
    }
  }
}

extension Fault {
  /// The word alone: `10s...20s@0:1`.
  package var word: String {
    String(option[option.index(after: option.firstIndex(of: " ") ?? option.startIndex)...])
  }

  /// The option with its word, as plans record faults: `--kill 20s@1`.
  package var option: String {
    func list(_ machines: [MachineID]) -> String {
      machines.map { "\($0)" }.joined(separator: ",")
    }
    return switch self {
    case .kill(let machine, let time): "--kill \(time)@\(machine)"
    case .pause(let machine, let from, let until): "--pause \(from)...\(until)@\(machine)"
    case .partition(let machines, let targets, let from, let until):
      "--partition \(from)...\(until)@\(list(machines))" + (targets.map { ":" + list($0) } ?? "")
    case .lose(let source, let target, let time): "--lose \(time)@\(source):\(target)"
    case .tell(let machine, let words, let time):
      "--tell \(time)@\(machine):\(words.joined(separator: " "))"
    }
  }

  /// Reads an option with its word, as plans record faults: `--kill 20s@1`; nil for anything else.
  package init?(option text: String) {
    let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    guard words.count == 2 else { return nil }
    let fault: Fault? =
      switch words[0] {
      case "--kill": Fault(kill: words[1])
      case "--pause": Fault(pause: words[1])
      case "--partition": Fault(partition: words[1])
      case "--lose": Fault(lose: words[1])
      case "--tell": Fault(tell: words[1])
      default: nil
      }
    guard let fault else { return nil }
    self = fault
  }

  /// Reads the word of `--kill`: `20s@1`; nil for anything else.
  package init?(kill text: String) {
    guard let (time, ids) = Self.halves(of: text), ids.count == 1, let at = TimeSpan(time) else {
      return nil
    }
    self = .kill(ids[0], at: at)
  }

  /// Reads the word of `--pause`: `10s...15s@2`; nil for anything else, an empty interval included.
  package init?(pause text: String) {
    guard let (times, ids) = Self.halves(of: text), ids.count == 1,
      let (from, until) = Self.interval(times)
    else { return nil }
    self = .pause(ids[0], from: from, until: until)
  }

  /// Reads the word of `--partition`: `10s...20s@0,1`, or `10s...20s@0:1` for one way only; nil for
  /// anything else, an empty interval included.
  package init?(partition text: String) {
    let ways = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(ways.count), let (times, sources) = Self.halves(of: String(ways[0])),
      let (from, until) = Self.interval(times)
    else { return nil }
    let targets = ways.count > 1 ? Self.ids(ways[1]) : nil
    guard ways.count == 1 || targets != nil else { return nil }
    self = .partition(sources, to: targets, from: from, until: until)
  }

  /// Reads the word of `--lose`: `20s@0:1`; nil for anything else.
  package init?(lose text: String) {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2, let (time, sources) = Self.halves(of: String(ends[0])),
      let targets = Self.ids(ends[1]), sources.count == 1, targets.count == 1,
      sources != targets, let at = TimeSpan(time)
    else { return nil }
    self = .lose(sources[0], to: targets[0], at: at)
  }

  /// Reads the word of `--tell`: `20s@0:want`; nil for anything else.
  package init?(tell text: String) {
    guard let colon = text.firstIndex(of: ":"),
      let (time, ids) = Self.halves(of: String(text[..<colon])), ids.count == 1,
      let at = TimeSpan(time)
    else { return nil }
    let words = text[text.index(after: colon)...].split(separator: " ").map(String.init)
    guard !words.isEmpty else { return nil }
    self = .tell(ids[0], words, at: at)
  }

  private static func halves(of text: String) -> (times: String, ids: [MachineID])? {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2, let ids = ids(halves[1]) else { return nil }
    return (String(halves[0]), ids)
  }

  private static func ids(_ text: Substring) -> [MachineID]? {
    var ids: [MachineID] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = UInt32(word), !word.hasPrefix("+") else { return nil }
      ids.append(MachineID(Int(number)))
    }
    return ids
  }

  private static func interval(_ text: String) -> (from: TimeSpan, until: TimeSpan)? {
    guard let dots = text.firstRange(of: "...") else { return nil }
    guard let from = TimeSpan(String(text[..<dots.lowerBound])),
      let until = TimeSpan(String(text[dots.upperBound...])), from < until
    else { return nil }
    return (from, until)
  }
}
