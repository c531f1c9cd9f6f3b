import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport

@testable import RunControl

/// Plays the life of a run as text: what happens, and what the supervisor does.
struct RunPlayer {
  private var life = RunPlayer.life(of: 3)
  private var channels = TopologyChannels(Topology(completeWith: 3))
  /// Milliseconds since the scenario's beginning, by both clocks.
  private var milliseconds: Int64 = 0

  private var now: Moment {
    Moment(
      MonotonicInstant(nanoseconds: milliseconds * 1_000_000),
      SystemInstant(nanoseconds: milliseconds * 1_000_000))
  }

  private static func life(
    of machineCount: Int, continuing: Bool = false, snapshotsEvery interval: TimeSpan? = nil,
    restarts: Int? = nil, role: ClusterRole? = nil, back: RunResumption? = nil
  ) -> RunLifecycle {
    var plan = RunPlan(
      rates: Array(repeating: 10, count: machineCount),
      duration: TimeSpan(nanoseconds: second), dieSides: 10, seed: 1, topologyChoice: .complete,
      topology: Topology(completeWith: machineCount), delay: .none, workload: .chatter,
      snapshots: SnapshotSchedule(interval: interval))
    plan.restartCountMax = restarts
    return RunLifecycle(
      plan: plan, continuesOnFailure: continuing,
      stopTimeout: RunLifecycle.stopTimeoutOfProcesses, role: role, from: back)
  }

  private static let second: Int64 = 1_000_000_000

  /// Carries out a command; returns what the supervisor does, a line each.
  mutating func carryOut(_ words: [Substring]) throws -> [String] {
    switch (words.first, words.dropFirst().map(String.init)) {
    case ("run", let options): return try run(options)
    case ("at", let time): return try pass(to: time)
    case ("running", _): return startMachines() + linkAll()
    case ("again", _): return try startAgain()
    case ("answered", let machines): return answerAll(machines)
    case ("snapshot", let arguments): return try snapshot(arguments)
    case ("deadline", _):
      let deadline = life.nextDeadline
      return [deadline == .never ? "never" : "at \(deadline.nanoseconds / 1_000_000) ms"]
    case ("outcome", _): return outcome
    default: return handle(try input(words))
    }
  }

  // MARK: Commands

  private mutating func run(_ options: [String]) throws -> [String] {
    guard let count = options.first.flatMap(Int.init) else { throw UnknownCommand([]) }
    let member = options.firstIndex(of: "member").map { MachineID(Int(options[$0 + 1]) ?? 0) }
    let back = options.firstIndex(of: "back").flatMap { UInt32(options[$0 + 1]) }
    let interval = options.firstIndex(of: "snapshots").flatMap { TimeSpan(options[$0 + 1]) }
    life = Self.life(
      of: count, continuing: options.contains("continuing"), snapshotsEvery: interval,
      restarts: options.firstIndex(of: "restoring").flatMap { Int(options[$0 + 1]) },
      role: member.map {
        ClusterRole(
          machine: $0, foreign: ForeignRoster(machines: [], leader: 0),
          startTimeout: TimeSpan(nanoseconds: 30 * Self.second))
      },
      back: back.map {
        RunResumption(
          parts: [], startTime: 20_000_000, elapsed: .seconds(0), epoch: $0,
          begunCounts: Array(repeating: 0, count: count))
      })
    channels = TopologyChannels(life.plan.topology)
    milliseconds = 0
    return options.contains("unstarted") ? [] : startMachines()
  }

  private mutating func startMachines() -> [String] {
    guard life.members.isEmpty else { return [] }
    return handle(.starting)
      + life.plan.topology.machineIDs.flatMap { id in
        handle(.started(isHere: life.hosts.map { $0.role.machine == id } ?? true))
      }
  }

  /// Starts the machines of another epoch, as soon as those of the last one have ended.
  private mutating func startAgain() throws -> [String] {
    guard life.canStartAgain else { return ["not all have ended"] }
    let effects = handle(.startingAgain)
    return effects
      + life.plan.topology.machineIDs.flatMap { id in
        let restored = life.restored(id)
        if let hosts = life.hosts { return handle(.started(isHere: hosts.role.machine == id)) }
        return handle(.started(isHere: true)) + [
          "start machine \(id) in epoch \(restored?.epoch ?? 0) from "
            + (restored?.part.map { "\($0.id), line \($0.state.journalLineCount)" } ?? "the start")
            + ", after \(restored?.begunCount ?? 0) snapshots"
        ]
      }
  }

