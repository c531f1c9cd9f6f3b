import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls

/// How a run in wall time ended, and how far each machine came.
package struct WallRunOutcome: Sendable {
  /// How it ended.
  package var ending: WallRunEnding
  /// The system time of tick 0, in nanoseconds since the Unix epoch; nil when it never came to it.
  package var startTime: Int64?
  /// The last word of each machine, in id order; nil for one that died without any.
  package var progress: [MachineProgress?]
  /// The machines that died while the others went on, with how they did.
  package var deaths: [MachineDeath]
  /// The snapshots begun, in that order.
  package var snapshots: [SnapshotID]
  /// What the user should know besides.
  package var remarks: [String] = []

  /// The outcome of a run that failed before any machine was there.
  package static func neverStarted(_ failure: WallRunFailure, machineCount: Int) -> Self {
    Self(
      ending: .failed(failure), startTime: nil,
      progress: Array(repeating: nil, count: machineCount),
      deaths: [], snapshots: [])
  }
}

/// How a run in wall time ended.
package enum WallRunEnding: Hashable, Sendable {
  /// Every machine that lives has carried out all its ticks.
  case finished
  /// Somebody asked for it, with this signal.
  case interrupted(signal: Int32)
  /// Somebody asked for it on the host of this machine.
  case interruptedElsewhere(by: MachineID)
  /// Something failed.
  case failed(WallRunFailure)
}

/// A machine that died during a run.
package struct MachineDeath: Hashable, Sendable {
  package var machine: MachineID
  package var cause: Cause
  /// The system time at which it was noticed, in nanoseconds; nil when nobody looked at a clock.
  package var systemTime: Int64?

  /// How a machine dies.
  package enum Cause: Hashable, Sendable {
    /// A signal ended its process.
    case killed(processID: Int32, signal: Int32)
    /// Its process ended by itself.
    case exited(processID: Int32, code: Int32)
    /// It could not go on, and said why.
    case failed(MachineFailure)
    /// Its thread ended without a word.
    case vanished
    /// Its host cannot be reached any more, or it has left without a word.
    case lost(reason: String)
    /// Its host has ended the run for this reason.
    case leftBecause(reason: String)
  }
}

/// Why a run in wall time failed.
package enum WallRunFailure: Error, Hashable, Sendable {
  /// A machine died.
  case machineDied(MachineDeath)
  /// The link between two machines broke, though both live.
  case linkBroke(MachineID, MachineID, reason: String)
  /// The system allows fewer open files than the run needs.
  case tooFewOpenFiles(needed: Int, allowed: Int)
  /// These machines were not linked with all their peers in time.
  case notLinked([MachineID])
  /// The machines of other hosts did not come to the start within so many nanoseconds: there was no
  /// link to these, for these reasons as far as they are known.
  case notAssembled(missing: [MachineID], reasons: [String], nanoseconds: Int64)
  /// What the run needs besides its machines cannot be had.
  case notStarted(SystemError)
  /// A machine cannot be started.
  case machineNotStarted(MachineID, SystemError)
  /// The system allows the program less memory than the run needs, both in bytes.
  case tooLittleMemory(needed: Int, allowed: Int)
  /// These machines had not finished so many nanoseconds after the run's end.
  case notEnded([MachineID], nanoseconds: Int64)
  /// The run directory was removed or renamed.
  case directoryGone(path: String)
  /// A snapshot's file cannot be written.
  case snapshotNotWritten(SystemError)
}

extension MachineDeath: CustomStringConvertible {
  package var description: String {
    switch cause {
    case .killed(let processID, let signal):
      "machine \(machine) (process \(processID)) was killed by signal \(signal) "
        + "(\(SignalName.of(signal)))"
    case .exited(let processID, let code):
      "machine \(machine) (process \(processID)) ended by itself with exit code \(code)"
    case .failed(let failure):
      "machine \(machine): \(failure)"
    case .vanished:
      "machine \(machine) ended without a word"
    case .lost(let reason):
      "machine \(machine) is gone: \(reason)"
    case .leftBecause(let reason):
      "machine \(machine) has left the run: \(reason)"
    }
  }
}

