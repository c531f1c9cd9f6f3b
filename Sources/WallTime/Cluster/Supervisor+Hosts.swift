import LogicalTime
import RunRecord
import Snapshots
import SystemCalls
import Transport

/// A supervisor among those on other hosts: what it tells them, and what it makes of their notes.
extension Supervisor {
  // MARK: Out

  /// Sends a note to the supervisors beside these machines.
  private func tell(_ note: HostNote, to machines: [MachineID]) {
    guard let own = options.cluster?.machine else { return }
    send(ControlOrder.pass(note: note.bytes, to: machines), to: own)
  }

  /// Sends an order to a machine elsewhere, by way of its own supervisor.
  func pass(_ order: ControlOrder, to machine: MachineID) {
    switch order {
    case .beginSnapshot: tell(.beginSnapshot, to: [machine])
    case .abortSnapshot(let id, let cause): tell(.abortSnapshot(id, cause), to: [machine])
    case .setUp, .link, .start, .report, .account, .pass, .stop,
      .begunSnapshot, .standing, .snapshotOver:
      // A machine is started, timed and stopped on its own host.
      break
    }
  }

  /// Tells the other hosts that this one ends the run early, and why.
  func tellOtherHosts(of ending: WallRunEnding) {
    guard let place = options.cluster else { return }
    let others = place.others
    switch ending {
    case .finished: break
    case .interrupted: tell(.interrupted(at: place.machine), to: others)
    case .interruptedElsewhere(let machine): tell(.interrupted(at: machine), to: others)
    case .failed(let failure): tell(.failed(reason: "\(failure)"), to: others)
    }
  }

  // MARK: The start

  /// Finds out, on the first machine's host, how long notes take, and then lets all begin.
  func agreeOnStart() {
    guard let place = hosts?.place, place.leads, hosts?.agreement == nil else { return }
    var agreement = StartAgreement(with: place.others)
    let effects = agreement.begin(now: SystemClock.monotonicNanoseconds)
    hosts?.agreement = agreement
    carryOut(effects)
  }

  private func carryOut(_ effects: [StartAgreement.Effect]) {
    for effect in effects {
      switch effect {
      case .ask(let machine, let number): tell(.ask(number), to: [machine])
      case .begin: beginEverywhere()
      }
    }
  }

  private func beginEverywhere() {
    guard let hosts, let agreement = hosts.agreement else { return }
    let lead = agreement.leadNanoseconds
    let monotonic = SystemClock.monotonicNanoseconds + lead
    let epoch = SystemClock.epochNanoseconds + lead
    for machine in hosts.place.others {
      let now = SystemClock.monotonicNanoseconds
      let wait = agreement.waitNanoseconds(of: machine, lead: monotonic - now)
      tell(.begin(afterNanoseconds: wait, epochNanoseconds: epoch), to: [machine])
    }
    begin(monotonic: monotonic, epoch: epoch)
  }

  /// Why the run did not begin in time.
  func notAssembled(_ missing: [MachineID]) -> WallRunFailure {
    let nanoseconds = hosts?.place.file.startTimeout.nanoseconds ?? 0
    return .notAssembled(
      missing: missing, reasons: hosts?.reasons(of: missing) ?? [], nanoseconds: nanoseconds)
  }

  // MARK: In

  /// Takes in what the supervisor beside another machine says.
  ///
  /// What ends a run ends nothing before the start: whoever left may come back.
  func takeNote(_ bytes: [UInt8], from machine: MachineID) {
    guard hosts != nil, !members[machine.index].isGone else { return }
    let note: HostNote
    do throws(ByteReader.Malformed) {
      note = try HostNote(bytes: bytes[...])
    } catch {
      observer.warned("machine \(machine)'s host says what nobody understands; is it this version?")
      return
    }
    switch note {
    case .report(let report): takeReport(report, from: machine)
    case .ask(let number): tell(.answer(number), to: [machine])
    case .answer(let number):
      let now = SystemClock.monotonicNanoseconds
      carryOut(hosts?.agreement?.answered(by: machine, number: number, now: now) ?? [])
    case .begin(let after, let epoch):
      // Only who leads may say so, once, and no later than in an hour.
      guard case .linking = phase, machine == hosts?.place.file.leader else { return }
      begin(
        monotonic: SystemClock.monotonicNanoseconds + min(max(after, 0), 3_600_000_000_000),
        epoch: min(max(epoch, 0), 1 << 62))
    case .beginSnapshot:
      guard case .running = phase, let own = options.cluster?.machine else { return }
      if case .refused(let reason) = beginSnapshot(by: own) {
        refuse("for machine \(machine)'s host", because: reason)
      }
    case .abortSnapshot(let id, let cause):
      guard let own = options.cluster?.machine else { return }
      send(.abortSnapshot(id, cause), to: own)
    case .interrupted(let origin):
      guard case .running = phase, members.indices.contains(origin.index) else { return }
      stop(.interruptedElsewhere(by: origin))
    case .failed(let reason):
      if case .running = phase { takeDeath(of: machine, .leftBecause(reason: reason)) }
    }
  }

  /// Takes in a report of a machine elsewhere, as one of those that run here.
  private func takeReport(_ report: ControlReport, from machine: MachineID) {
    guard report.isCredible(from: machine) else { return }
    if case .linked = report { hosts?.linked(with: machine) }
    take(report, from: machine)
  }

  /// Takes in that there is no link to a machine any more.
  ///
  /// Before the start its host may come back. Afterwards it stays out: what it missed is not kept.
  func takeLoss(of machine: MachineID, reason: String) {
    guard !members[machine.index].isGone else { return }
    switch phase {
    case .linking:
      members[machine.index].isLinked = false
      hosts?.lost(machine)
      members[machine.index].failure = nil
      hosts?.agreement = nil
      observer.warned("machine \(machine) has left before the start; waiting for it to come back")
    case .running:
      let cause = members[machine.index].failure.map { MachineDeath.Cause.failed($0) }
      takeDeath(of: machine, cause ?? .lost(reason: reason))
    case .stopping:
      members[machine.index].isGone = true
      members[machine.index].isDead = true
    }
  }

  /// Takes in that a machine elsewhere does not link with ours; both try on until the time-out.
  func takeRefusal(_ refusal: Refusal, by machine: MachineID, at origin: String) {
    guard hosts?.turnedAway(by: machine, because: refusal) == true else { return }
    observer.warned("machine \(machine) at \(origin) turns us away: \(refusal)")
  }

  /// The same answer for somebody who cannot read the run directory: the snapshot itself in place
  /// of its name.
  func carrying(_ answer: ControlAnswer) -> ControlAnswer {
    guard case .settled(let id, _) = answer,
      let file = try? SnapshotFile.read(id, from: options.directory)
    else { return answer }
    return .taken(file)
  }

  /// Lets in somebody who has shown the run's token at the machine's port.
  func admitVisitor(on descriptor: Descriptor) {
    guard let visitors else {
      descriptor.end()
      return
    }
    visitors.admit(descriptor, isElsewhere: true)
  }
}
