import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// Starts the machines of a run, lets them begin together, and sees them all end.
///
/// It has one control link per machine and one loop around one poller, and never waits on anything
/// else. When it is gone, its links end, and so do the machines.
package final class Supervisor {
  private let plan: RunPlan
  private let options: WallRunOptions
  private let observer: any SupervisorObserver
  private let poller: Poller
  private let interrupts: Descriptor
  private var members: [Member] = []
  private var phase = Phase.linking
  private var ending: WallRunEnding?
  private var deaths: [MachineDeath] = []
  private var lostLinks: [LostLink] = []
  private var interruptCount = 0
  private var linkDeadline = Int64.max
  /// Whether nothing is waited for any more, threads that have not ended included.
  private var isOver = false
  private var start: (monotonic: Int64, epoch: Int64)?
  private var nextReport = Int64.max
  private var keeper: SnapshotKeeper
  private var alertness: Alertness
  /// The snapshots the plan asks for and that are not begun, the next one last.
  private var scheduled: [SnapshotSchedule.Entry]
  private let visitors: ControlSocket?
  private var desk = AnswerDesk()
  private let commands: CommandReader?

  private enum Phase {
    /// Machines make their links.
    case linking
    /// Machines carry out their ticks.
    case running
    /// Machines were told to end; those that have not by the deadline are killed.
    case stopping(deadline: Int64)
  }

  /// A machine as its supervisor sees it.
  private struct Member {
    let link: ControlLink
    let host: MachineStart.Host
    var port: UInt16?
    var isLinked = false
    var progress: MachineProgress?
    var isFinished = false
    var failure: MachineFailure?
    var isGone = false
  }

  /// A link that a machine reported as lost; a death that explains it may still be on its way.
  private struct LostLink {
    let machine: MachineID
    let peer: MachineID
    let reason: String
    let deadline: Int64
  }

  private static let interruptToken = UInt64.max
  /// How long machines may take until all are linked; each gives up by itself before that.
  private static let linkNanosecondsMax: Int64 = 60_000_000_000
  /// How long machines have to end when they are told to.
  private static let stopNanosecondsMax: Int64 = 900_000_000
  /// How long a lost link waits for the death that explains it.
  private static let lostLinkNanoseconds: Int64 = 300_000_000

  /// Prepares to run a plan; nothing is started yet.
  ///
  /// - Parameters:
  ///   - plan: What the machines do.
  ///   - options: How the run is carried out.
  ///   - interrupts: Yields a byte for each Ctrl-C.
  ///   - observer: Hears of the run while it goes on.
  /// - Throws: ``WallRunFailure`` when the system has too little for the run.
  package init(
    plan: RunPlan, options: WallRunOptions, interrupts: Descriptor,
    observer: any SupervisorObserver
  ) throws(WallRunFailure) {
    self.plan = plan
    self.options = options
    self.observer = observer
    self.interrupts = interrupts
    keeper = SnapshotKeeper(channels: TopologyChannels(plan.topology), delay: plan.delay)
    alertness = Alertness(machineCount: plan.machineCount)
    scheduled = plan.snapshots.resolved(
      duration: plan.duration, machineCount: plan.machineCount
    ).reversed()
    let spareCount = try Self.raiseOpenFileLimit(plan: plan, runtime: options.runtime)
    do throws(SystemError) {
      poller = try Poller()
      try poller.add(interrupts, token: Self.interruptToken)
      visitors = Self.openDoor(
        options, visitorCountMax: spareCount, poller: poller, observer: observer)
      commands = options.readsCommands ? CommandReader(poller: poller) : nil
    } catch {
      throw .notStarted(error)
    }
  }

  /// A run goes on without a control socket, where none can be made: a path too long for one.
  private static func openDoor(
    _ options: WallRunOptions, visitorCountMax: Int, poller: Poller,
    observer: any SupervisorObserver
  ) -> ControlSocket? {
    guard options.opensControlSocket else { return nil }
    do throws(SystemError) {
      return try ControlSocket(
        path: options.directory.controlSocketPath, visitorCountMax: visitorCountMax, poller: poller)
    } catch {
      observer.warned("'scalemodel snapshot' will not reach this run: \(error)")
      return nil
    }
  }

  /// Makes room for every descriptor the run needs: in `threads` both ends of every link are ours.
  ///
  /// - Returns: How many more there may be for visitors.
  /// - Throws: That the system allows too few.
  private static func raiseOpenFileLimit(
    plan: RunPlan, runtime: WallRuntime
  ) throws(WallRunFailure) -> Int {
    let machineCount = plan.machineCount
    let ownPerMachine = 5  // Two ends of the control link, a poller, a listener, a journal.
    let needed: Int
    switch runtime {
    case .threads:
      let linkEnds = min(2 * plan.topology.channelCount, machineCount * (machineCount - 1))
      needed = linkEnds + ownPerMachine * machineCount + 32
    case .processes:
      needed = 2 * machineCount + 32
    }
    let visitorCountMin = 32
    let visitorCountMax = 256
    let allowed = ThisProcess.raiseOpenFileLimit(to: needed + visitorCountMax)
    guard allowed >= needed + visitorCountMin else {
      throw .tooFewOpenFiles(needed: needed + visitorCountMin, allowed: allowed)
    }
    return min(visitorCountMax, allowed - needed)
  }

  /// Runs the machines to their end.
  ///
  /// - Returns: How the run ended; every machine has ended too.
  package func run() -> WallRunOutcome {
    do throws(WallRunFailure) {
      try startMachines()
      loop: while true {
        step()
        if isOver || members.allSatisfy(\.isGone) { break loop }
      }
    } catch {
      ending = .failed(error)
      killAll()
    }
    visitors?.close()
    for member in members {
      if case .thread(let thread) = member.host, member.isGone { thread.join() }
    }
    return WallRunOutcome(
      ending: ending ?? .finished, startTime: start?.epoch,
      progress: members.map { $0.isFinished ? $0.progress : nil }, deaths: deaths,
      snapshots: keeper.ids)
  }

  // MARK: Starting

  private func startMachines() throws(WallRunFailure) {
    linkDeadline = SystemClock.monotonicNanoseconds + Self.linkNanosecondsMax
    let token = RunToken(high: ThisProcess.randomWord(), low: ThisProcess.randomWord())
    for id in plan.topology.machineIDs {
      do throws(SystemError) {
        let (ours, theirs) = try Socket.pair()
        let host = try MachineStart.start(
          options.runtime, executablePath: options.executablePath, control: theirs,
          makeGuest: options.makeGuest)
        try poller.add(ours, token: UInt64(id.number))
        members.append(Member(link: ControlLink(ours), host: host))
      } catch {
        throw .notStarted(error)
      }
      members[id.index].link.send(
        ControlOrder.setUp(
          MachineSetup(
            id: id, plan: plan, token: token, host: "127.0.0.1",
            port: options.firstPort == 0 ? 0 : options.firstPort + UInt16(id.number),
            journalPath: options.hasJournals ? options.directory.journalPath(of: id) : nil,
            toldTransferCountMax: options.tellsTransfers ? Self.toldTransferCountMax(plan) : 0,
            guest: guestSetup(of: id))))
    }
  }

  private func guestSetup(of id: MachineID) -> GuestSetup? {
    options.firstGuestEndpoint.map { first in
      GuestSetup(
        endpoint: Endpoint(host: first.host, port: first.port + UInt16(id.number)),
        runPath: options.directory.path)
    }
  }

  /// All machines together tell a thousand transfers a turn, so that who reads them keeps up.
  private static func toldTransferCountMax(_ plan: RunPlan) -> Int {
    max(4, 1000 / plan.machineCount)
  }

  /// Tells every machine where the others listen, once all do.
  private func linkIfAllListen() {
    let ports = members.compactMap(\.port)
    guard ports.count == members.count else { return }
    sendToAll(.link(ports.map { Endpoint(host: "127.0.0.1", port: $0) }))
  }

  /// Lets all machines begin at one instant, once all are linked.
  private func startIfAllLinked() {
    guard case .linking = phase, members.allSatisfy(\.isLinked) else { return }
    let lead = 5_000_000 + 200_000 * Int64(members.count)
    let monotonic = SystemClock.monotonicNanoseconds + lead
    let epoch = SystemClock.epochNanoseconds + lead
    start = (monotonic, epoch)
    phase = .running
    sendToAll(.start(monotonicNanoseconds: monotonic, epochNanoseconds: epoch))
    observer.started(at: epoch)
    nextReport = observer.progressNanoseconds.map { monotonic + $0 } ?? .max
  }

  private func sendToAll(_ order: ControlOrder) {
    for member in members where !member.isGone { member.link.send(order) }
  }

  // MARK: The loop

  /// Waits for the next thing to happen, and handles it.
  private func step() {
    var deadline = min(
      nextReport, lostLinks.map(\.deadline).min() ?? .max, keeper.nextDeadline, nextSnapshot)
    switch phase {
    case .linking: deadline = min(deadline, linkDeadline)
    case .running: break
    case .stopping(let stopDeadline): deadline = min(deadline, stopDeadline)
    }
    let now = SystemClock.monotonicNanoseconds
    let isAlert = alertness.isAlert(whileWaiting: keeper.isWaiting)
    if isAlert { SystemThread.yield() }
    let nanoseconds = isAlert ? 0 : deadline == .max ? nil : max(0, deadline - now)
    _ = try? poller.wait(nanoseconds: nanoseconds) {
      token, _, _ in
      switch token {
      case Self.interruptToken: takeInterrupt()
      case CommandReader.token: takeCommands()
      case ControlSocket.firstToken...: takeVisit(token: token)
      default: takeReports(from: MachineID(Int(token)))
      }
    }
    handleTime(now: SystemClock.monotonicNanoseconds)
  }

  private func handleTime(now: Int64) {
    if now >= nextReport, let interval = observer.progressNanoseconds, let start {
      observer.progressed(
        elapsedNanoseconds: min(now - start.monotonic, plan.duration.nanoseconds),
        members.map { $0.progress ?? MachineProgress() })
      if case .running = phase { sendToAll(.report) }
      nextReport = now + interval
    }
    if case .stopping(let deadline) = phase, now >= deadline { killAll() }
    if case .linking = phase, now >= linkDeadline {
      stop(.failed(.notLinked(plan.topology.machineIDs.filter { !members[$0.index].isLinked })))
    }
    if case .running = phase {
      explainLostLinks(now: now)
      beginDueSnapshots(now: now)
    }
    if now >= keeper.nextDeadline {
      carryOut(keeper.handleTime(now: now, systemTime: systemTime))
    }
  }

  private func takeInterrupt() {
    let signal = ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT
    interruptCount += 1
    if interruptCount == 1 {
      stop(.interrupted(signal: signal))
    } else {
      killAll()
    }
  }

  private func takeReports(from id: MachineID) {
    guard !members[id.index].isGone else { return }
    switch try? members[id.index].link.receive(ControlReport.self) {
    case .values(let reports):
      for report in reports { take(report, from: id) }
    case .ended(let reports):
      for report in reports { take(report, from: id) }
      takeEnd(of: id)
    case nil:
      takeEnd(of: id)
    }
  }

  private func take(_ report: ControlReport, from id: MachineID) {
    switch report {
    case .listening(let port):
      members[id.index].port = port
      linkIfAllListen()
    case .linked:
      members[id.index].isLinked = true
      startIfAllLinked()
    case .progress(let progress):
      members[id.index].progress = progress
    case .transfers(let transfers, let leftOutCount):
      observer.transferred(transfers, by: id, leftOutCount: leftOutCount)
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
      stopIfAllFinished()
    case .failed(let failure):
      members[id.index].failure = failure
    case .recorded(let part):
      keeper.recorded(part, now: SystemClock.monotonicNanoseconds)
    case .finishedPart(let snapshot, let part):
      let now = SystemClock.monotonicNanoseconds
      carryOut(keeper.finished(snapshot, part, by: id, now: now, systemTime: systemTime))
    case .account(let number, let answer):
      desk.pass(answer, to: number)
    case .wantsSnapshot(let number):
      let beginning = beginSnapshot(forGuestOf: id)
      members[id.index].link.send(ControlOrder.begunSnapshot(number: number, beginning))
    case .asksStanding(let number, let snapshot):
      let standing = keeper.standing(of: snapshot, systemTime: systemTime)
      members[id.index].link.send(ControlOrder.standing(number: number, standing.brief))
    case .lostLink(let peer, let reason):
      lostLinks.append(
        LostLink(
          machine: id, peer: peer, reason: reason,
          deadline: SystemClock.monotonicNanoseconds + Self.lostLinkNanoseconds))
    case .refused(let origin, let reason):
      // Machines that leave while others still link up are no strangers.
      if case .stopping = phase { break }
      observer.warned("machine \(id) refused a connection from \(origin): \(reason)")
    }
  }

  // MARK: Snapshots

  /// The system time now, by the run's own clock: its start's and the monotonic time since.
  private var systemTime: Int64 {
    guard let start else { return SystemClock.epochNanoseconds }
    return start.epoch + SystemClock.monotonicNanoseconds - start.monotonic
  }

  /// When the next scheduled snapshot is due, on the monotonic clock.
  private var nextSnapshot: Int64 {
    guard case .running = phase, let start, let next = scheduled.last else { return .max }
    return start.monotonic + next.time.nanoseconds
  }

  private func beginDueSnapshots(now: Int64) {
    while nextSnapshot <= now, let entry = scheduled.popLast() {
      if beginSnapshot(by: entry.initiator, deadline: .max) == nil {
        observer.warned("no snapshot at \(entry.time): machine \(entry.initiator) is dead")
      }
    }
  }

  /// Asks a machine to begin a snapshot; nil when it is dead.
  private func beginSnapshot(by initiator: MachineID, deadline: Int64) -> SnapshotID? {
    guard
      let (id, effects) = keeper.begin(
        by: initiator, now: SystemClock.monotonicNanoseconds, systemTime: systemTime,
        deadline: deadline)
    else { return nil }
    carryOut(effects)
    alertness.stir()
    return id
  }

  /// How many snapshots may be under way when a guest wants another one: nobody can keep a run busy
  /// with nothing but snapshots.
  private static let guestSnapshotCountMax = 64

  private func beginSnapshot(forGuestOf machine: MachineID) -> SnapshotBeginning {
    guard case .running = phase else { return .refused(reason: "the machines are not running") }
    guard keeper.pendingCount < Self.guestSnapshotCountMax else {
      return .refused(reason: "\(Self.guestSnapshotCountMax) snapshots are under way already")
    }
    return beginSnapshot(by: machine, deadline: .max).map { .begun($0) }
      ?? .refused(reason: "machine \(machine) is dead")
  }

  private func carryOut(_ effects: [SnapshotKeeper.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let order, let machine):
        if !members[machine.index].isGone { members[machine.index].link.send(order) }
      case .settled(let snapshot):
        settle(snapshot)
      }
    }
  }

  /// Writes a snapshot's file, then tells of it.
  private func settle(_ snapshot: SnapshotFile) {
    do throws(SystemError) {
      try snapshot.write(to: options.directory)
    } catch {
      desk.settle(snapshot.id, with: .refused(reason: "it cannot be written: \(error)"))
      stop(.failed(.snapshotNotWritten(error)))
      return
    }
    desk.settle(snapshot.id, with: .settled(snapshot.id, snapshot.status))
    if options.firstGuestEndpoint != nil {
      sendToAll(.snapshotOver(snapshot.id, isComplete: snapshot.status == .complete))
    }
    observer.tookSnapshot(snapshot)
  }

  /// Takes in what was typed.
  private func takeCommands() {
    for command in commands?.read() ?? [] {
      switch command {
      case .snapshot(let machine) where plan.topology.machineIDs.contains(machine):
        guard case .running = phase else {
          observer.warned("no snapshot: the machines are not running")
          continue
        }
        let deadline = SystemClock.monotonicNanoseconds + ControlRequest.timeoutDefault
        if beginSnapshot(by: machine, deadline: deadline) == nil {
          observer.warned("no snapshot: machine \(machine) is dead")
        }
      case .snapshot(let machine):
        observer.warned(
          "there is no machine \(machine); type snapshot and an id from 0 to "
            + "\(plan.machineCount - 1)")
      case .unknown(let words):
        observer.warned("'\(words)' is no command; type snapshot, or snapshot and a machine's id")
      }
    }
  }

  /// Takes in what another program asks over the control socket.
  private func takeVisit(token: UInt64) {
    guard let visitors else { return }
    for (visitor, request) in visitors.handle(token: token) {
      take(request) { visitors.answer(visitor, $0) }
    }
  }

  /// Takes in what somebody asks, over whatever connection.
  ///
  /// - Parameters:
  ///   - request: The question.
  ///   - answer: Called once, now or later, with what is to be answered.
  private func take(_ request: ControlRequest, answer: @escaping AnswerDesk.Answer) {
    guard case .running = phase else {
      return answer(.refused(reason: "the machines are not running"))
    }
    switch request.meaning(in: plan) {
    case .nonsense(let said):
      answer(said)
    case .snapshot(let machine):
      let deadline = SystemClock.monotonicNanoseconds + request.timeoutNanoseconds
      guard let id = beginSnapshot(by: machine, deadline: deadline) else {
        return answer(.refused(reason: "machine \(machine) is dead"))
      }
      desk.await(id, answer: answer)
    case .account(let machine, let accountRequest):
      guard !members[machine.index].isGone else {
        return answer(.refused(reason: "machine \(machine) is dead"))
      }
      let number = desk.await(accountOf: machine, answer: answer)
      let deadline = SystemClock.monotonicNanoseconds + request.timeoutNanoseconds
      members[machine.index].link.send(
        ControlOrder.account(number: number, accountRequest, deadline: deadline))
    }
  }

  // MARK: Ends

  private func stopIfAllFinished() {
    if members.allSatisfy({ $0.isFinished || $0.isGone }) { stop(.finished) }
  }

  /// Tells the machines to end; the first reason to do so is the one that counts.
  private func stop(_ reason: WallRunEnding) {
    if ending == nil { ending = reason }
    if case .stopping = phase { return }
    phase = .stopping(deadline: SystemClock.monotonicNanoseconds + Self.stopNanosecondsMax)
    carryOut(keeper.endRun(systemTime: systemTime))
    sendToAll(.stop)
  }

  /// Takes in that a machine's control link has ended, and with it the machine.
  private func takeEnd(of id: MachineID) {
    poller.remove(members[id.index].link.descriptor)
    members[id.index].isGone = true
    desk.died(id)
    let cause = causeOfEnd(of: members[id.index])
    if case .stopping = phase { return }
    if members[id.index].isFinished { return }
    let death = MachineDeath(machine: id, cause: cause)
    guard options.continuesOnFailure, case .running = phase else {
      deaths.append(death)
      stop(.failed(.machineDied(death)))
      return
    }
    deaths.append(death)
    observer.warned("\(death); the others go on")
    carryOut(
      keeper.died(id, now: SystemClock.monotonicNanoseconds, systemTime: systemTime))
    if members.allSatisfy(\.isGone) {
      stop(.failed(.machineDied(death)))
    } else {
      stopIfAllFinished()
    }
  }

  private func causeOfEnd(of member: Member) -> MachineDeath.Cause {
    guard case .process(let process) = member.host else {
      return member.failure.map { .failed($0) } ?? .vanished
    }
    let processEnding = process.waitForEnding()
    if let failure = member.failure { return .failed(failure) }
    switch processEnding {
    case .killed(let signal): return .killed(processID: process.id, signal: signal)
    case .exited(let code): return .exited(processID: process.id, code: code)
    case nil: return .vanished
    }
  }

  /// A lost link that no death explains is a failure of its own.
  private func explainLostLinks(now: Int64) {
    lostLinks.removeAll { members[$0.machine.index].isGone || members[$0.peer.index].isGone }
    guard let lost = lostLinks.first(where: { $0.deadline <= now }) else { return }
    lostLinks.removeAll { $0.deadline <= now }
    if options.continuesOnFailure {
      observer.warned(
        "the link between machines \(lost.machine) and \(lost.peer) broke: \(lost.reason)")
    } else {
      stop(.failed(.linkBroke(lost.machine, lost.peer, reason: lost.reason)))
    }
  }

  /// Ends at once what has not ended by itself; a thread ends with this process.
  private func killAll() {
    for index in members.indices where !members[index].isGone {
      if case .process(let process) = members[index].host {
        process.signal(SIGKILL)
        _ = process.waitForEnding()
        members[index].isGone = true
      }
    }
    isOver = true
  }
}
