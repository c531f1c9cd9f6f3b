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
///
/// Of a run on several hosts each has a supervisor, and all know of all machines: the one that runs
/// here reports over its control link, the others in notes (`Supervisor+Hosts.swift`).
package final class Supervisor {
  let plan: RunPlan
  let options: WallRunOptions
  let observer: any SupervisorObserver
  private let poller: Poller
  private let interrupts: Descriptor
  /// What the control links read into.
  private let buffer = ReadBuffer(byteCount: ControlLink.bufferByteCount)
  /// The snapshots that were asked for and not begun.
  var refusals = SnapshotRefusals()
  var members: [Member] = []
  private(set) var phase = Phase.linking
  private var ending: WallRunEnding?
  private var deaths: [MachineDeath] = []
  private var lostLinks: [LostLink] = []
  private var interruptCount = 0
  private var linkDeadline = Int64.max
  /// Whether nothing is waited for any more, threads that have not ended included.
  private var isOver = false
  private(set) var start: (monotonic: Int64, epoch: Int64)?
  private var nextReport = Int64.max
  /// When to look next whether the run directory is still in its place.
  var nextLook = Int64.max
  var keeper: SnapshotKeeper
  var alertness: Alertness
  /// The snapshots the plan asks for and that are not begun, the next one last.
  private var scheduled: [SnapshotSchedule.Entry]
  /// What is known of the other hosts; nil when all machines are on this one.
  var hosts: OtherHosts?
  let visitors: ControlSocket?
  var desk = AnswerDesk()
  let commands: CommandReader?
  /// The snapshots under way that were typed at this run.
  var typedSnapshots: Set<SnapshotID> = []

  enum Phase {
    /// Machines make their links.
    case linking
    /// Machines carry out their ticks.
    case running
    /// Machines were told to end; those that have not by the deadline are killed.
    case stopping(deadline: Int64)
  }

  /// A machine as its supervisor sees it.
  struct Member {
    /// Nil when the machine is elsewhere.
    let link: ControlLink?
    /// Whether it was seen to fail or end: it takes no further part in the run.
    var isDead = false
    let host: MachineStart.Host
    var port: UInt16?
    var isLinked = false
    var progress: MachineProgress?
    var isFinished = false
    var failure: MachineFailure?
    /// Whether its thread or process has ended, or its host is out of reach.
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
  /// How much later than a machine of another host its supervisor gives up by itself.
  private static let linkNanosecondsSpare: Int64 = 2_000_000_000
  /// How much later than the run's end machines may finish; then the run has failed.
  ///
  /// With the time they have to stop it makes ``graceNanoseconds``.
  private static let lateNanosecondsMax: Int64 = 8_000_000_000
  /// How long machines have to end when they are told to: processes, which are killed then, and
  /// threads, which only the end of this process ends.
  private static let stopNanosecondsMax: Int64 = 900_000_000
  private static let threadStopNanosecondsMax: Int64 = 1_900_000_000
  /// How long threads have to carry out the order to stop once nobody wants to wait any more.
  private static let threadHurryNanoseconds: Int64 = 250_000_000
  /// How long after its duration a run has ended, whatever its machines do.
  package static let graceNanoseconds: Int64 = 10_000_000_000
  /// How long a process that has closed its link may take to end before it is killed.
  private static let processEndMilliseconds = 1000
  /// How long the run may take to end in order after a second signal, counting journals included.
  private static let secondSignalMilliseconds = 10_000
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
    hosts = options.cluster.map { OtherHosts(around: $0) }
    self.options = options
    self.observer = observer
    self.interrupts = interrupts
    keeper = SnapshotKeeper(channels: TopologyChannels(plan.topology), delay: plan.delay)
    alertness = Alertness(machineCount: plan.machineCount)
    scheduled = plan.snapshots.resolved(
      duration: plan.duration, machineCount: plan.machineCount
    ).reversed()
    let spareCount = try Self.raiseOpenFileLimit(plan: plan, options: options)
    try Self.checkMemory(plan: plan, options: options)
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

  /// Runs the machines to their end.
  ///
  /// - Returns: How the run ended. Every machine has ended too, but for threads that did not obey.
  package func run() -> WallRunOutcome {
    do throws(WallRunFailure) {
      try startMachines()
    } catch {
      stop(.failed(error))
    }
    while !isOver, !members.allSatisfy({ $0.isGone || $0.link == nil }) { step() }
    visitors?.close()
    for member in members {
      // It has closed its link, which is the last thing it does.
      if case .thread(let thread) = member.host, member.isGone { thread.join() }
    }
    return WallRunOutcome(
      ending: ending ?? .finished, startTime: start?.epoch,
      progress: plan.topology.machineIDs.map { id in
        // Of machines that were never started nothing is known.
        members.indices.contains(id.index) && members[id.index].isFinished
          ? members[id.index].progress : nil
      }, deaths: deaths, snapshots: keeper.ids, remarks: refusals.remarks)
  }

  // MARK: Starting

  private func startMachines() throws(WallRunFailure) {
    let patience =
      options.cluster.map { $0.file.startTimeout.nanoseconds + Self.linkNanosecondsSpare }
      ?? Self.linkNanosecondsMax
    linkDeadline = SystemClock.monotonicNanoseconds + patience
    let token = RunToken(high: ThisProcess.randomWord(), low: ThisProcess.randomWord())
    try writeGuestToken(token)
    for id in plan.topology.machineIDs {
      // Starting thousands takes a while; a Ctrl-C meanwhile is heeded at the next step.
      if interrupts.waitUntilReadable(milliseconds: 0) { return }
      guard options.cluster.map({ $0.machine == id }) ?? true else {
        members.append(Member(link: nil, host: .elsewhere))
        continue
      }
      do throws(SystemError) {
        let (ours, theirs) = try Socket.pair()
        let host = try MachineStart.start(id, options, control: theirs)
        let link = ControlLink(ours, buffer: buffer)
        members.append(Member(link: link, host: host))
        try link.watch(with: poller, token: UInt64(id.number))
      } catch {
        throw .machineNotStarted(id, error)
      }
      send(.setUp(setup(of: id, token: token)), to: id)
    }
  }

  /// What a machine that runs here must know.
  private func setup(of id: MachineID, token: RunToken) -> MachineSetup {
    var setup = MachineSetup(
      id: id, plan: plan, token: token,
      endpoint: Endpoint(
        host: "127.0.0.1",
        port: options.firstPort == 0 ? 0 : options.firstPort + UInt16(id.number)),
      journalPath: options.hasJournals ? options.directory.journalPath(of: id) : nil,
      toldEventCountMax: options.tellsEvents ? Self.toldEventCountMax(plan) : 0)
    setup.guest = guestSetup(of: id, token: token)
    if let cluster = options.cluster {
      setup.token = cluster.file.runToken
      setup.endpoint = cluster.endpoints[id.index]
      setup.reach = cluster.reach
    }
    return setup
  }

  /// All machines together tell a thousand events a turn, so that who reads them keeps up.
  private static func toldEventCountMax(_ plan: RunPlan) -> Int {
    max(4, 1000 / plan.machineCount)
  }

  /// Tells every machine where the others listen, once all do.
  private func linkIfAllListen() {
    if let cluster = options.cluster {
      sendToAll(.link(cluster.endpoints))
      return
    }
    let ports = members.compactMap(\.port)
    guard ports.count == plan.machineCount else { return }
    sendToAll(.link(ports.map { Endpoint(host: "127.0.0.1", port: $0) }))
  }

  /// Lets all machines begin at one instant, once all are linked.
  private func startIfAllLinked() {
    guard case .linking = phase, members.allSatisfy(\.isLinked) else { return }
    guard hosts == nil else {
      agreeOnStart()
      return
    }
    let lead = 5_000_000 + 200_000 * Int64(members.count)
    begin(
      monotonic: SystemClock.monotonicNanoseconds + lead,
      epoch: SystemClock.epochNanoseconds + lead)
  }

  /// Lets the machines here begin at an instant.
  func begin(monotonic: Int64, epoch: Int64) {
    start = (monotonic, epoch)
    phase = .running
    sendToAll(.start(monotonicNanoseconds: monotonic, epochNanoseconds: epoch))
    observer.started(at: epoch)
    nextReport = observer.progressNanoseconds.map { monotonic + $0 } ?? .max
    nextLook = options.hold == nil ? .max : monotonic + Self.lookNanoseconds
  }

  /// Sends an order to all machines that run here.
  func sendToAll(_ order: ControlOrder) {
    for id in plan.topology.machineIDs.prefix(members.count) {
      if members[id.index].link != nil { send(order, to: id) }
    }
  }

  /// Asks the machines here how far they are; those that have not yet taken what they were told are
  /// not asked again.
  private func askForProgress() {
    for member in members where !member.isGone {
      if let link = member.link, !link.hasUnsentValues { link.send(ControlOrder.report) }
    }
  }

  /// Sends an order to a machine, wherever it is.
  func send(_ order: ControlOrder, to machine: MachineID) {
    guard members.indices.contains(machine.index), !members[machine.index].isGone else { return }
    guard let link = members[machine.index].link else { return pass(order, to: machine) }
    if !link.send(order) { giveUp(machine) }
  }

  /// Gives up a machine that takes no orders.
  private func giveUp(_ machine: MachineID) {
    if members[machine.index].isDead { return }
    let failure = MachineFailure.ordersNotTaken(byteCount: Letters.waitingByteCountMax)
    members[machine.index].failure = failure
    if case .process(let process) = members[machine.index].host { process.signal(SIGKILL) }
    takeDeath(of: machine, .failed(failure))
  }

  // MARK: The loop

  /// Waits for the next thing to happen, and handles it.
  private func step() {
    var deadline = min(
      nextReport, lostLinks.map(\.deadline).min() ?? .max, keeper.nextDeadline, nextSnapshot,
      visitors?.nextTime ?? .max)
    switch phase {
    case .linking: deadline = min(deadline, linkDeadline)
    case .running: deadline = min(deadline, endDeadline, nextLook)
    case .stopping(let stopDeadline): deadline = min(deadline, stopDeadline)
    }
    let now = SystemClock.monotonicNanoseconds
    let isAlert = alertness.isAlert(whileWaiting: keeper.isWaiting)
    if isAlert { SystemThread.yield() }
    let nanoseconds = isAlert ? 0 : deadline == .max ? nil : max(0, deadline - now)
    _ = try? poller.wait(nanoseconds: nanoseconds) {
      token, isReadable, isWritable in
      switch token {
      case Self.interruptToken: takeInterrupt()
      case CommandReader.token: takeCommands()
      case ControlSocket.firstToken...: takeVisit(token: token)
      default:
        let id = MachineID(Int(token))
        if isWritable { members[id.index].link?.flush() }
        if isReadable { takeReports(from: id) }
      }
    }
    handleTime(now: SystemClock.monotonicNanoseconds)
  }

  private func handleTime(now: Int64) {
    visitors?.handleTime(now: now)
    if now >= nextReport, let interval = observer.progressNanoseconds, let start {
      observer.progressed(
        elapsedNanoseconds: min(now - start.monotonic, plan.duration.nanoseconds),
        members.filter { $0.link != nil }.map { $0.progress ?? MachineProgress() })
      if case .running = phase { askForProgress() }
      nextReport = now + interval
    }
    if case .stopping(let deadline) = phase, now >= deadline {
      killProcesses()
      isOver = true
    }
    if case .linking = phase, now >= linkDeadline {
      let missing = plan.topology.machineIDs.prefix(members.count)
        .filter { !members[$0.index].isLinked }
      stop(.failed(hosts == nil ? .notLinked(missing) : notAssembled(missing)))
    }
    if case .running = phase, now >= endDeadline {
      let late = plan.topology.machineIDs.filter {
        !members[$0.index].isFinished && !members[$0.index].isDead
      }
      stop(.failed(.notEnded(late, nanoseconds: Self.lateNanosecondsMax)))
    }
    if case .running = phase {
      explainLostLinks(now: now)
      beginDueSnapshots(now: now)
      lookForDirectory(now: now)
    }
    if now >= keeper.nextDeadline {
      carryOut(keeper.handleTime(now: now, systemTime: systemTime))
    }
  }

  private func takeInterrupt() {
    let signal = ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT
    interruptCount += 1
    if interruptCount == 1 {
      observer.interrupted()
      stop(.interrupted(signal: signal))
    } else {
      // This loop is alive: it ends the run in order, though at once.
      ThisProcess.postponeEnd(milliseconds: Self.secondSignalMilliseconds)
      killProcesses()
      phase = .stopping(
        deadline: SystemClock.monotonicNanoseconds + Self.threadHurryNanoseconds)
    }
  }

  private func takeReports(from id: MachineID) {
    guard !members[id.index].isGone else { return }
    switch try? members[id.index].link?.receive(ControlReport.self) {
    case .values(let reports):
      for report in reports { take(report, from: id) }
    case .ended(let reports):
      for report in reports { take(report, from: id) }
      takeEnd(of: id)
    case nil:
      takeEnd(of: id)
    }
  }

  func take(_ report: ControlReport, from id: MachineID) {
    switch report {
    case .listening(let port):
      members[id.index].port = port
      linkIfAllListen()
    case .linked:
      members[id.index].isLinked = true
      startIfAllLinked()
    case .progress(let progress):
      members[id.index].progress = progress
    case .told(let events, let leftOutCount):
      observer.told(events, by: id, leftOutCount: leftOutCount)
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
      stopIfAllFinished()
    case .failed(let failure):
      members[id.index].failure = failure
      // A machine here says so once, at its end. Of one elsewhere the loss of its link tells more.
      if members[id.index].link != nil { takeDeath(of: id, .failed(failure)) }
    case .recorded(let part):
      keeper.recorded(part, now: SystemClock.monotonicNanoseconds)
    case .finishedPart(let snapshot, let part):
      let now = SystemClock.monotonicNanoseconds
      carryOut(keeper.finished(snapshot, part, by: id, now: now, systemTime: systemTime))
    case .account(let number, let answer):
      desk.pass(answer, to: number)
    case .wantsSnapshot(let number, let initiator):
      beginSnapshot(forGuestOf: id, number, by: initiator)
    case .asksStanding(let number, let snapshot): tellStanding(of: snapshot, number, to: id)
    case .lostLink(let peer, let reason) where hosts != nil:
      takeLoss(of: peer, reason: reason)
    case .lostLink(let peer, let reason):
      lostLinks.append(
        LostLink(
          machine: id, peer: peer, reason: reason,
          deadline: SystemClock.monotonicNanoseconds + Self.lostLinkNanoseconds))
    case .refused(let origin, let reason):
      // Machines that leave while others still link up are no strangers.
      if case .stopping = phase { break }
      if hosts?.hasHeard(of: origin, reason: reason) == true { break }
      observer.warned("machine \(id) refused a connection from \(origin): \(reason)")
    case .turnedAway(let peer, let origin, let refusal):
      takeRefusal(refusal, by: peer, at: origin)
    case .heard(let peer, let note):
      takeNote(note, from: peer)
    case .visited(let descriptor):
      admitVisitor(on: Descriptor(descriptor))
    }
  }

  // MARK: Snapshots

  /// The system time now, by the run's own clock: its start's and the monotonic time since.
  var systemTime: Int64 {
    guard let start else { return SystemClock.epochNanoseconds }
    return start.epoch + SystemClock.monotonicNanoseconds - start.monotonic
  }

  /// When the run has failed unless all machines have finished, on the monotonic clock.
  private var endDeadline: Int64 {
    guard let start else { return .max }
    let (end, overflows) = start.monotonic.addingReportingOverflow(
      plan.duration.nanoseconds + Self.lateNanosecondsMax)
    return overflows ? .max : end
  }

  /// When the next scheduled snapshot is due, on the monotonic clock.
  private var nextSnapshot: Int64 {
    guard case .running = phase, let start, let next = scheduled.last else { return .max }
    return start.monotonic + next.time.nanoseconds
  }

  private func beginDueSnapshots(now: Int64) {
    while nextSnapshot <= now, let entry = scheduled.popLast() {
      if case .refused(let reason) = beginSnapshot(by: entry.initiator) {
        refuse("at \(entry.time)", because: reason)
      }
    }
  }

  /// Counts the snapshots whose time has come and that the end of the run leaves no time for.
  private func refuseDueSnapshots() {
    while nextSnapshot <= SystemClock.monotonicNanoseconds, let entry = scheduled.popLast() {
      refuse("at \(entry.time)", because: "the run ended first")
    }
  }

  func carryOut(_ effects: [SnapshotKeeper.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let order, let machine):
        send(order, to: machine)
      case .settled(let snapshot):
        settle(snapshot)
      }
    }
  }

  /// Writes a snapshot's file, then tells of it.
  private func settle(_ snapshot: SnapshotFile) {
    do throws(SystemError) {
      try write(snapshot)
    } catch {
      desk.settle(snapshot.id, with: .refused(reason: "it cannot be written: \(error)"))
      stop(.failed(.snapshotNotWritten(error)))
      return
    }
    desk.settle(snapshot.id, with: .settled(snapshot.id, snapshot.status))
    tellGuests(of: snapshot)
    observer.tookSnapshot(snapshot, isTyped: typedSnapshots.remove(snapshot.id) != nil)
  }

  // MARK: Ends

  private func stopIfAllFinished() {
    if members.allSatisfy({ $0.isFinished || $0.isDead }) { stop(.finished) }
  }

  /// Tells the machines to end; the first reason to do so is the one that counts.
  func stop(_ reason: WallRunEnding) {
    if ending == nil { ending = reason }
    if case .stopping = phase { return }
    refuseDueSnapshots()
    tellOtherHosts(of: reason)
    let patience =
      options.runtime == .processes ? Self.stopNanosecondsMax : Self.threadStopNanosecondsMax
    phase = .stopping(deadline: SystemClock.monotonicNanoseconds + patience)
    carryOut(keeper.endRun(systemTime: systemTime))
    sendToAll(.stop)
  }

  /// Takes in that a machine's control link has ended, and with it the machine.
  private func takeEnd(of id: MachineID) {
    members[id.index].link?.end()
    members[id.index].isGone = true
    takeDeath(of: id, causeOfEnd(of: members[id.index]))
  }

  /// Takes in that a machine has failed or ended, here or elsewhere; the first cause counts.
  func takeDeath(of id: MachineID, _ cause: MachineDeath.Cause) {
    if members[id.index].isDead { return }
    members[id.index].isDead = true
    if members[id.index].link == nil { members[id.index].isGone = true }
    desk.died(id)
    if case .stopping = phase { return }
    if members[id.index].isFinished { return }
    if case .linking = phase, case .failed(.unreachable(let peers)) = cause, hosts != nil {
      stop(.failed(notAssembled(peers)))
      return
    }
    let death = MachineDeath(machine: id, cause: cause, systemTime: systemTime)
    let isOnlyOne = id == options.cluster?.machine
    guard options.continuesOnFailure, !isOnlyOne, case .running = phase else {
      deaths.append(death)
      stop(.failed(.machineDied(death)))
      return
    }
    deaths.append(death)
    observer.warned("\(death); the others go on")
    carryOut(
      keeper.died(id, now: SystemClock.monotonicNanoseconds, systemTime: systemTime))
    if members.allSatisfy(\.isDead) {
      stop(.failed(.machineDied(death)))
    } else {
      stopIfAllFinished()
    }
  }

  private func causeOfEnd(of member: Member) -> MachineDeath.Cause {
    guard case .process(let process) = member.host else {
      return member.failure.map { .failed($0) } ?? .vanished
    }
    let processEnding = process.endingSoon(milliseconds: Self.processEndMilliseconds)
    if let failure = member.failure { return .failed(failure) }
    switch processEnding {
    case .killed(let signal): return .killed(processID: process.id, signal: signal)
    case .exited(let code): return .exited(processID: process.id, code: code)
    case nil: return .vanished
    }
  }

  /// A lost link that no death explains is a failure of its own.
  private func explainLostLinks(now: Int64) {
    lostLinks.removeAll { members[$0.machine.index].isDead || members[$0.peer.index].isDead }
    guard let lost = lostLinks.first(where: { $0.deadline <= now }) else { return }
    lostLinks.removeAll { $0.deadline <= now }
    if options.continuesOnFailure {
      observer.warned(
        "the link between machines \(lost.machine) and \(lost.peer) broke: \(lost.reason)")
    } else {
      stop(.failed(.linkBroke(lost.machine, lost.peer, reason: lost.reason)))
    }
  }

  /// Ends the processes at once that have not ended by themselves; a thread ends with this process.
  private func killProcesses() {
    for index in members.indices where !members[index].isGone {
      if case .process(let process) = members[index].host {
        process.signal(SIGKILL)
        _ = process.waitForEnding()
        members[index].link?.end()
        members[index].isGone = true
      }
    }
  }
}
