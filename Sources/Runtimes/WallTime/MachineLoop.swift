import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// One machine in wall time: a loop around one poller, the same in a thread and in a process.
///
/// Arrivals are taken whenever they come, ticks happen at their deadlines, and nothing is locked:
/// all that the loop touches belongs to it. Before every wait the journal is flushed, then the
/// links, so that a machine killed at any instant has lost no event it told anybody of.
final class MachineLoop<Work: Workload>: MeshObserver {
  /// What the loop is doing.
  private enum Phase {
    /// Links are being made; the supervisor has not said when to start.
    case linking
    /// Ticks are carried out as the pacer says.
    case running(Pacer)
    /// All ticks are done, or the supervisor said stop; only its last word is awaited.
    case resting
    /// The loop is over.
    case ended
  }

  /// What comes on a link and is held back by the delay.
  private enum Arrival {
    case message(Message<Work.Payload>)
    case marker(SnapshotID)
    /// Nothing comes behind this.
    case end
  }

  let setup: MachineSetup
  let control: ControlLink
  let poller: Poller
  private let mesh: Mesh
  private(set) var machine: Machine<Work>
  private(set) var sink: WallSink<Work>
  private var delayLine: DelayLine<Arrival>
  private var phase = Phase.linking
  /// What is added to the monotonic clock to give system time; fixed at the start.
  private var systemTimeOffset: Int64 = 0
  private let linkDeadline: Int64
  var instructions = InstructionQueue()
  /// Who lives in the loop and answers others; nil when nobody does.
  var guest: (any LoopGuest)?
  private var refusedCount = 0
  private var alertness: Alertness

  private static var controlToken: UInt64 { 0 }
  private static var firstMeshToken: UInt64 { 16 }
  /// How many due ticks are carried out before arrivals get their turn.
  private static var tickBatchMax: Int { 128 }
  /// How long machines may take to link up.
  private static var linkNanosecondsMax: Int64 { 30_000_000_000 }
  /// How long a machine that has ended waits for its supervisor to take its last words.
  private static var lastWordMilliseconds: Int64 { 2000 }
  /// How many refusals are reported one by one.
  private static var refusedReportMax: Int { 100 }

  /// Makes the loop of one machine; it listens from now on.
  ///
  /// - Parameters:
  ///   - setup: What to be.
  ///   - workload: What the machine is busy with.
  ///   - control: The link to its supervisor.
  ///   - makeGuest: Makes the guest that the setup may ask for.
  /// - Throws: ``MachineFailure`` when its port or its journal cannot be had.
  init(
    setup: MachineSetup, workload: Work, control: ControlLink, makeGuest: GuestMaker? = nil
  ) throws(MachineFailure) {
    self.setup = setup
    self.control = control
    let topology = setup.plan.topology
    let neighbours = topology.neighbours(of: setup.id)
    let channels = TopologyChannels(topology)
    let sources = channels.sources(of: setup.id)
    let peers = Set(neighbours + sources).sorted()
    delayLine = DelayLine(plan: setup.plan, target: setup.id, sources: sources)
    do throws(SystemError) {
      poller = try Poller()
      try control.watch(with: poller, token: Self.controlToken)
      mesh = try Mesh(
        hello: WireMessage.Hello(
          id: setup.id, token: setup.token, planDigest: setup.reach?.digest ?? 0),
        peers: peers, machineCount: setup.plan.machineCount, endpoint: setup.endpoint,
        poller: poller, firstToken: Self.firstMeshToken, hostLinks: setup.reach?.links)
    } catch {
      throw Self.failure(error, of: setup)
    }
    mesh.linksAgain = setup.reach != nil
    sink = WallSink(
      mesh: mesh, journal: try Self.makeJournal(setup, topology, workload),
      neighbours: neighbours, workload: workload,
      told: setup.toldEventCountMax > 0
        ? ToldEvents(of: setup.id, countMax: setup.toldEventCountMax) : nil,
      countedMachineCount: setup.reach?.foreign.machines.isEmpty == false
        ? setup.plan.machineCount : 0)
    machine = Machine(
      id: setup.id, neighbours: topology.neighbourhood(of: setup.id), workload: workload,
      seed: setup.plan.seed, channels: channels)
    linkDeadline =
      SystemClock.monotonicNanoseconds
      + (setup.reach?.startNanosecondsMax ?? Self.linkNanosecondsMax)
    alertness = Alertness(machineCount: setup.plan.machineCount)
    try letGuestIn(makeGuest)
    // The mesh keeps its observer alive, and the loop the mesh: whoever sets this must close it. A
    // guest that cannot move in must find no such circle.
    mesh.observer = self
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
    _ setup: MachineSetup, _ topology: Topology, _ workload: Work
  ) throws(MachineFailure) -> JournalWriter? {
    guard let path = setup.journalPath else { return nil }
    do throws(SystemError) {
      return try JournalWriter(
        path: path, machine: setup.id, topology: topology, hasMoney: workload.balance != nil)
    } catch {
      throw .journalNotCreated(path: path, reason: error.reason)
    }
  }

