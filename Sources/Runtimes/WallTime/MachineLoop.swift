import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import Transport

/// One machine in wall time: a loop around one poller, the same in a thread and in a process.
///
/// It waits, reads, writes and reads the clock; ``MachineLifecycle`` decides what follows. It needs
/// no lock: it owns all that it touches. Before every wait it flushes the journal, then the links,
/// so that a machine killed at any instant has lost no event that another one has heard of.
final class MachineLoop<Work: Workload> {
  let setup: MachineSetup
  let control: ControlLink
  let poller: Poller
  let mesh: any MachineLinks
  var life: MachineLifecycle<WallSink<Work>>
  var sink: WallSink<Work>
  /// Whether arrivals need the time.
  ///
  /// Every message asks, and to ask `life` may be to copy it.
  var delaysArrivals: Bool
  /// Whether messages carry rounds.
  let usesRounds: Bool
  /// The service in the loop; nil when it has none.
  var service: (any LoopService)?
  /// Whether a link has ended since the latest wait was decided.
  var hasLostLink = false

  private static var controlToken: UInt64 { 0 }
  private static var firstMeshToken: UInt64 { 16 }
  /// How long a machine that has ended waits for its supervisor to take its last reports.
  private static var lastWordMilliseconds: Int64 { 2000 }

  /// Makes the loop of one machine, and starts to listen.
  ///
  /// - Parameters:
  ///   - setup: The machine's setup.
  ///   - workload: The machine's workload.
  ///   - control: The link to its supervisor.
  ///   - makeService: Makes the service that the setup may ask for.
  /// - Throws: ``MachineFailure`` when it cannot listen on its port or create its journal.
  init(
    setup: MachineSetup, workload: Work, control: ControlLink, makeService: LoopServiceMaker? = nil
  ) throws(MachineFailure) {
    self.setup = setup
    self.control = control
    life = MachineLifecycle(
      id: setup.id, plan: setup.plan, workload: workload,
      role: setup.reach.map {
        ClusterRole(
          machine: setup.id, foreign: $0.foreign,
          startTimeout: TimeSpan(nanoseconds: $0.startTimeoutNanoseconds))
      },
      processorCount: HostFacts.current.cpus, at: .now)
    delaysArrivals = life.delaysArrivals
    usesRounds = life.usesRounds
    if let failure = life.machine.failure { throw .workload("\(failure)") }
    do throws(SystemError) {
      poller = try Poller()
      try control.watch(with: poller, token: Self.controlToken)
      mesh = try Self.makeLinks(setup, peers: life.missingPeers, workload, poller)
    } catch {
      throw Self.failure(error, of: setup)
    }
    mesh.linksAgain = setup.reach != nil
    sink = WallSink(
      mesh: mesh, journal: try Self.makeJournal(setup, workload), machine: setup.id,
      plan: setup.plan, workload: life.machine.workload,
      told: setup.toldEventCountMax > 0
        ? ToldEvents(of: setup.id, countMax: setup.toldEventCountMax) : nil,
      countsReceipts: setup.reach?.foreign.machines.isEmpty == false)
    if let restored = setup.restored { try restore(restored) }
    try startService(makeService)
    // The mesh and the loop own each other until ``run()`` closes the mesh. So this comes last: no
    // error above leaves the cycle.
    mesh.observer = self
  }

  /// Makes the machine's links, over what the plan says.
  private static func makeLinks(
    _ setup: MachineSetup, peers: [MachineID], _ workload: Work, _ poller: Poller
  ) throws(SystemError) -> any MachineLinks {
    let hello = WireMessage.Hello(
      id: setup.id, token: setup.token.inEpoch(setup.restored?.epoch ?? 0),
      planDigest: setup.reach?.digest ?? 0)
    switch setup.plan.promises.transport {
    case .tcp:
      return try Mesh(
        hello: hello, peers: peers, machineCount: setup.plan.machineCount,
        endpoint: setup.endpoint, poller: poller, firstToken: firstMeshToken,
        frameByteCountMax: WireMessage.byteCountMax(
          of: workload.messageFields.map(\.declaration)), hostLinks: setup.reach?.links)
    case .udp:
      return try DatagramLinks(
        hello: hello, peers: peers, machineCount: setup.plan.machineCount,
        endpoint: setup.endpoint, poller: poller, token: firstMeshToken)
    }
  }

