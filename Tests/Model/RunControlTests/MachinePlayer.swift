import LogicalTime
import ScaleModel
import Snapshots
import TestSupport

@testable import RunControl

/// Plays the life of machine 0 as text: what happens, and what its owner does.
struct MachinePlayer {
  private var life = MachinePlayer.life(of: 3)
  private var sink = MachineStory(neighbours: [])
  /// The time on both clocks, in nanoseconds.
  private var now: MonotonicInstant = 0

  static func life(
    of machineCount: Int, rate: Int = 10, delay: Delay = .none, role: ClusterRole? = nil
  ) -> MachineLifecycle<MachineStory> {
    let account = Bank(balance: 100, transferProbability: 0)
    let plan = RunPlan(
      rates: Array(repeating: rate, count: machineCount), duration: .seconds(1), dieSides: 10,
      seed: 1, topologyChoice: .complete, topology: Topology(completeWith: machineCount),
      delay: delay, workload: .bank(account))
    return MachineLifecycle(
      id: 0, plan: plan, workload: account, role: role, processorCount: 8, at: 0)
  }

  /// Carries out a command; returns what the owner does, a line each.
  mutating func carryOut(_ words: [Substring]) throws -> [String] {
    let arguments = words.dropFirst().map(String.init)
    switch words.first {
    case "machines": return try begin(arguments)
    case "at":
      now = MonotonicInstant(nanoseconds: try Self.number(arguments.first) * 1_000_000)
      return steps()
    case "step": return steps()
    case "running":
      return life.missingPeers.flatMap { handle(.linked(to: $0)) }
        + handle(.command(.start(at: Moment(now, SystemInstant(nanoseconds: now.nanoseconds)))))
    case "restored": return [try restore(arguments)]
    case "message", "marker":
      arrive(
        try Self.machine(arguments.first), arguments.last ?? "", isMarker: words[0] == "marker")
      return output()
    case "flush": return sink.takeReports().flatMap { texts(life.tellWritten($0)) }
    default: return handle(try input(words.first ?? "", arguments))
    }
  }

  // MARK: Commands

  private mutating func begin(_ words: [String]) throws -> [String] {
    let count = Int(try Self.number(words.first))
    let isMember = words.contains("member")
    life = Self.life(
      of: count, delay: words.firstIndex(of: "delay").flatMap { Delay(words[$0 + 1]) } ?? .none,
      role: isMember
        ? ClusterRole(
          machine: 0, foreign: ForeignRoster(machines: [2], leader: 1), startTimeout: .seconds(9))
        : nil)
    sink = MachineStory(neighbours: life.plan.topology.neighbours(of: 0))
    now = 0
    return []
  }

  /// Goes back to a state of tick 4, with these payloads in transit from machine 1.
  private mutating func restore(_ words: [String]) throws -> String {
    let channels = life.plan.topology.machineIDs.dropFirst().map { source in
      ChannelState(
        channel: ChannelID(from: source, to: 0),
        messages: source != 1
          ? []
          : words.enumerated().map {
            RecordedMessage(
              source: 1, reading: UInt64($0) + 1, values: [.integer(Int64($1) ?? 0)])
          })
    }
    let fields = WorkloadFields(life.machine.workload)
    let part = RecordedPart(
      id: SnapshotID(initiator: 1, number: 2), machine: 0,
      state: RecordedState(
        clock: 7, tick: 4, journalLineCount: 5, inbox: [],
        values: fields.values(of: life.machine.workload), random: 9), channels: channels)
    let restored = RestoredMachine(
      epoch: 1, start: Moment(0, 7_000_000_000), begunCount: 3, part: part)
    guard life.restore(restored, fields, at: now, into: &sink) else { return "it cannot" }
    return "tick \(life.machine.tickCount), clock \(life.machine.clock.reading), "
      + "\(life.machine.inbox.count) in the inbox"
  }

  /// Takes the steps that are due; returns their effects, then the last step.
  private mutating func steps() -> [String] {
    while true {
      let step = life.advance(at: now, into: &sink)
      if step == .again { continue }
      return output() + [Self.text(step)]
    }
  }

  private mutating func arrive(_ peer: MachineID, _ word: String, isMarker: Bool) {
    if isMarker {
      life.arriveMarker(Self.snapshot(word), from: peer, at: now, into: &sink)
    } else {
      life.arrive(
        Message(source: peer, reading: 1, payload: Int64(word) ?? 0), at: now, into: &sink)
    }
  }

