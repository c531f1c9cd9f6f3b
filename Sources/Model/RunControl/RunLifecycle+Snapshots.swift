import LogicalTime
import ScaleModel
import Snapshots

/// How snapshots begin and end.
extension RunLifecycle {
  /// The reply to a request for a snapshot.
  package enum SnapshotReply {
    /// The initiator has its command; the outlook says how long the snapshot may take.
    case begun(SnapshotOutlook)
    /// No snapshot begins, for this reason.
    case refused(reason: String)
  }

  /// Whether a snapshot is under way.
  package var recordsSnapshot: Bool { tracker.isWaiting }

  /// The snapshots under way, in the order in which they began.
  package var snapshotsUnderWay: [SnapshotID] { tracker.underWay }

  /// The parts of a snapshot that is under way; nil when it is not.
  package func gathering(of id: SnapshotID) -> SnapshotGathering? { tracker.gathering(of: id) }

  /// Whether a snapshot was begun; it may be over.
  package func hasBegun(_ id: SnapshotID) -> Bool { tracker.hasBegun(id) }

  /// Begins a snapshot that a client asked for.
  ///
  /// - Parameters:
  ///   - initiator: The machine that begins it.
  ///   - timeout: After how long it is given up; nil leaves that to the plan.
  ///   - now: The time.
  /// - Returns: What to expect of the snapshot, or why it is refused; and what to do.
  package mutating func beginSnapshot(
    by initiator: MachineID, timeout: TimeSpan?, at now: Moment
  ) -> (reply: SnapshotReply, effects: [Effect]) {
    setTime(now)
    let reply = beginSnapshot(by: initiator, timeout: timeout)
    return (reply, takeEffects())
  }

  /// The machine that begins every snapshot of a run on several hosts whose machines go back.
  ///
  /// Its host keeps all that they go back to. Nil in other runs.
  package var onlyInitiator: MachineID? {
    plan.restartCountMax == nil ? nil : hosts?.role.foreign.leader
  }

  /// Why a request for a snapshot of another machine is refused, with what to `do` instead.
  package static func refusal(for only: MachineID, do remedy: String = "ask for one of machine")
    -> String
  {
    "machine \(only) begins all snapshots of this run, which may go back; \(remedy) \(only)"
  }

  mutating func beginSnapshot(by initiator: MachineID, timeout: TimeSpan? = nil) -> SnapshotReply {
    if let onlyInitiator, initiator != onlyInitiator || onlyInitiator != hosts?.role.machine {
      return .refused(reason: Self.refusal(for: onlyInitiator))
    }
    let timeout = timeout ?? plan.snapshotTimeout(by: initiator)
    let (beginning, effects) = tracker.begin(by: initiator, at: now, timeout: timeout)
    carryOut(effects)
    switch beginning {
    case .refused(let reason):
      return .refused(reason: reason)
    case .begun(let id):
      let end = (start?.monotonic ?? now.monotonic) + plan.duration
      return .begun(
        SnapshotOutlook(
          id: id, estimate: plan.snapshotEstimate(by: initiator), timeout: timeout,
          remaining: end.since(now.monotonic)))
    }
  }

  /// Counts a refused snapshot that was typed; returns whether to tell the user.
  package mutating func refuseTyped(because reason: String) -> Bool {
    refusals.add(because: reason, isTyped: true)
  }

  /// Warns of the first snapshot that is refused for a reason, and counts the others.
  mutating func refuse(_ request: String, because reason: String) {
    if refusals.add(because: reason, isTyped: false) { warn("no snapshot \(request): \(reason)") }
  }

  /// When the next scheduled snapshot is due.
  var nextSnapshot: MonotonicInstant {
    guard phase == .running, answering == nil, let start, let next = scheduled.last else {
      return .never
    }
    return start.monotonic + next.time
  }

  /// When the next snapshot of the chain is due.
  var chainDue: MonotonicInstant { chain?.due ?? .never }

  mutating func beginDueSnapshots() {
    while nextSnapshot <= now.monotonic, let entry = scheduled.popLast() {
      if case .refused(let reason) = beginSnapshot(by: entry.initiator) {
        refuse("at \(entry.time)", because: reason)
      }
    }
    guard chainDue <= now.monotonic, let initiator = chain?.begin() else { return }
    switch beginSnapshot(by: initiator) {
    case .begun(let outlook): chain?.begun(outlook.id)
    case .refused(let reason):
      chain?.refused(now: now.monotonic)
      refuse("by machine \(initiator)", because: reason)
    }
  }

  /// Refuses the snapshots that are due when the run ends.
  mutating func refuseDueSnapshots() {
    while nextSnapshot <= now.monotonic, let entry = scheduled.popLast() {
      refuse("at \(entry.time)", because: "the run ended first")
    }
  }

  mutating func carryOut(_ trackerEffects: [SnapshotTracker.Effect]) {
    for effect in trackerEffects {
      switch effect {
      case .begin(let id): send(.beginSnapshot(id), to: id.initiator)
      case .request(let id, let machine): send(.recordSnapshot(id), to: machine)
      case .abort(let id, let cause, let machine): send(.abortSnapshot(id, cause), to: machine)
      case .settled(let gathering, let time, let cause):
        chain?.ended(gathering.id, now: now.monotonic)
        if plan.restartCountMax != nil { restorePoint = gathering.wholeParts ?? restorePoint }
        effects.append(.settled(gathering, completedTime: time, cause))
        if let hosts, onlyInitiator != nil, phase == .running {
          let message = SupervisorMessage.snapshotOver(
            gathering.id, isComplete: gathering.wholeParts != nil)
          effects.append(.tell(message, hosts.others))
        }
        if gathering.id == answering {
          answering = nil
          if phase == .running { beginDueSnapshots() }
        }
        coverAnswers()
      }
    }
  }

  /// Begins a snapshot when answers wait for one; one that is under way may be too early for them.
  mutating func coverAnswers() {
    guard phase == .running, !tracker.isWaiting, let id = machineWithAnswers else { return }
    machineWithAnswers = nil
    if let onlyInitiator, let hosts, !hosts.role.leads {
      effects.append(.tell(.requestSnapshot, [onlyInitiator]))
      return
    }
    switch beginSnapshot(by: id) {
    case .begun(let outlook): answering = outlook.id
    case .refused(let reason): refuse("for an answer of machine \(id)", because: reason)
    }
  }

  /// Sends a command about a snapshot to a machine, here or on another host.
  private mutating func send(_ command: SupervisorCommand, to id: MachineID) {
    if isGone(id) { return }
    guard isElsewhere(id) else { return effects.append(.send(command, to: id)) }
    switch command {
    case .beginSnapshot(let snapshot): effects.append(.tell(.beginSnapshot(snapshot), [id]))
    case .abortSnapshot(let snapshot, let cause):
      effects.append(.tell(.abortSnapshot(snapshot, cause), [id]))
    // A machine is started, timed and stopped on its own host.
    // Runs on several hosts have the usual snapshots.
    case .start, .report, .stop, .recordSnapshot, .endSnapshot, .request, .hold, .watch, .cut: break
    }
  }
}
