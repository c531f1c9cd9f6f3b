import LogicalTime
import ScaleModel

/// Why a run in wall time failed.
package enum WallRunFailure: Error, Hashable, Sendable {
  /// A machine died.
  case machineDied(MachineDeath)
  /// A machine died after the machines had gone back so many times, as often as they may.
  case diedAgain(MachineDeath, restartCount: Int)
  /// These machines did not end, so that none could be started anew.
  case notStopped([MachineID])
  /// The link between two machines broke, though both are alive.
  case linkBroke(MachineID, MachineID, reason: String)
  /// The system allows fewer open files than the run needs.
  case tooFewOpenFiles(needed: Int, allowed: Int)
  /// These machines did not link with all their peers in time.
  case notLinked([MachineID])
  /// The run on several hosts did not begin within this time: these machines had no link, for these
  /// reasons as far as they are known.
  case notAssembled(missing: [MachineID], reasons: [String], timeout: TimeSpan)
  /// The run cannot have something that it needs besides its machines.
  case notStarted(reason: String)
  /// A machine cannot be started.
  case machineNotStarted(MachineID, reason: String, remedy: String)
  /// The memory limit leaves less than the run needs; both in bytes.
  case tooLittleMemory(needed: Int, allowed: Int)
  /// These machines had not finished so long after the run's end.
  case notEnded([MachineID], after: TimeSpan)
  /// The run directory was removed or renamed.
  case directoryGone(path: String)
  /// A host has taken part in another run than ours, or in one that ours has no record of.
  case anotherRun(MachineID)
  /// A snapshot's file, or the manifest after a restart, cannot be written.
  case fileNotWritten(path: String, reason: String)
}

extension WallRunFailure: CustomStringConvertible {
  /// The reason and a remedy, in one line.
  package var description: String {
    switch self {
    case .machineDied(let death):
      "\(death)"
    case .diedAgain(let death, let count):
      "\(death), after \(counted(count, "restart")); see why, or allow more restarts"
    case .notStopped(let machines):
      "\(Self.listed(machines)) did not end, so that none goes back to a snapshot; see whether "
        + "\(machines.count == 1 ? "it is" : "they are") stopped"
    case .anotherRun(let machine):
      "machine \(machine) is in a run that this host has no record of; end it there, or start ours "
        + "with the --output that has its part of that run"
    case .linkBroke(let one, let other, let reason):
      "the link between machines \(one) and \(other) broke: \(reason)"
    case .tooFewOpenFiles(let needed, let allowed):
      "this run needs \(needed) open files, but the system allows \(allowed); "
        + "raise the hard limit (ulimit -Hn \(needed)) or take fewer --machines"
    case .directoryGone(let path):
      "'\(path)' was removed or renamed while the run went on"
    case .fileNotWritten(let path, let reason):
      "cannot write '\(path)': \(reason); make room, or choose another directory "
        + "with --output"
    case .notLinked(let machines):
      "\(counted(machines.count, "machine")) not linked in time, machine "
        + "\(machines.first.map { "\($0)" } ?? "-") the first; take fewer --machines"
    case .notAssembled(let missing, let reasons, let timeout):
      "the run did not begin within \(timeout): machine "
        + missing.map { "\($0)" }.joined(separator: ", ")
        + (reasons.isEmpty
          ? " did not come; see whether it runs and its port can be reached"
          : " did not come (\(reasons.joined(separator: "; ")))")
    case .notStarted(let reason):
      "the machines cannot be started: \(reason)"
    case .machineNotStarted(let machine, let reason, let remedy):
      "machine \(machine) cannot be started: \(reason); \(remedy), or take fewer --machines"
    case .tooLittleMemory(let needed, let allowed):
      "this run needs about \(needed >> 20) MiB more memory, but the limit leaves "
        + "\(allowed >> 20); raise the limit of memory (ulimit -v), or take fewer --machines"
    case .notEnded(let machines, let span):
      "\(Self.listed(machines)) had not finished \(span) after the run's end; see "
        + "whether \(machines.count == 1 ? "it is" : "they are") stopped, or take lower --rates"
    }
  }

  private static func listed(_ machines: [MachineID]) -> String {
    "machine " + machines.prefix(8).map { "\($0)" }.joined(separator: ", ")
      + (machines.count > 8 ? " and \(machines.count - 8) others" : "")
  }
}
