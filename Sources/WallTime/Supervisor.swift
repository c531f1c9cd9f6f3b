import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Transport

/// How a run in wall time is to be carried out, besides its plan.
package struct WallRunOptions: Sendable {
  package var runtime: WallRuntime
  /// Where the journals go.
  package var directory: RunDirectory
  /// Whether journals are written.
  package var hasJournals: Bool
  /// Whether the others go on when a machine dies.
  package var continuesOnFailure: Bool
  /// Machine i listens on this port + i; 0 lets each take a free one.
  package var firstPort: UInt16
  /// The program that becomes a machine in `processes`.
  package var executablePath: String

  package init(
    runtime: WallRuntime, directory: RunDirectory, hasJournals: Bool, continuesOnFailure: Bool,
    firstPort: UInt16, executablePath: String
  ) {
    self.runtime = runtime
    self.directory = directory
    self.hasJournals = hasJournals
    self.continuesOnFailure = continuesOnFailure
    self.firstPort = firstPort
    self.executablePath = executablePath
  }
}

/// Hears of a run while it goes on.
package protocol SupervisorObserver: AnyObject {
  /// How often to hear of the machines' progress, in nanoseconds; nil for never.
  var progressNanoseconds: Int64? { get }
  /// The machines are linked and begin now; all of them run in the processes named here, if any.
  func started(processIDs: [Int32])
  /// How far each machine was lately, in id order.
  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress])
  /// Something the user should know happened, and the run goes on.
  func warned(_ message: String)
}

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
  /// Whether nothing is waited for any more, threads that have not ended included.
  private var isOver = false
  private var start: (monotonic: Int64, epoch: Int64)?
  private var nextReport = Int64.max

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
    try Self.raiseOpenFileLimit(plan: plan, runtime: options.runtime)
    do throws(SystemError) {
      poller = try Poller()
      try poller.add(interrupts, token: Self.interruptToken)
    } catch {
      throw .notStarted(error)
    }
  }

  /// Makes room for every descriptor the run needs: in `threads` both ends of every link are ours.
  private static func raiseOpenFileLimit(
    plan: RunPlan, runtime: WallRuntime
  ) throws(WallRunFailure) {
    let machineCount = plan.machineCount
    let ownPerMachine = 5  // Two ends of the control link, a poller, a listener, a journal.
    let needed: Int
    switch runtime {
    case .threads:
      let linkEnds = min(2 * plan.topology.channelCount, machineCount * (machineCount - 1))
      needed = linkEnds + ownPerMachine * machineCount + 64
    case .processes:
      needed = 2 * machineCount + 64
    }
    let allowed = ThisProcess.raiseOpenFileLimit(to: needed)
    if allowed < needed { throw .tooFewOpenFiles(needed: needed, allowed: allowed) }
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
    for member in members {
      if case .thread(let thread) = member.host, member.isGone { thread.join() }
    }
    return WallRunOutcome(
      ending: ending ?? .finished, startTime: start?.epoch,
      progress: members.map { $0.isFinished ? $0.progress : nil }, deaths: deaths)
  }

  // MARK: Starting

  private func startMachines() throws(WallRunFailure) {
    let token = RunToken(high: ThisProcess.randomWord(), low: ThisProcess.randomWord())
    for id in plan.topology.machineIDs {
      do throws(SystemError) {
        let (ours, theirs) = try Socket.pair()
        let host = try MachineStart.start(
          options.runtime, executablePath: options.executablePath, control: theirs)
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
            journalPath: options.hasJournals ? options.directory.journalPath(of: id) : nil)))
    }
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
    observer.started(
      processIDs: members.compactMap { member in
        if case .process(let process) = member.host { process.id } else { nil }
      })
    nextReport = observer.progressNanoseconds.map { monotonic + $0 } ?? .max
  }

  private func sendToAll(_ order: ControlOrder) {
    for member in members where !member.isGone { member.link.send(order) }
  }

  // MARK: The loop

  /// Waits for the next thing to happen, and handles it.
  private func step() {
    var deadline = min(nextReport, lostLinks.map(\.deadline).min() ?? .max)
    if case .stopping(let stopDeadline) = phase { deadline = min(deadline, stopDeadline) }
    let now = SystemClock.monotonicNanoseconds
    _ = try? poller.wait(nanoseconds: deadline == .max ? nil : max(0, deadline - now)) {
      token, _, _ in
      if token == Self.interruptToken {
        takeInterrupt()
      } else {
        takeReports(from: MachineID(Int(token)))
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
    if case .running = phase { explainLostLinks(now: now) }
  }

  private func takeInterrupt() {
    var byte: UInt8 = 0
    _ = try? withUnsafeMutableBytes(of: &byte) { try interrupts.readAvailable(into: $0) }
    interruptCount += 1
    if interruptCount == 1 {
      stop(.interrupted)
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
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
      stopIfAllFinished()
    case .failed(let failure):
      members[id.index].failure = failure
    case .lostLink(let peer, let reason):
      lostLinks.append(
        LostLink(
          machine: id, peer: peer, reason: reason,
          deadline: SystemClock.monotonicNanoseconds + Self.lostLinkNanoseconds))
    case .refused(let origin, let reason):
      observer.warned("machine \(id) refused a connection from \(origin): \(reason)")
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
    sendToAll(.stop)
  }

  /// Takes in that a machine's control link has ended, and with it the machine.
  private func takeEnd(of id: MachineID) {
    poller.remove(members[id.index].link.descriptor)
    members[id.index].isGone = true
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