  private static func failure(_ error: SystemError, of setup: MachineSetup) -> MachineFailure {
    if error.isAddressInUse {
      return setup.reach == nil
        ? .portInUse(port: setup.endpoint.port, address: "\(setup.endpoint)")
        : .addressTaken(machine: setup.id, address: "\(setup.endpoint)")
    }
    return error.isAddressElsewhere
      ? .addressElsewhere(host: setup.endpoint.host) : .system("\(error)")
  }

  private static func makeJournal(
    _ setup: MachineSetup, _ workload: Work
  ) throws(MachineFailure) -> JournalWriter? {
    guard let path = setup.journalPath else { return nil }
    do throws(SystemError) {
      return try JournalWriter(
        path: path, machine: setup.id, topology: setup.plan.topology,
        fields: FieldNames(WorkloadFields(workload)).columns,
        physicalClock: setup.plan.physicalClocks.arePerfect
          ? nil
          : PhysicalClock(of: setup.id, setup.plan.physicalClocks, seed: setup.plan.seed),
        hasRounds: setup.plan.snapshotAlgorithm.usesRounds,
        epoch: setup.plan.restartCountMax == nil ? nil : setup.restored?.epoch ?? 0,
        // On several hosts, a machine hears only when all are linked what it goes back to.
        continues: setup.restored != nil || setup.plan.restartCountMax != nil && setup.reach != nil)
    } catch {
      throw .journalNotCreated(path: path, reason: error.reason)
    }
  }

  /// Goes back, before the start.
  private func restore(_ restored: RestoredMachine) throws(MachineFailure) {
    if sink.journal?.epoch != nil { sink.journal?.epoch = restored.epoch }
    guard life.restore(restored, sink.fields, at: .now, into: &sink) else {
      throw .workload(
        "it cannot go back to the state of its snapshot"
          + (life.machine.failure.map { ": \($0)" } ?? ""))
    }
  }

  /// Runs the machine until its supervisor stops it, or is gone.
  func run() {
    ThisProcess.sharpenTimers()
    report(.run(.listening(port: mesh.port)))
    stepping: while true {
      let step = life.advance(at: .now, into: &sink)
      carryOutEffects()
      switch step {
      case .again: if sink.failure != nil { flush() }
      case .spin(let until):
        flush()
        while MonotonicInstant.now < until {}
      case .wait(let until):
        hasLostLink = false
        flush()
        // A foreign machine's link may end in the flush, and what follows be due before that.
        if !life.hasEnded && !hasLostLink { wait(until: until) }
      case .leave: break stepping
      }
    }
    flush()
    if sink.failure != nil {
      // Messages whose journal lines are not written may not leave; the reason for that may.
      mesh.discardUnflushed()
      mesh.flush()
    }
    mesh.close()
    service?.stop()
    service = nil
    control.drain(milliseconds: Self.lastWordMilliseconds)
  }

  // MARK: Writing

  /// Writes the journal, then the links; the machine fails when the sink or the journal has failed.
  ///
  /// Markers without messages need not wait for the journal: they report no event.
  private func flush() {
    if sink.holdsBack {
      sink.sendDue(at: life.systemTime(at: .now))
    }
    if !sink.hasUnsentMessages { mesh.flush() }
    // Before the start the journal has no line.
    if life.isLinking {
      service?.flush()
      return
    }
    do throws(SystemError) {
      try sink.journal?.flush()
    } catch {
      sink.fail(.journalNotWritten(path: error.subject, reason: error.reason))
    }
    if let failure = sink.failure { return handle(.failed(failure)) }
    mesh.flush()
    sink.hasUnsentMessages = false
    let systemTime = life.systemTime(at: .now)
    for report in sink.takeReports(systemTime: systemTime) { hand(report) }
    // Notes from these reports to other hosts need not wait for the next flush.
    mesh.flush()
    service?.flush()
  }

  /// Hands an input to the machine's life, and carries out what follows.
  func handle(_ input: MachineLifecycle<WallSink<Work>>.Input) {
    carryOut(life.handle(input, at: .now, into: &sink))
  }

