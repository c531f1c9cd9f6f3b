import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// Requests to a run: typed commands, and those of control clients.
extension Supervisor {
  /// Carries out the commands that were typed.
  func takeCommands() {
    guard let (lineCount, typed) = commands?.read() else { return }
    if lineCount > 0 { observer.typed(lineCount: lineCount) }
    for command in typed {
      switch command {
      case .snapshot(let machine, let timeout):
        takeTypedSnapshot(by: machine ?? defaultInitiator, timeout: timeout)
      case .unknown(let words):
        observer.warned(
          "'\(words)' is not a command; type snapshot, or snapshot and a machine's id, a time-out "
            + "or both: snapshot 2 20s")
      }
    }
  }

  /// The machine that begins a snapshot when the client names none.
  private var defaultInitiator: MachineID { life.onlyInitiator ?? options.cluster?.machine ?? 0 }

  /// Why this host does not carry out what a client asks of a machine.
  private func reason(elsewhere machine: MachineID, _ request: ControlRequest) -> String {
    if request.command == "snapshot", let only = life.onlyInitiator, only != machine {
      return RunLifecycle.refusal(for: only)
    }
    return life.isForeign(machine)
      ? "machine \(machine) is another program, which speaks gRPC"
      : "machine \(machine) is on another host; ask it with --cluster"
  }

  private func takeTypedSnapshot(by machine: MachineID, timeout: TimeSpan?) {
    guard plan.topology.machineIDs.contains(machine) else {
      observer.warned(
        "there is no machine \(machine); type snapshot and an id from 0 to "
          + "\(plan.machineCount - 1)")
      return
    }
    guard life.isRunning else {
      observer.warned("no snapshot: the machines are not running")
      return
    }
    if let only = life.onlyInitiator, machine != only {
      observer.warned("no snapshot: \(RunLifecycle.refusal(for: only, do: "type snapshot"))")
      return
    }
    if !life.gathersSnapshots(of: machine), life.isForeign(machine),
      let file = options.cluster?.file
    {
      observer.warned(
        "no snapshot: machine \(machine) speaks gRPC; type it at machine \(file.leader), whose "
          + "host tells and keeps it")
      return
    }
    if !life.gathersSnapshots(of: machine), !life.isGone(machine) {
      guard timeout == nil else {
        observer.warned(
          "no snapshot: only that machine's host takes a time-out; type it at machine \(machine)'s "
            + "console, or leave it out")
        return
      }
      pass(.message(.requestSnapshot), to: [machine])
      observer.acknowledged(
        "machine \(machine) was asked for a snapshot; its host prints and stores it")
      return
    }
    switch beginSnapshot(by: machine, timeout: timeout) {
    case .begun(let outlook):
      typedSnapshots.insert(outlook.id)
      observer.acknowledged("\(outlook)")
    case .refused(let reason):
      if life.refuseTyped(because: reason) { observer.warned("no snapshot: \(reason)") }
    }
  }

  /// Carries out the requests of control clients.
  func handleClient(token: UInt64) {
    guard let clients else { return }
    for (client, request) in clients.handle(token: token) {
      take(request) { [unowned self] answer in
        if case .begun = answer { return clients.tell(client, answer) }
        clients.answer(client, client.isElsewhere ? carrying(answer) : answer)
      }
    }
  }

  /// Carries out a request, whatever connection it came on.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - answer: Called once, now or later, with the answer; ahead of that with
  ///     ``ControlAnswer/begun(_:)``, if the request asks for it.
  private func take(_ request: ControlRequest, answer: @escaping (ControlAnswer) -> Void) {
    switch request.meaning(in: plan) {
    case .status: return answer(.status(status))
    case .view:
      if life.isRunning { watch() }
      return answer(.view(view))
    default: break
    }
    guard life.isRunning else {
      return answer(.refused(reason: "the machines are not running"))
    }
    var request = request
    if request.command == "snapshot" && request.machine == nil {
      request.machine = defaultInitiator.index
    }
    switch request.meaning(in: plan) {
    case .status, .view: break
    case .act(let kind, let machine, let source): answer(act(kind, on: machine, from: source))
    case .nonsense(let said): answer(said)
    case .snapshot(let machine) where !life.gathersSnapshots(of: machine),
      .hand(let machine, _) where life.isElsewhere(machine):
      answer(.refused(reason: reason(elsewhere: machine, request)))
    case .snapshot(let machine):
      switch beginSnapshot(by: machine, timeout: request.timeout) {
      case .begun(let outlook):
        requests.add(answer, for: outlook.id)
        viewed.tell("\(outlook)")
        if request.tellsBeginning == true { answer(.begun(outlook)) }
      case .refused(let reason):
        answer(.refused(reason: reason))
      }
    case .hand(let machine, let handRequest):
      guard !life.isDead(machine) else {
        return answer(.refused(reason: "machine \(machine) is dead"))
      }
      let number = requests.add(answer, forReplyOf: machine)
      let timeout = request.timeout ?? ControlRequest.handTimeout
      let deadline = MonotonicInstant.now + timeout
      send(.run(.request(handRequest, number: number, deadline: deadline)), to: machine)
    }
  }

  /// The run's state now.
  var status: RunStatus {
    RunStatus(of: life, plan: plan, machine: options.cluster?.machine)
  }

  /// Makes a machine begin a snapshot.
  func beginSnapshot(by initiator: MachineID, timeout: TimeSpan? = nil)
    -> RunLifecycle.SnapshotReply
  {
    let (reply, effects) = life.beginSnapshot(by: initiator, timeout: timeout, at: .now)
    carryOut(effects)
    return reply
  }

  /// The same answer for a client that cannot read the run directory: the snapshot itself in place
  /// of its name.
  private func carrying(_ answer: ControlAnswer) -> ControlAnswer {
    guard case .settled(let id, _) = answer else { return answer }
    do throws(RunRecordError) {
      return .taken(try SnapshotFile.read(id, from: options.directory))
    } catch {
      return .refused(reason: "it is written, and cannot be read: \(error)")
    }
  }
}
