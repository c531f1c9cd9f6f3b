import LogicalTime
import RunControl
import RunRecord
import SystemCalls
import Transport

/// What a supervisor does when all machines go back to a snapshot.
extension Supervisor {
  /// Finds the lines that the restart under way undoes, and cuts off lines that are not whole.
  func findUndoneLines() throws(WallRunFailure) {
    guard options.hasJournals else { return }
    let kept = plan.topology.machineIDs.map { id in
      // The snapshot's own line is kept.
      life.restorePoint.map { $0[id.index].state.journalLineCount + 1 } ?? 0
    }
    try findUndoneLines(after: kept)
  }

  /// Finds the undone lines, where each machine goes back to so many lines of its history.
  private func findUndoneLines(after kept: [UInt64]) throws(WallRunFailure) {
    do throws(SystemError) {
      let lines = try undoneLines.undo(after: kept, in: options.directory)
      // After a recovery that failed there are no more lines.
      if undone.isEmpty { undone = lines }
    } catch {
      throw .notStarted(reason: "\(error)")
    }
    if undoneLines.lacksHistory {
      throw .notStarted(
        reason: "the journal of '\(options.directory.path)' has not all that the run goes back to; "
          + "give the --output that this machine had")
    }
  }

  /// Lets the machine of this host go back, in a run on several: its journal has no new line yet.
  func restore(_ restored: RestoredMachine) {
    guard let own = options.cluster?.machine else { return }
    if options.hasJournals {
      let kept = plan.topology.machineIDs.map { id in
        id == own ? restored.part.map { $0.state.journalLineCount + 1 } ?? 0 : 0
      }
      do throws(WallRunFailure) { try findUndoneLines(after: kept) } catch {
        return handle(.failed(error))
      }
    }
    send(.restore(restored), to: own)
  }

  /// Reports a restart to the observer.
  func resumed(_ restart: RunRestart) {
    defer { undone = [] }
    let record = Manifest.Restart(
      timeNs: restart.systemTime.nanoseconds, machines: restart.deaths.map(\.machine),
      cause: restart.deaths.first.map { "\($0.cause)" } ?? "the run goes on from a snapshot",
      snapshot: restart.snapshot,
      recoveryNs: restart.recovery.nanoseconds, undone: undone, epoch: Int(restart.epoch))
    do throws(SystemError) {
      try observer.restarted(record)
    } catch {
      handle(.failed(.fileNotWritten(path: error.subject, reason: error.reason)))
    }
  }

  /// Refuses what clients have asked machines for: they have gone back, and forgotten it.
  func refuseUndone() {
    for id in plan.topology.machineIDs {
      for answer in requests.remove(forReplyOf: id) {
        answer(.refused(reason: "\(HandRefusal.undone)"))
      }
    }
  }
}

extension RunToken {
  /// The token of a run's machines in an epoch: those of another one are strangers.
  func inEpoch(_ epoch: UInt32) -> RunToken { RunToken(high: high, low: low ^ UInt64(epoch)) }
}
