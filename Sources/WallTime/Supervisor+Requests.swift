import LogicalTime
import ScaleModel
import SystemCalls

/// What people and other programs ask of a run while it goes on.
extension Supervisor {
  /// Takes in what was typed.
  func takeCommands() {
    guard let (lineCount, typed) = commands?.read() else { return }
    if lineCount > 0 { observer.typed(lineCount: lineCount) }
    for command in typed {
      switch command {
      case .snapshot(let machine, let timeout):
        takeTypedSnapshot(by: machine ?? defaultInitiator, timeout: timeout)
      case .unknown(let words):
        observer.warned(
          "'\(words)' is no command; type snapshot, or snapshot and a machine's id, a time-out or "
            + "both: snapshot 2 20s")
      }
    }
  }

  /// The machine that begins a snapshot when nobody says which.
  private var defaultInitiator: MachineID { options.cluster?.machine ?? 0 }

  private func isElsewhere(_ machine: MachineID) -> Bool { members[machine.index].link == nil }

  /// Whether the snapshots that a machine begins are gathered here: it runs here, or it is another
  /// program and this host leads.
  func gathersSnapshots(of machine: MachineID) -> Bool {
    !isElsewhere(machine) || isForeign(machine) && options.cluster?.leads == true
  }

  private func isForeign(_ machine: MachineID) -> Bool {
    options.cluster?.file.foreignMachines.contains(machine) == true
  }

  private func takeTypedSnapshot(by machine: MachineID, timeout: TimeSpan?) {
    guard plan.topology.machineIDs.contains(machine) else {
      observer.warned(
        "there is no machine \(machine); type snapshot and an id from 0 to "
          + "\(plan.machineCount - 1)")
      return
    }
    guard case .running = phase else {
      observer.warned("no snapshot: the machines are not running")
      return
    }
    if !gathersSnapshots(of: machine), isForeign(machine), let file = options.cluster?.file {
      observer.warned(
        "no snapshot: machine \(machine) speaks gRPC; type it at machine \(file.leader), whose "
          + "host tells and keeps it")
      return
    }
    if !gathersSnapshots(of: machine), !members[machine.index].isGone {
      guard timeout == nil else {
        observer.warned(
          "no snapshot: a time-out holds where it is typed; type it at machine \(machine)'s "
            + "console, or leave it out")
        return
      }
      send(.beginSnapshot, to: machine)
      observer.acknowledged(
        "machine \(machine) was asked for a snapshot; its host tells and keeps it")
      return
    }
    switch beginSnapshot(by: machine, timeout: timeout?.nanoseconds) {
    case .begun(let outlook):
      typedSnapshots.insert(outlook.id)
      observer.acknowledged("\(outlook)")
    case .refused(let reason):
      refuseTyped(because: reason)
    }
  }

  /// Takes in what another program asks over the control socket.
  func takeVisit(token: UInt64) {
    guard let visitors else { return }
    for (visitor, request) in visitors.handle(token: token) {
      take(request) { [unowned self] answer in
        if case .begun = answer { return visitors.tell(visitor, answer) }
        visitors.answer(visitor, visitor.isElsewhere ? carrying(answer) : answer)
      }
    }
  }

  /// Takes in what somebody asks, over whatever connection.
  ///
  /// - Parameters:
  ///   - request: The question.
  ///   - answer: Called once, now or later, with what is to be answered; ahead of that with
  ///     ``ControlAnswer/begun(_:)``, if the request wants to hear it.
  private func take(_ request: ControlRequest, answer: @escaping AnswerDesk.Answer) {
    guard case .running = phase else {
      return answer(.refused(reason: "the machines are not running"))
    }
    var request = request
    if request.command == "snapshot" && request.machine == nil {
      request.machine = defaultInitiator.index
    }
    switch request.meaning(in: plan) {
    case .nonsense(let said):
      answer(said)
    case .snapshot(let machine) where !gathersSnapshots(of: machine),
      .account(of: let machine, _) where isElsewhere(machine):
      let reason =
        isForeign(machine)
        ? "machine \(machine) is another program, which speaks gRPC"
        : "machine \(machine) is on another host; ask it with --cluster"
      answer(.refused(reason: reason))
    case .snapshot(let machine):
      switch beginSnapshot(by: machine, timeout: request.timeoutNanoseconds) {
      case .begun(let outlook):
        desk.await(outlook.id, answer: answer)
        if request.tellsBeginning == true { answer(.begun(outlook)) }
      case .refused(let reason):
        answer(.refused(reason: reason))
      }
    case .account(let machine, let accountRequest):
      guard !members[machine.index].isDead else {
        return answer(.refused(reason: "machine \(machine) is dead"))
      }
      let number = desk.await(accountOf: machine, answer: answer)
      let timeout = request.timeoutNanoseconds ?? ControlRequest.accountTimeout
      let deadline = SystemClock.monotonicNanoseconds + timeout
      send(.account(number: number, accountRequest, deadline: deadline), to: machine)
    }
  }
}