  private func input(
    _ word: Substring, _ arguments: [String]
  ) throws -> MachineLifecycle<MachineStory>.Input {
    let number = UInt64(arguments.first ?? "") ?? 0
    switch word {
    case "connecting": return .connecting
    case "started":
      return .command(.start(at: Moment(now, SystemInstant(nanoseconds: now.nanoseconds))))
    case "asked": return .command(.report)
    case "snapshot":
      return .command(
        .beginSnapshot(
          SnapshotID(
            initiator: life.machine.id,
            number: arguments.isEmpty
              ? life.machine.begunSnapshotCount + 1 : UInt32(truncatingIfNeeded: number))))
    case "abort": return .command(.abortSnapshot(Self.snapshot(arguments.first ?? ""), .timedOut))
    case "deposit": return request(.tell(["deposit", "5"]), number, arguments)
    case "transfer": return request(.tell(["transfer", "1", "5"]), number, arguments)
    case "balance": return request(.state, number, arguments)
    case "cancelled": return .cancelled(number: number)
    case "pause": return .command(.hold(true))
    case "resume": return .command(.hold(false))
    case "watch": return .command(.watch(true))
    case "unwatch": return .command(.watch(false))
    case "cut": return .command(.cut(from: try Self.machine(arguments.first), true))
    case "join": return .command(.cut(from: try Self.machine(arguments.first), false))
    case "stopped": return .command(.stop)
    case "abandoned": return .abandoned
    case "linked": return .linked(to: try Self.machine(arguments.first))
    case "lost": return .lostLink(to: try Self.machine(arguments.first), reason: "reset")
    case "malformed": return .malformed(from: try Self.machine(arguments.first))
    case "refused": return .refused(origin: "c:2", reason: "no hello")
    case "disk-full": return .failed(.journalNotWritten(path: "j", reason: "full"))
    case "deaf-supervisor": return .failed(.reportsNotTaken(byteCount: 9))
    default: throw UnknownCommand([word])
    }
  }

  private func request(
    _ request: HandRequest, _ number: UInt64, _ arguments: [String]
  ) -> MachineLifecycle<MachineStory>.Input {
    let milliseconds = arguments.count > 1 ? Int64(arguments[1]) : nil
    return .command(
      .request(
        request, number: number,
        deadline: milliseconds.map { MonotonicInstant(nanoseconds: $0 * 1_000_000) } ?? .never))
  }

  private static func snapshot(_ word: String) -> SnapshotID {
    let numbers = word.split(separator: "-").compactMap { Int($0) }
    return SnapshotID(initiator: MachineID(numbers[0]), number: UInt32(numbers[1]))
  }

  private static func number(_ word: String?) throws -> Int64 {
    guard let number = word.flatMap({ Int64($0) }) else { throw UnknownCommand([]) }
    return number
  }

  private static func machine(_ word: String?) throws -> MachineID {
    MachineID(Int(try number(word)))
  }

  // MARK: Texts

  private mutating func handle(_ input: MachineLifecycle<MachineStory>.Input) -> [String] {
    let effects = life.handle(input, at: now, into: &sink)
    return sink.takeLines() + texts(effects)
  }

  private mutating func output() -> [String] { sink.takeLines() + texts(life.takeEffects()) }

  private func texts(_ effects: [MachineLifecycle<MachineStory>.Effect]) -> [String] {
    effects.map { effect in
      switch effect {
      case .report(let report): "report \(Self.text(report))"
      case .pass(let report, let machines): "pass to \(machines): \(Self.text(report))"
      case .reportEvents: "report events"
      case .reportMalformed(let peer): "report malformed message of \(peer)"
      case .reportMarker(let id, let peer): "report marker \(id) of \(peer)"
      }
    }
  }

  private static func text(_ report: MachineReport) -> String {
    switch report {
    case .progress(let progress): "progress: \(progress.ticks) ticks"
    case .finished(let progress): "finished: \(progress.ticks) ticks"
    case .failed(let failure): "failed: \(failure)"
    case .finishedPart(let id, let part):
      "part of \(id): " + (part.map { text($0.channels) } ?? "none")
    default: "\(report)"
    }
  }

  private static func text(_ channels: [ChannelState<RecordedMessage>]) -> String {
    channels.map { channel in
      "\(channel.messages.count) messages from \(channel.channel.source)"
        + (channel.incompleteBecause.map { " (\($0))" } ?? "")
    }.joined(separator: ", ")
  }

  private static func text(_ step: MachineLifecycle<MachineStory>.Step) -> String {
    func time(_ instant: MonotonicInstant) -> String {
      instant == .never
        ? "for ever" : "until \(Double(instant.nanoseconds / 10_000) / 100) ms"
    }
    switch step {
    case .again: return "again"
    case .spin(let until): return "flush, spin \(time(until))"
    case .wait(let until): return "flush, wait \(time(until))"
    case .leave: return "flush, leave"
    }
  }
}
