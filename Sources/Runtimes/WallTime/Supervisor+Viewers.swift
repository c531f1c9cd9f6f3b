import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import SystemCalls

/// A run as a page shows it, for those who watch.
package struct RunView: Codable, Hashable, Sendable {
  /// Where it is, and which machines are dead.
  package var status: RunStatus
  /// The time since tick 0, in nanoseconds; negative before it.
  package var nowNs: Int64
  /// The system time of tick 0, in nanoseconds since the Unix epoch; 0 before the machines start.
  package var startTimeNs: Int64
  /// The machines that are paused, ascending.
  package var held: [MachineID]
  /// The snapshots under way, in the order in which they began.
  package var begun: [String]
  /// The latest sentences of what happened, in order.
  package var sentences: [String]
  /// How many sentences there have been.
  package var sentenceCount: Int
}

/// What people did to a run, and what those who watch are told.
struct ViewedRun {
  /// What was done, in order.
  private(set) var acts: [MachineAct] = []
  /// The machines that are paused, ascending.
  var held: [MachineID] = []
  /// The latest sentences of what happened, in order.
  private(set) var sentences: [String] = []
  /// How many sentences there have been.
  private(set) var sentenceCount = 0

  /// How many sentences are kept for those who watch.
  private static let sentenceCountMax = 50

  /// Adds a sentence; the oldest one makes room.
  mutating func tell(_ words: String) {
    if sentences.count == Self.sentenceCountMax { sentences.removeFirst() }
    sentences.append(words)
    sentenceCount += 1
  }

  /// Records what was done to a machine.
  mutating func did(_ act: MachineAct) {
    acts.append(act)
    switch act.kind {
    case .kill: break
    case .pause: held = (held + [act.machine]).sorted()
    case .resume: held.removeAll { $0 == act.machine }
    }
  }
}

/// What viewers see of a run, and do to it.
extension Supervisor {
  /// The run as a page shows it.
  var view: RunView {
    RunView(
      status: status,
      nowNs: life.start.map { SystemClock.monotonicNanoseconds - $0.monotonic } ?? -1,
      startTimeNs: life.start?.system ?? 0, held: viewed.held,
      begun: life.snapshotsUnderWay.map { "\($0)" }, sentences: viewed.sentences,
      sentenceCount: viewed.sentenceCount)
  }

  /// Kills, pauses or resumes a machine that runs here.
  ///
  /// A process is killed by the system; a thread ends its loop without a word to its peers.
  func act(_ kind: MachineAct.Kind, on machine: MachineID) -> ControlAnswer {
    guard !life.isElsewhere(machine) else {
      return .refused(reason: "machine \(machine) is on another host; ask that host's run")
    }
    guard !life.isDead(machine), !life.isGone(machine) else {
      return .refused(reason: "machine \(machine) is dead")
    }
    let isHeld = viewed.held.contains(machine)
    let words: String
    switch kind {
    case .kill:
      words = "machine \(machine) is killed"
      if options.runtime == .processes {
        carryOut([.kill(machine)])
      } else {
        send(.vanish, to: machine)
      }
    case .pause:
      guard !isHeld else { return .refused(reason: "machine \(machine) is paused already") }
      words = "machine \(machine) is paused"
      send(.hold(true), to: machine)
    case .resume:
      guard isHeld else { return .refused(reason: "machine \(machine) is not paused") }
      words = "machine \(machine) goes on"
      send(.hold(false), to: machine)
    }
    viewed.did(MachineAct(kind, on: machine, atNanoseconds: view.nowNs))
    viewed.tell(words)
    return .done(words)
  }
}
