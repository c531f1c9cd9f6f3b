import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// Carries out what the life of a run decides: with machines, links, files and an observer.
///
/// It has one control link per machine and one loop around one poller, and waits for nothing else
/// but, for a second at most, the end of a process that has closed its link. When the supervisor is
/// gone, its links end, and so do the machines.
///
/// In a run on several hosts each host has a supervisor that tracks all machines: the one that runs
/// here reports over its control link, the others in notes.
package final class Supervisor {
  let plan: RunPlan
  let options: WallRunOptions
  let observer: any SupervisorObserver
  /// Decides what happens to the run.
  var life: RunLifecycle
  private let poller: Poller
  private let interrupts: Descriptor
  /// The run's token.
  private let token = RunToken(high: ThisProcess.randomWord(), low: ThisProcess.randomWord())
  /// Finds what is undone when the machines go back.
  var undoneLines: UndoneLines
  /// The undone lines of each journal in the restart under way.
  var undone: [[Int]] = []
  /// The buffer that all control links read into.
  private let buffer = ReadBuffer(byteCount: ControlLink.bufferByteCount)
  var members: [Member] = []
  private var nextReport = MonotonicInstant.never
  /// When the answers to the last question for progress are waited for no longer.
  var progressDeadline = MonotonicInstant.never
  /// When to check next that the run directory is still at its path, on the monotonic clock.
  var nextLook = MonotonicInstant.never
  var alertness: BusyPollPolicy
  let clients: ControlServer?
  var requests = PendingRequests<(ControlAnswer) -> Void>()
  let commands: CommandReader?
  /// What viewers did, and what they are told.
  var viewed = ViewedRun()
  /// The snapshots under way that were typed at this run.
  var typedSnapshots: Set<SnapshotID> = []

  /// Where a machine runs, and the link to it.
  struct Member {
    /// Nil when the machine is on another host.
    let link: ControlLink?
    let host: MachineStart.Host
    /// Whether it was asked for its progress and has not answered.
    var owesProgress = false
  }

  private static let interruptToken = UInt64.max
  /// How long a process that has closed its link may take to end before it is killed.
  private static let processEndMilliseconds = 1000
  /// How long the run may take to end after a second signal, counting journal lines included.
  private static let secondSignalMilliseconds = 10_000

  /// Prepares a run; starts no machine yet.
  ///
  /// - Parameters:
  ///   - plan: What the machines do.
  ///   - options: How the run is carried out.
  ///   - interrupts: Yields a byte for each signal that ends the run, such as Ctrl-C's.
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
    undoneLines = UndoneLines(machineCount: plan.machineCount, after: options.earlierRestarts)
    life = RunLifecycle(
      plan: plan, continuesOnFailure: options.continuesOnFailure,
      stopTimeout: options.runtime == .processes
        ? RunLifecycle.stopTimeoutOfProcesses : RunLifecycle.stopTimeoutOfThreads,
      role: options.cluster.map {
        ClusterRole(
          machine: $0.machine, foreign: $0.file.foreign, startTimeout: $0.file.startTimeout)
      }, from: options.resumption)
    alertness = BusyPollPolicy(
      machineCount: plan.machineCount, processorCount: HostFacts.current.cpus)
    let spareCount = try Self.raiseOpenFileLimit(plan: plan, options: options)
    try Self.checkMemory(plan: plan, options: options)
    do throws(SystemError) {
      poller = try Poller()
      try poller.add(interrupts, token: Self.interruptToken)
      clients = Self.openControlServer(
        options, clientCountMax: spareCount, poller: poller, observer: observer)
      commands = options.readsCommands ? CommandReader(poller: poller) : nil
    } catch {
      throw .notStarted(reason: "\(error)")
    }
  }

  /// Runs the machines to their end.
  ///
  /// - Returns: How the run ended. All machines have ended, except threads that ignored `stop`.
  package func run() -> WallRunOutcome {
    begin { () throws(WallRunFailure) in
      if options.resumption != nil, options.cluster == nil { try findUndoneLines() }
      handle(.starting)
      try writeServiceToken(token)
      try startMachines()
    }
    while !life.hasEnded {
      if life.canStartAgain { begin(startMachinesAgain) } else { step() }
    }
    clients?.close()
    if commands?.hasUnreadLines() == true {
      observer.warned("the run was over before it had read all lines of standard input")
    }
    releaseThreads()
    var outcome = life.outcome
    outcome.acts = viewed.acts
    return outcome
  }

  private func begin(_ start: () throws(WallRunFailure) -> Void) {
    do throws(WallRunFailure) { try start() } catch { handle(.failed(error)) }
  }

  /// Joins the threads of machines that are gone, and detaches the others, which may never end.
  ///
  /// A machine that is gone has closed its link, the last thing its thread does.
  private func releaseThreads() {
    for (id, member) in zip(plan.topology.machineIDs, members) {
      guard case .thread(let thread) = member.host else { continue }
      if life.isGone(id) { thread.join() } else { thread.detach() }
    }
  }

  // MARK: Starting

  /// Starts all machines in another epoch, after those of the last one have ended.
  private func startMachinesAgain() throws(WallRunFailure) {
    releaseThreads()
    members = []
    // The new machines do not know that a viewer watches.
    (viewed.held, viewed.cut, viewed.watchedUntil) = ([], [], nil)
    viewed.tell("all machines go back to the last complete snapshot")
    if options.cluster == nil { try findUndoneLines() }
    handle(.startingAgain)
    try startMachines()
  }

  private func startMachines() throws(WallRunFailure) {
    for id in plan.topology.machineIDs {
      // Starting thousands takes a while; a Ctrl-C meanwhile ends it.
      if interrupts.waitUntilReadable(milliseconds: 0) { return takeInterrupt() }
      guard options.cluster.map({ $0.machine == id }) ?? true else {
        members.append(Member(link: nil, host: .elsewhere))
        handle(.started(isHere: false))
        continue
      }
      do throws(SystemError) {
        let (ours, theirs) = try Socket.pair()
        let link = ControlLink(ours, buffer: buffer)
        let host = try MachineStart.start(id, options, control: theirs)
        members.append(Member(link: link, host: host))
        handle(.started(isHere: true))
        try link.watch(with: poller, token: UInt64(id.number))
      } catch {
        throw .machineNotStarted(id, reason: error.reason, remedy: Self.remedy(of: error))
      }
      send(.setUp(setup(of: id)), to: id)
    }
  }

  /// The setup of a machine that runs here.
  private func setup(of id: MachineID) -> MachineSetup {
    var setup = MachineSetup(
      id: id, plan: plan, token: token,
      endpoint: Endpoint(
        host: "127.0.0.1",
        port: options.firstPort == 0 ? 0 : options.firstPort + UInt16(id.number)),
      journalPath: options.hasJournals ? options.directory.journalPath(of: id) : nil,
      // All machines together report about 1,000 events a time, so that the observer keeps up.
      toldEventCountMax: options.tellsEvents ? max(4, 1000 / plan.machineCount) : 0)
    setup.service = serviceSetup(of: id, token: token)
    setup.restored = life.restored(id)
    if let cluster = options.cluster {
      setup.token = cluster.file.runToken
      setup.endpoint = cluster.endpoints[id.index]
      setup.reach = cluster.reach
    }
    return setup
  }

  // MARK: The loop

  /// Waits for descriptors or the next deadline, and handles them.
  private func step() {
    let deadline = min(
      nextReport, life.nextDeadline, life.isRunning ? nextLook : .never,
      clients?.nextTime ?? .never, commands?.nextTime ?? .never, viewed.watchedUntil ?? .never)
    let isAlert = alertness.isAlert(
      at: .now, whileWaiting: life.recordsSnapshot)
    if isAlert { SystemThread.yield() }
    _ = try? poller.wait(until: isAlert ? .now : deadline) {
      token, isReadable, isWritable in
      switch token {
      case Self.interruptToken:
        takeInterrupt()
      case CommandReader.token: takeCommands()
      case ControlServer.firstToken...: handleClient(token: token)
      default:
        let id = MachineID(Int(token))
        if isWritable { members[id.index].link?.flush() }
        if isReadable { receiveReports(from: id) }
      }
    }
    handleTime(now: .now)
  }

  private func takeInterrupt() {
    handle(.interrupted(signal: ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT))
  }

  private func handleTime(now: MonotonicInstant) {
    clients?.handleTime(now: now)
    commands?.resumeIfDue(now: now)
    if now >= nextReport, let interval = observer.progressInterval, let start = life.start {
      let elapsed = min(now.since(start.monotonic), plan.duration)
      let isWhole = hasAllProgress(now: now)
      observer.progressed(elapsed: elapsed, life.progress, isWhole: isWhole)
      if life.isRunning, isWhole { askForProgress(now: now) }
      nextReport = now + interval
    }
    if now >= life.nextDeadline { handle(.timePassed) }
    endWatch(now: now)
    if life.isRunning { lookForDirectory(now: now) }
  }

  private func receiveReports(from id: MachineID) {
    guard !life.isGone(id), let link = members[id.index].link else { return }
    let arrival = try? link.receive(ControlReport.self)
    switch arrival {
    case .values(let reports), .ended(let reports):
      for report in reports { receive(report, from: id) }
    case nil: observer.warned("machine \(id) sent a report that cannot be read; its link is closed")
    }
    // What it reported can have led to its end already.
    if case .values = arrival { return }
    if life.isGone(id) { return }
    link.end()
    let cause = causeOfEnd(of: members[id.index])
    handle(.ended(id, viewed.killed.remove(id) == nil ? cause : .killedByViewer))
  }

  private func causeOfEnd(of member: Member) -> MachineDeath.Cause? {
    guard case .process(let process) = member.host else { return nil }
    switch process.endingSoon(milliseconds: Self.processEndMilliseconds) {
    case .killed(let signal):
      return .killed(
        processID: process.id, signal: signal, signalName: SignalName.of(signal))
    case .exited(let code): return .exited(processID: process.id, code: code)
    case nil: return nil
    }
  }

  // MARK: Effects

  /// Hands an input to the run's life, and carries out what follows.
  func handle(_ input: RunLifecycle.Input) { carryOut(life.handle(input, at: .now)) }

  func carryOut(_ effects: [RunLifecycle.Effect]) {
    for effect in effects {
      switch effect {
      case .link(let ports): link(ports: ports)
      case .send(let command, let id):
        // An answer is near.
        if case .beginSnapshot = command { alertness.stir(at: .now) }
        send(.run(command), to: id)
      case .sendToAll(let command): sendToAll(.run(command))
      case .tell(let message, let machines): pass(.message(message), to: machines)
      case .settled(let gathering, let time, let cause):
        settle(
          gathering.file(completedTime: time.nanoseconds, cause: cause, names: plan.workload.fields)
        )
      case .started(let start):
        observer.started(at: start.system)
        nextReport = observer.progressInterval.map { start.monotonic + $0 } ?? .never
        nextLook = options.hold == nil ? .never : start.monotonic + Self.lookInterval
      case .resumed(let restart): resumed(restart)
      case .restore(let restored): restore(restored)
      case .undone: refuseUndone()
      case .died(let id):
        viewed.held.removeAll { $0 == id }
        viewed.tell("machine \(id) is dead")
        let reason = "\(HandRefusal.died(id))"
        for answer in requests.remove(forReplyOf: id) { answer(.refused(reason: reason)) }
        // Over TCP the peers' links end by themselves.
        if plan.promises.transport == .udp, life.isRunning { sendToAll(.peerEnded(id)) }
      case .kill(let id):
        if case .process(let process) = members[id.index].host { process.signal(SIGKILL) }
      case .killAll:
        killProcesses()
      case .endAtOnce:
        ThisProcess.postponeEnd(milliseconds: Self.secondSignalMilliseconds)
        killProcesses()
      case .interrupted: observer.interrupted()
      case .warn(let words): observer.warned(words)
      }
    }
  }

  /// Writes a snapshot's file, then reports it to clients, services and the observer.
  private func settle(_ snapshot: SnapshotFile) {
    var answer = ControlAnswer.settled(snapshot.id, snapshot.status)
    var failure: WallRunFailure?
    do throws(SystemError) {
      try write(snapshot)
    } catch {
      answer = .refused(reason: "it cannot be written: \(error)")
      failure = .fileNotWritten(path: error.subject, reason: error.reason)
    }
    for reply in requests.remove(for: snapshot.id) { reply(answer) }
    if let failure { return handle(.failed(failure)) }
    tellMachines(of: snapshot)
    viewed.arrived.removeAll { $0.snapshot == snapshot.id }
    viewed.tell("snapshot \(snapshot.id) is \(snapshot.status.rawValue)")
    observer.tookSnapshot(snapshot, isTyped: typedSnapshots.remove(snapshot.id) != nil)
    if options.condition?.holds(in: snapshot) == true { handle(.held(in: snapshot.id)) }
  }

  /// Kills the processes that have not ended; a thread ends with this process.
  private func killProcesses() {
    for (id, member) in zip(plan.topology.machineIDs, members) where !life.isGone(id) {
      guard case .process(let process) = member.host else { continue }
      process.signal(SIGKILL)
    }
    for (id, member) in zip(plan.topology.machineIDs, members) where !life.isGone(id) {
      guard case .process(let process) = member.host else { continue }
      _ = process.waitForEnding()
      member.link?.end()
      handle(.killed(id))
    }
  }
}