  /// Runs the machine until its supervisor sends it away, or is gone.
  func run() {
    ThisProcess.sharpenTimers()
    report(.listening(port: mesh.port))
    loop: while true {
      switch phase {
      case .linking: linkOn()
      case .running(let pacer): runOn(pacer)
      case .resting: restOn()
      case .ended: break loop
      }
    }
    flush()
    guest?.moveOut()
    guest = nil
    mesh.close()
    control.drain(milliseconds: Self.lastWordMilliseconds)
  }

  // MARK: Linking and running

  private func linkOn() {
    let now = SystemClock.monotonicNanoseconds
    mesh.handleTime(now: now)
    if !mesh.isComplete && now > linkDeadline {
      end(with: .unreachable(peers: mesh.missingPeers))
      return
    }
    mesh.flush()
    guest?.flush()
    let next = min(mesh.nextTime ?? .max, mesh.isComplete ? .max : linkDeadline)
    wait(until: next == .max ? nil : next)
  }

  /// Carries out what is due, then waits for what comes next.
  private func runOn(_ pacer: Pacer) {
    var pacer = pacer
    var ticksLeft = Self.tickBatchMax
    var waitTime: Int64 = 0
    instructions.refuseLate(now: SystemClock.monotonicNanoseconds, into: &sink)
    deciding: while true {
      let now = SystemClock.monotonicNanoseconds
      releaseDelayed(now: now)
      switch pacer.advise(now: now) {
      case .tick where ticksLeft > 0:
        tick(now: now)
        pacer.ticked()
        ticksLeft -= 1
      case .tick:
        break deciding
      case .spin(let until) where ticksLeft == Self.tickBatchMax:
        flush()
        while SystemClock.monotonicNanoseconds < until {}
      case .spin:
        // Ticks have just happened: what they said goes out before the next one is awaited.
        break deciding
      case .sleep(let until):
        waitTime = until
        break deciding
      case .rest(let until) where until <= now:
        phase = .resting
        instructions.endRun(into: &sink)
        flush()
        // Nobody is told that all went well when the last lines could not be written.
        if case .resting = phase {
          tellEvents()
          tell(.finished(sink.progress))
        }
        return
      case .rest(let until):
        waitTime = until
        break deciding
      }
    }
    phase = .running(pacer)
    flush()
    if case .running = phase {
      mesh.handleTime(now: SystemClock.monotonicNanoseconds)
      wait(
        until: min(
          waitTime, mesh.nextTime ?? .max, delayLine.nextDue, nextReportTime,
          instructions.nextDeadline))
    }
  }

  /// Takes in what still arrives, and answers markers, until the supervisor says stop.
  private func restOn() {
    releaseDelayed(now: SystemClock.monotonicNanoseconds)
    flush()
    if case .resting = phase {
      let next = min(delayLine.nextDue, mesh.nextTime ?? .max, nextReportTime)
      wait(until: next == .max ? nil : next)
      mesh.handleTime(now: SystemClock.monotonicNanoseconds)
    }
  }

  private func tick(now: Int64) {
    sink.systemTime = now + systemTimeOffset
    if !instructions.isEmpty, instructions.tick(&machine, into: &sink, now: now) { return }
    machine.tick(into: &sink)
  }

  /// Writes the journal, then the links; ends the machine when either cannot be.
  ///
  /// Markers without messages need not wait for the journal: they tell of no event.
  private func flush() {
    if !sink.hasUnsentMessages { mesh.flush() }
    do throws(SystemError) {
      try sink.journal?.flush()
    } catch {
      sink.fail(.journalNotWritten(path: error.subject, reason: error.reason))
    }
    if let failure = sink.failure {
      if case .ended = phase { return }
      end(with: failure)
      return
    }
    mesh.flush()
    sink.hasUnsentMessages = false
    let now = SystemClock.monotonicNanoseconds
    for report in sink.takeReports(systemTime: now + systemTimeOffset) { hand(report) }
    // What goes to other hosts need not wait for the next tick.
    mesh.flush()
    guest?.flush()
  }