  /// Answers all questions of the leading host; shows what it does after the last answer.
  private mutating func answerAll(_ machines: [String]) -> [String] {
    (1...8).flatMap { number in
      machines.compactMap { Int($0) }.flatMap {
        handle(.heard(.answer(UInt32(number)), from: MachineID($0)))
      }
    }.filter { !$0.contains("ask(") || $0.hasSuffix("ask(1)") }
  }

  private mutating func linkAll() -> [String] {
    let machines = life.plan.topology.machineIDs
    return machines.flatMap { handle(.reported(.listening(port: 5000), by: $0)) }
      + machines.flatMap { handle(.reported(.linked, by: $0)) }
  }

  private mutating func pass(to time: [String]) throws -> [String] {
    guard let time = time.first.flatMap(Int64.init) else { throw UnknownCommand([]) }
    milliseconds = time
    return handle(.timePassed)
  }

  private mutating func snapshot(_ arguments: [String]) throws -> [String] {
    guard let id = arguments.first.flatMap(Int.init) else { throw UnknownCommand([]) }
    let timeout = arguments.count > 1 ? Int64(arguments[1]).map { TimeSpan.milliseconds($0) } : nil
    let (reply, effects) = life.beginSnapshot(by: MachineID(id), timeout: timeout, at: now)
    switch reply {
    case .begun(let outlook): return ["\(outlook)"] + effects.map(Self.text)
    case .refused(let reason): return ["refused: \(reason)"] + effects.map(Self.text)
    }
  }

  private func input(_ words: [Substring]) throws -> RunLifecycle.Input {
    if words[0] == "interrupt" { return .interrupted(signal: 2) }
    if words[0] == "disk-full" { return .failed(.fileNotWritten(path: "s", reason: "full")) }
    guard words.count > 1, let number = Int(words[1]) else { throw UnknownCommand(words) }
    let id = MachineID(number)
    let rest = words.dropFirst(2).map(String.init)
    switch words[0] {
    case "ended": return .ended(id, nil)
    case "killed":
      return .ended(id, .killed(processID: 7, signal: 9, signalName: "SIGKILL"))
    case "gone": return .killed(id)
    case "deaf": return .commandsNotTaken(id, byteCount: 9)
    case "hears": return .heard(try message(rest), from: id)
    default: return .reported(try report(words[0], by: id, rest), by: id)
    }
  }

  private func message(_ words: [String]) throws -> SupervisorMessage {
    switch words.first {
    case "ask": return .ask(UInt32(words[1]) ?? 0)
    case "answer": return .answer(UInt32(words[1]) ?? 0)
    case "begin": return .begin(after: .milliseconds(20), 50_000_000)
    case "snapshot": return .requestSnapshot
    case "over": return .snapshotOver(SnapshotID(initiator: 0, number: 1), isComplete: true)
    case "died": return .died(MachineID(Int(words[1]) ?? 0), reason: "it ended the link")
    case "stands": return .stands(epoch: UInt32(words[1]) ?? 0, start: start(words))
    case "back":
      let id = SnapshotID(initiator: 0, number: 1)
      let own = life.hosts?.role.machine ?? 0
      return .goBack(
        epoch: UInt32(words[1]) ?? 0, start: start(words), elapsed: .milliseconds(90),
        words.contains("snapshot") ? part(of: own, id, isWhole: true) : nil)
    case "interrupted": return .interrupted(at: MachineID(Int(words[1]) ?? 0))
    case "failed": return .failed(reason: "its disk is full")
    default: throw UnknownCommand([])
    }
  }

  /// The start of the run that another host is in: of ours, as far as it knows, or of another one.
  private func start(_ words: [String]) -> SystemInstant {
    words.contains("elsewhere") ? 1 : life.start?.system ?? 20_000_000
  }

