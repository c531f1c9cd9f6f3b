import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import SystemCalls

/// A run as a page shows it to its viewers.
package struct RunView: Codable, Hashable, Sendable {
  /// Where it is, and which machines are dead.
  package var status: RunStatus
  /// The time since tick 0, in nanoseconds; negative before it.
  package var nowNs: Int64
  /// The system time of tick 0, in nanoseconds since the Unix epoch; 0 before the machines start.
  package var startTimeNs: Int64
  /// The machines that are paused, ascending.
  package var held: [MachineID]
  /// The channels that are cut, each as its source and its target.
  package var cut: [[MachineID]]
  /// The snapshots under way, in the order in which they began.
  package var begun: [String]
  /// The markers of these snapshots that have arrived while a viewer watches, in that order.
  package var arrived: [ArrivedMarker]
  /// What viewers are told.
  package var sentences: RecentSentences
}

/// A marker that has arrived.
package struct ArrivedMarker: Codable, Hashable, Sendable {
  /// The snapshot that it belongs to.
  package var snapshot: SnapshotID
  /// The machine that sent it.
  package var from: MachineID
  /// The machine at which it has arrived.
  package var to: MachineID
}

/// What viewers did to a run, and what they are told.
struct ViewedRun {
  /// Until when a viewer watches; nil for none.
  var watchedUntil: MonotonicInstant?
  /// The markers that have arrived meanwhile, of snapshots under way.
  var arrived: [ArrivedMarker] = []
  /// What was done, in order.
  private(set) var acts: [MachineAct] = []
  /// The machines that were killed, until they have ended.
  var killed: Set<MachineID> = []
  /// The machines that are paused, ascending.
  var held: [MachineID] = []
  /// The channels that are cut, each as its source and its target.
  var cut: [[MachineID]] = []
  /// What viewers are told.
  private(set) var sentences = RecentSentences()

  /// The most markers that are kept; a page cannot show more.
  private static let arrivedCountMax = 1000

  /// Keeps a marker that has arrived.
  mutating func heard(_ marker: ArrivedMarker) {
    if arrived.count < Self.arrivedCountMax { arrived.append(marker) }
  }

  /// Tells the viewers.
  mutating func tell(_ words: String) { sentences.add(words) }

  /// Takes back the loss of a message, because none waited on the channel.
  mutating func didNotLose(from source: MachineID, to target: MachineID) {
    guard
      let index = acts.lastIndex(where: {
        $0.kind == .lose && $0.machine == target && $0.source == source
      })
    else { return }
    acts.remove(at: index)
    tell("no message waited on the channel from \(source) to \(target): none was lost")
  }

  /// Records what was done to a machine.
  mutating func did(_ act: MachineAct) {
    acts.append(act)
    let channel = (act.source.map { [$0] } ?? []) + [act.machine]
    switch act.kind {
    case .kill: killed.insert(act.machine)
    case .lose: break
    case .pause: held = (held + [act.machine]).sorted()
    case .resume: held.removeAll { $0 == act.machine }
    case .cut: cut.append(channel)
    case .join: cut.removeAll { $0 == channel }
    }
  }
}

/// What viewers see of a run, and do to it.
extension Supervisor {
  /// The run as a page shows it.
  var view: RunView {
    RunView(
      status: status,
      nowNs: life.start.map { MonotonicInstant.now.nanoseconds - $0.monotonic.nanoseconds } ?? -1,
      startTimeNs: life.start?.system.nanoseconds ?? 0, held: viewed.held,
      cut: viewed.cut, begun: life.snapshotsUnderWay.map { "\($0)" },
      arrived: viewed.arrived, sentences: viewed.sentences)
  }

  /// Tells the machines that a viewer watches, who has just asked how the run stands.
  func watch() {
    let now = MonotonicInstant.now
    if viewed.watchedUntil == nil { sendToAll(.run(.watch(true))) }
    viewed.watchedUntil = now + Self.watchPatience
  }

  /// Tells the machines that no viewer watches any more, once none has asked for a while.
  func endWatch(now: MonotonicInstant) {
    guard let end = viewed.watchedUntil, now >= end else { return }
    (viewed.watchedUntil, viewed.arrived) = (nil, [])
    sendToAll(.run(.watch(false)))
  }

  /// How long after a question a viewer is taken to watch.
  private static let watchPatience = TimeSpan.seconds(1)

  /// Does something to a machine that runs here, or to a channel that leads to it.
  ///
  /// A process is killed by the system; a thread ends its loop without a word to its peers. A
  /// channel's receiver holds what arrives while it is cut; its sender loses a message.
  func act(
    _ kind: MachineAct.Kind, on machine: MachineID, from source: MachineID?
  ) -> ControlAnswer {
    let actor = kind == .lose ? source ?? machine : machine
    if let reason = reason(against: kind, on: machine, from: source, by: actor) {
      return .refused(reason: reason)
    }
    switch kind {
    case .kill where options.runtime == .processes: carryOut([.kill(machine)])
    case .kill: send(.vanish, to: machine)
    case .pause: send(.run(.hold(true)), to: machine)
    case .resume: send(.run(.hold(false)), to: machine)
    case .cut: if let source { send(.run(.cut(from: source, true)), to: machine) }
    case .join: if let source { send(.run(.cut(from: source, false)), to: machine) }
    case .lose: send(.lose(to: machine), to: actor)
    }
    let act = MachineAct(
      kind, on: machine, from: source, at: TimeSpan(nanoseconds: max(0, view.nowNs)))
    viewed.did(act)
    viewed.tell(act.words)
    return .done(act.words)
  }

  /// Why something cannot be done now, by the machine that would do it; nil when it can.
  private func reason(
    against kind: MachineAct.Kind, on machine: MachineID, from source: MachineID?,
    by actor: MachineID
  ) -> String? {
    if life.isElsewhere(actor) {
      return "machine \(actor) is on another host; ask that host's run"
    }
    if !life.isRunning { return "the machines do not tick now" }
    if life.isDead(actor) || life.isGone(actor) { return "machine \(actor) is dead" }
    let isHeld = viewed.held.contains(machine)
    let isCut = source.map { viewed.cut.contains([$0, machine]) } ?? false
    return switch kind {
    case .pause where isHeld: "machine \(machine) is paused already"
    case .resume where !isHeld: "machine \(machine) is not paused"
    case .cut where isCut: "that channel is cut already"
    case .join where !isCut: "that channel is not cut"
    case .lose where plan.promises.loss == 0:
      "channels of this run lose nothing; start it with --loss"
    default: nil
    }
  }
}