  /// Carries out the effects of the latest step or arrival.
  func carryOutEffects() {
    if life.hasEffects { carryOut(life.takeEffects()) }
  }

  func carryOut(_ effects: [MachineLifecycle<WallSink<Work>>.Effect]) {
    for effect in effects {
      switch effect {
      case .report(let report): self.report(.run(report))
      case .pass(let report, let machines): pass(SupervisorNote.report(report).bytes, to: machines)
      case .reportEvents: if let events = sink.takeToldEvents() { report(events) }
      case .reportMalformed(let peer):
        report(.run(.lostLink(peer: peer, reason: "\(FrameError.malformed)")))
      case .reportMarker(let id, let peer): report(.markerArrived(id, from: peer))
      }
    }
  }

  /// Reports to the supervisor; the machine fails when its supervisor does not read.
  func report(_ report: ControlReport) {
    var isLast = false
    if case .run(.failed) = report { isLast = true }
    if !control.send(report, isLast: isLast) {
      handle(.failed(.reportsNotTaken(byteCount: FragmentedMessages.waitingByteCountMax)))
    }
  }

  private func pass(_ note: [UInt8], to machines: [MachineID]) {
    for machine in machines where machine != setup.id {
      if case .tooManyBytesWait = mesh.enqueue(note, to: machine) {
        handle(
          .failed(.peerTooSlow(peer: machine, byteCount: FragmentedMessages.waitingByteCountMax)))
      }
    }
  }

  // MARK: Waiting

  /// Waits until a descriptor is ready or `time` has come, and handles what is ready.
  private func wait(until time: MonotonicInstant) {
    let now = MonotonicInstant.now
    // What the mesh reads or ends then may change what there is to wait for.
    let isDue = mesh.nextTime <= now
    if isDue { mesh.handleTime(now: now) }
    let next = min(time, mesh.nextTime, service?.nextTime ?? .never)
    let isAlert = life.isAlert(at: now)
    if isAlert { SystemThread.yield() }
    do throws(SystemError) {
      try poller.wait(until: isAlert || isDue ? now : next) {
        token, isReadable, isWritable in
        if token == Self.controlToken {
          if isWritable { control.flush() }
          if isReadable { takeCommands() }
        } else if token >= Self.firstServiceToken {
          service?.handle(token: token, isReadable: isReadable, isWritable: isWritable)
        } else {
          mesh.handle(token: token, isReadable: isReadable, isWritable: isWritable)
        }
      }
    } catch {
      handle(.failed(.system("\(error)")))
    }
    if let service, service.nextTime <= .now {
      service.handleTime(now: .now)
    }
  }

  private func takeCommands() {
    guard case .values(let commands)? = try? control.receive(ControlCommand.self) else {
      return handle(.abandoned)
    }
    for command in commands { take(command) }
  }

  private func take(_ command: ControlCommand) {
    switch command {
    case .setUp: break
    case .link(let endpoints):
      mesh.connect(to: endpoints)
      handle(.connecting)
    case .restore(let restored):
      do throws(MachineFailure) { try restore(restored) } catch { handle(.failed(error)) }
    case .run(let command):
      switch command {
      case .beginSnapshot(let id):
        // Not through `handle`, which is not specialized: the peers wait for its markers.
        life.beginSnapshot(id, at: .now, into: &sink)
        return carryOutEffects()
      case .start: mesh.linksAgain = false
      case .endSnapshot(let id, let isComplete): service?.isOver(id, isComplete: isComplete)
      default: break
      }
      handle(.command(command))
      // Once a channel was cut, arrivals need the time, and still do after it is joined.
      if case .cut = command { delaysArrivals = life.delaysArrivals }
    case .begunSnapshot(let number, let beginning): service?.began(number, beginning)
    case .standing(let number, let standing): service?.stands(number, standing)
    case .pass(let note, let machines): pass(note, to: machines)
    case .peerEnded(let peer): mesh.end(with: peer)
    case .lose(let target): if !sink.lose(to: target) { report(.lostNone(to: target)) }
    case .vanish: handle(.abandoned)
    }
  }
}