  private func report(
    _ word: Substring, by id: MachineID, _ rest: [String]
  ) throws -> MachineReport {
    switch word {
    case "listening": return .listening(port: 5000 + UInt16(id.number))
    case "linked": return .linked
    case "finished": return .finished(MachineProgress(ticks: 10))
    case "failed": return .failed(.system("out of memory"))
    case "diskless": return .failed(.journalNotWritten(path: "j", reason: "full"))
    case "unreachable": return .failed(.unreachable(peers: rest.map { MachineID(Int($0) ?? 0) }))
    case "answers": return .awaitsSnapshot
    case "lost": return .lostLink(peer: MachineID(Int(rest[0]) ?? 0), reason: "reset")
    case "rejected":
      return .rejected(by: MachineID(Int(rest[0]) ?? 0), origin: "b:1", .anotherPlan)
    case "refused": return .refused(origin: "c:2", reason: "no hello")
    case "records", "finishes", "declines":
      let words = rest[0].split(separator: "-").compactMap { Int($0) }
      let snapshot = SnapshotID(initiator: MachineID(words[0]), number: UInt32(words[1]))
      if word == "declines" { return .finishedPart(snapshot, nil) }
      let isWhole = word == "finishes"
      let part = part(of: id, snapshot, isWhole: isWhole)
      return isWhole ? .finishedPart(snapshot, part) : .recorded(part)
    default: throw UnknownCommand([word])
    }
  }

  private func part(of id: MachineID, _ snapshot: SnapshotID, isWhole: Bool) -> RecordedPart {
    let states = channels.sources(of: id).map {
      ChannelState<RecordedMessage>(channel: ChannelID(from: $0, to: id), messages: [])
    }
    return RecordedPart(
      id: snapshot, machine: id,
      state: RecordedState(clock: 5, tick: 4, journalLineCount: 4, inbox: []),
      channels: isWhole ? states : [])
  }

  // MARK: Effects

  private mutating func handle(_ input: RunLifecycle.Input) -> [String] {
    life.handle(input, at: now).map(Self.text)
  }

  private var outcome: [String] {
    let outcome = life.outcome
    return ["\(life.phase), \(life.hasEnded ? "ended" : "goes on"): \(outcome.ending)"]
      + outcome.deaths.map { "death: \($0)" }
      + outcome.remarks.map { "remark: \($0)" }
  }

  private static func text(_ effect: RunLifecycle.Effect) -> String {
    switch effect {
    case .link(let ports): return "order all: link \(ports)"
    case .send(let command, let id): return "order machine \(id): \(text(command))"
    case .sendToAll(let command): return "order all: \(text(command))"
    case .tell(.goBack(let epoch, _, let elapsed, let part), let machines):
      return "tell \(machines): back to \(part.map { "\($0.id)" } ?? "the start") in epoch "
        + "\(epoch), \(elapsed) after the start"
    case .tell(let message, let machines): return "tell \(machines): \(message)"
    case .restore(let restored):
      return "our machine goes back to \(restored.part.map { "\($0.id)" } ?? "the start") in epoch "
        + "\(restored.epoch), begun at \(restored.start.monotonic.nanoseconds / 1000) us"
    case .settled(let gathering, let time, let cause):
      let file = gathering.file(completedTime: time.nanoseconds, cause: cause, names: .none)
      let machines = file.machines.map { "\($0.id)" }.joined(separator: ", ")
      return "write snapshot \(file.id): \(file.status) [\(machines)]"
        + (file.reason.map { " \($0.split(separator: ";")[0])" } ?? "")
    case .started(let start): return "started at \(start.monotonic.nanoseconds / 1000) us"
    case .died(let id): return "reply to clients of machine \(id)"
    case .undone: return "reply to clients of all machines"
    case .resumed(let restart):
      return "machines \(restart.deaths.map(\.machine)) had died; back to "
        + "\(restart.snapshot.map { "\($0)" } ?? "the start") within "
        + "\(restart.recovery.nanoseconds / 1000) us, in epoch \(restart.epoch)"
    case .kill(let id): return "kill \(id)"
    case .killAll: return "kill all"
    case .endAtOnce: return "end at once"
    case .interrupted: return "say interrupted"
    case .warn(let words): return "warn: \(words)"
    }
  }

  private static func text(_ command: SupervisorCommand) -> String {
    switch command {
    case .start(let start): "start at \(start.monotonic.nanoseconds / 1000) us"
    case .beginSnapshot(let id): "begin \(id)"
    case .recordSnapshot(let id): "record for \(id)"
    case .abortSnapshot(let id, let cause): "abort \(id), \(cause)"
    case .endSnapshot(let id, let isComplete): "\(id) is over, \(isComplete ? "whole" : "partial")"
    default: "\(command)"
    }
  }
}