  /// When a recorded state is to be reported, on the monotonic clock.
  private var nextReportTime: Int64 {
    sink.nextReportTime == .max ? .max : sink.nextReportTime - systemTimeOffset
  }

  /// Tells the supervisor, and in a run on several hosts those on others whom it concerns.
  func tell(_ report: ControlReport) {
    let isAlone = setup.reach == nil
    switch isAlone ? .own : report.audience {
    case .supervisor(let initiator):
      let gatherer = setup.reach?.foreign.gatherer(of: initiator) ?? initiator
      if gatherer == setup.id {
        self.report(report)
      } else {
        pass(HostNote.report(report).bytes, to: [gatherer])
      }
    case .own:
      self.report(report)
    case .all:
      self.report(report)
      pass(HostNote.report(report).bytes, to: setup.plan.topology.machineIDs)
    }
  }

  private func pass(_ note: [UInt8], to machines: [MachineID]) {
    for machine in machines where machine != setup.id {
      if case .tooManyBytesWait = mesh.post(note, to: machine) {
        sink.fail(.peerTooSlow(peer: machine, byteCount: Letters.waitingByteCountMax))
      }
    }
  }

  /// Tells the supervisor; a machine whose supervisor takes nothing cannot go on.
  func report(_ report: ControlReport) {
    var isLast = false
    if case .failed = report { isLast = true }
    if !control.send(report, isLast: isLast) {
      sink.fail(.reportsNotTaken(byteCount: Letters.waitingByteCountMax))
    }
  }

  private func reportEnd() {
    tellEvents()
    report(.finished(sink.progress))
  }

  private func tellEvents() {
    if let events = sink.takeToldEvents() { report(events) }
  }

  private func end(with failure: MachineFailure) {
    tell(.failed(failure))
    phase = .ended
  }

  // MARK: Waiting

  /// Waits until something arrives or `time` has come, and takes in what arrived.
  private func wait(until machineTime: Int64?) {
    let next = min(machineTime ?? .max, guest?.nextTime ?? .max)
    let time = next == .max ? nil : next
    let isAlert = alertness.isAlert(whileWaiting: machine.isRecording)
    if isAlert { SystemThread.yield() }
    let nanoseconds =
      isAlert ? 0 : time.map { max(0, $0 - SystemClock.monotonicNanoseconds) }
    do throws(SystemError) {
      try poller.wait(nanoseconds: nanoseconds) { token, isReadable, isWritable in
        if token == Self.controlToken {
          if isWritable { control.flush() }
          if isReadable { takeOrders() }
        } else if token >= Self.firstGuestToken {
          guest?.handle(token: token, isReadable: isReadable, isWritable: isWritable)
        } else {
          mesh.handle(token: token, isReadable: isReadable, isWritable: isWritable)
        }
      }
    } catch {
      end(with: .system("\(error)"))
    }
    if let guest {
      let now = SystemClock.monotonicNanoseconds
      if guest.nextTime <= now { guest.handleTime(now: now) }
    }
  }

  private func takeOrders() {
    guard let arrival = try? control.receive(ControlOrder.self) else {
      phase = .ended
      return
    }
    switch arrival {
    case .values(let orders):
      for order in orders { take(order) }
    case .ended:
      phase = .ended
    }
  }