extension MachineDeath.Cause: CustomStringConvertible {
  /// As it stands behind "died: ".
  package var description: String {
    switch self {
    case .killed(_, let signal): "killed by signal \(signal) (\(SignalName.of(signal)))"
    case .exited(_, let code): "its process ended by itself with exit code \(code)"
    case .failed(let failure): "\(failure)"
    case .vanished: "ended without a word"
    case .lost(let reason): reason
    case .leftBecause(let reason): "has left the run: \(reason)"
    }
  }
}

extension WallRunFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .machineDied(let death):
      "\(death)"
    case .linkBroke(let one, let other, let reason):
      "the link between machines \(one) and \(other) broke: \(reason)"
    case .tooFewOpenFiles(let needed, let allowed):
      "this run needs \(needed) open files, but the system allows \(allowed); "
        + "raise the hard limit (ulimit -Hn \(needed)) or take fewer --machines"
    case .directoryGone(let path):
      "'\(path)' was removed or renamed while the run went on"
    case .snapshotNotWritten(let error):
      "cannot write '\(error.subject)': \(error.reason); make room, or choose another directory "
        + "with --output"
    case .notLinked(let machines):
      "\(counted(machines.count, "machine")) not linked in time, machine "
        + "\(machines.first.map { "\($0)" } ?? "-") the first; take fewer --machines"
    case .notAssembled(let missing, let reasons, let nanoseconds):
      "the run did not begin within \(TimeSpan(nanoseconds: nanoseconds)): machine "
        + missing.map { "\($0)" }.joined(separator: ", ")
        + (reasons.isEmpty
          ? " did not come; see whether it runs and its port can be reached"
          : " did not come (\(reasons.joined(separator: "; ")))")
    case .notStarted(let error):
      "the machines cannot be started: \(error)"
    case .machineNotStarted(let machine, let error):
      "machine \(machine) cannot be started: \(error.reason); \(Self.remedy(of: error)), or take "
        + "fewer --machines"
    case .tooLittleMemory(let needed, let allowed):
      "this run needs about \(needed >> 20) MiB more memory, but the limit leaves "
        + "\(allowed >> 20); raise the limit of memory (ulimit -v), or take fewer --machines"
    case .notEnded(let machines, let nanoseconds):
      "machine \(machines.prefix(8).map { "\($0)" }.joined(separator: ", "))"
        + (machines.count > 8 ? " and \(machines.count - 8) others" : "")
        + " had not finished \(TimeSpan(nanoseconds: nanoseconds)) after the run's end; see "
        + "whether \(machines.count == 1 ? "it is" : "they are") stopped, or take lower --rates"
    }
  }
}

extension WallRunFailure {
  /// What the user may do about a system that refuses one more machine.
  private static func remedy(of error: SystemError) -> String {
    if error.isOutOfFiles { return "raise the limit of open files (ulimit -n)" }
    if error.isOutOfMemory { return "make memory free" }
    return ThisProcess.memoryLeft == nil
      ? "raise the limit of processes (ulimit -u)"
      : "raise the limit of processes (ulimit -u) or of memory (ulimit -v)"
  }
}

/// Signals by the names people know.
package enum SignalName {
  /// The name of a signal; its number for a rare one.
  package static func of(_ number: Int32) -> String {
    switch number {
    case SIGKILL: "SIGKILL"
    case SIGTERM: "SIGTERM"
    case SIGSEGV: "SIGSEGV"
    case SIGABRT: "SIGABRT"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGBUS: "SIGBUS"
    case SIGHUP: "SIGHUP"
    case SIGQUIT: "SIGQUIT"
    case SIGINT: "SIGINT"
    default: "signal \(number)"
    }
  }
}
