import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// The resources that a run needs before its first machine starts.
extension Supervisor {
  /// Opens the control socket; nil, with a warning, when it cannot be made, as with a long path.
  static func openControlServer(
    _ options: WallRunOptions, clientCountMax: Int, poller: Poller,
    observer: any SupervisorObserver
  ) -> ControlServer? {
    guard options.opensControlSocket else { return nil }
    do throws(SystemError) {
      return try ControlServer(
        path: options.directory.controlSocketPath, clientCountMax: clientCountMax, poller: poller)
    } catch {
      observer.warned("'scalemodel snapshot' will not reach this run: \(error)")
      return nil
    }
  }

  /// Raises the limit of open files to what the run needs: in `threads` both ends of every link.
  ///
  /// - Returns: How many control clients may be connected at a time.
  /// - Throws: ``WallRunFailure`` when the system allows too few.
  static func raiseOpenFileLimit(
    plan: RunPlan, options: WallRunOptions
  ) throws(WallRunFailure) -> Int {
    let machineCount = plan.machineCount
    let ownPerMachine = 5  // Two ends of the control link, a poller, a listener, a journal.
    let needed: Int
    switch options.runtime {
    case .threads where options.cluster != nil:
      needed = machineCount + ownPerMachine + 32
    case .threads:
      // Over UDP the listener is the only socket.
      let linkEnds =
        plan.promises.transport == .udp
        ? 0 : min(2 * plan.topology.channelCount, machineCount * (machineCount - 1))
      needed = linkEnds + ownPerMachine * machineCount + 32
    case .processes:
      needed = 2 * machineCount + 32
    }
    let clientCountMin = 32
    let clientCountMax = 256
    let allowed = ThisProcess.raiseOpenFileLimit(to: needed + clientCountMax)
    guard allowed >= needed + clientCountMin else {
      throw .tooFewOpenFiles(needed: needed + clientCountMin, allowed: allowed)
    }
    return min(clientCountMax, allowed - needed)
  }

  /// Refuses a run whose threads do not fit into the memory that a limit leaves: beyond the limit
  /// the program could not even report an error.
  static func checkMemory(
    plan: RunPlan, options: WallRunOptions
  ) throws(WallRunFailure) {
    guard options.runtime == .threads, options.cluster == nil, let left = ThisProcess.memoryLeft
    else { return }
    let perMachine = SystemThread.stackByteCount + (1 << 20)
    let needed = plan.machineCount * perMachine + plan.topology.channelCount << 11 + 32 << 20
    guard needed <= left else { throw .tooLittleMemory(needed: needed, allowed: left) }
    ThisProcess.shareHeap()
  }

  /// The remedy when the system cannot start one more machine.
  static func remedy(of error: SystemError) -> String {
    if error.isOutOfFiles { return "raise the limit of open files (ulimit -n)" }
    if error.isOutOfMemory { return "make memory free" }
    return ThisProcess.memoryLeft == nil
      ? "raise the limit of processes (ulimit -u)"
      : "raise the limit of processes (ulimit -u) or of memory (ulimit -v)"
  }
}