  func take(_ order: ControlOrder) {
    switch order {
    case .setUp:
      break
    case .link(let endpoints):
      mesh.connect(to: endpoints)
      reportIfLinked()
    case .start(let monotonic, let epoch):
      mesh.linksAgain = false
      systemTimeOffset = epoch - monotonic
      phase = .running(
        Pacer(start: monotonic, plan: setup.plan, rate: setup.plan.rates[setup.id.index]))
      for peer in mesh.missingPeers {
        lostLink(to: peer, reason: .broken(reason: "there was no link at the start"))
      }
    case .report:
      report(.progress(sink.progress))
      tellEvents()
    case .beginSnapshot:
      sink.systemTime = SystemClock.monotonicNanoseconds + systemTimeOffset
      machine.beginSnapshot(into: &sink)
      alertness.stir()
    case .abortSnapshot(let id, let cause):
      machine.abortSnapshot(id, because: cause, into: &sink)
    case .account(let number, let request, let deadline):
      instructions.receive(
        request, number: number, deadline: deadline, on: machine, into: &sink)
      if case .resting = phase { instructions.endRun(into: &sink) }
    case .begunSnapshot(let number, let beginning):
      guest?.began(number, beginning)
    case .standing(let number, let standing):
      guest?.stands(number, standing)
    case .snapshotOver(let id, let isComplete):
      guest?.isOver(id, isComplete: isComplete)
    case .pass(let note, let machines):
      pass(note, to: machines)
    case .stop:
      instructions.endRun(into: &sink)
      if case .resting = phase {} else { reportEnd() }
      phase = .ended
    }
  }

  private func reportIfLinked() {
    if mesh.isComplete { tell(.linked) }
  }

  // MARK: What happens on the links

  func arrived(from peer: MachineID, reading: UInt64, amount: Int64?) {
    guard let payload = Work.payload(carrying: amount) else {
      lostLink(to: peer, reason: .malformed)
      return
    }
    guard machine.inbox.count < Self.inboxCountMax else {
      sink.fail(.inboxFull(count: machine.inbox.count))
      return
    }
    let message = Message(source: peer, reading: reading, payload: payload)
    hold(.message(message), from: peer, isMessage: true)
  }

  /// Takes in what came on a link: now, or when its delay is over.
  private func hold(_ arrival: Arrival, from peer: MachineID, isMessage: Bool) {
    let now = setup.plan.delay == .none ? 0 : SystemClock.monotonicNanoseconds
    if !delayLine.hold(arrival, from: peer, isMessage: isMessage, now: now) {
      take(arrival, from: peer, now: SystemClock.monotonicNanoseconds)
    }
  }

  private func releaseDelayed(now: Int64) {
    while let (source, arrival) = delayLine.popDue(now: now) {
      take(arrival, from: source, now: now)
    }
  }

  /// Takes in an arrival; `now` is what its line in the journal says, if it has one, so that no
  /// tick decided upon before it has an earlier time.
  private func take(_ arrival: Arrival, from peer: MachineID, now: @autoclosure () -> Int64) {
    switch arrival {
    case .message(let message):
      guard sink.admit(message, besides: machine.workload) else {
        lostLink(to: peer, reason: .malformed)
        return
      }
      machine.arrive(message)
    case .marker(let id):
      sink.systemTime = now() + systemTimeOffset
      machine.arriveMarker(id, from: peer, into: &sink)
      alertness.stir()
    case .end:
      machine.closeChannel(from: peer, into: &sink)
    }
  }

  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {
    guard initiator.index < setup.plan.machineCount else { return }
    let id = SnapshotID(initiator: initiator, number: number)
    hold(.marker(id), from: peer, isMessage: false)
  }

  func linked(to peer: MachineID) {
    reportIfLinked()
  }

  func lostLink(to peer: MachineID, reason: FrameError?) {
    defer {
      report(.lostLink(peer: peer, reason: reason.map { "\($0)" } ?? "it ended the link"))
    }
    // Before the start a peer of another host may come back, and its channel with it.
    if case .linking = phase, setup.reach != nil { return }
    if let place = sink.neighbours.firstIndex(of: peer) {
      machine.closeChannel(to: Neighbour(place: place))
    }
    // What the peer sent before still arrives; its channel closes behind that.
    hold(.end, from: peer, isMessage: false)
  }

  func turnedAway(by peer: MachineID, origin: String, because refusal: Refusal) {
    report(.turnedAway(by: peer, origin: origin, refusal))
  }

  func arrivedLetter(from peer: MachineID, _ letter: [UInt8]) {
    report(.heard(from: peer, note: letter))
  }

  func visited(on descriptor: Descriptor) {
    if !control.send(ControlReport.visited(descriptor: descriptor.number)) { descriptor.end() }
  }

  func refused(origin: String, reason: String) {
    refusedCount += 1
    if refusedCount <= Self.refusedReportMax {
      report(.refused(origin: origin, reason: reason))
    }
  }

  /// The most messages an inbox may hold: 16 million, some hundreds of megabytes.
  private static var inboxCountMax: Int { 1 << 24 }
}
