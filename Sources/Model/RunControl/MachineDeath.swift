import LogicalTime
import ScaleModel

/// A machine that died during a run.
package struct MachineDeath: Hashable, Sendable {
  /// The machine that died.
  package var machine: MachineID
  /// How it died.
  package var cause: Cause
  /// When the death was noticed; nil when that was not measured.
  package var systemTime: SystemInstant?

  /// Makes the death of a machine.
  package init(machine: MachineID, cause: Cause, systemTime: SystemInstant? = nil) {
    self.machine = machine
    self.cause = cause
    self.systemTime = systemTime
  }

  /// How a machine dies.
  package enum Cause: Hashable, Sendable {
    /// A signal ended its process.
    case killed(processID: Int32, signal: Int32, signalName: String)
    /// A viewer of the run's page killed it.
    case killedByViewer
    /// Its process ended by itself.
    case exited(processID: Int32, code: Int32)
    /// It could not go on, and said why.
    case failed(MachineFailure)
    /// Its thread ended without a report.
    case vanished
    /// Its host is unreachable, or has left without a report.
    case lost(reason: String)
    /// Its host has ended the run for this reason.
    case leftBecause(reason: String)
  }
}

extension MachineDeath: CustomStringConvertible {
  /// The machine and the cause, in one clause.
  package var description: String {
    switch cause {
    case .killed(let processID, let signal, let name):
      "machine \(machine) (process \(processID)) was killed by signal \(signal) "
        + "(\(name))"
    case .killedByViewer:
      "machine \(machine) was killed by a viewer of the page"
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
  /// The cause, worded to follow "died: ".
  package var description: String {
    switch self {
    case .killed(_, let signal, let name): "killed by signal \(signal) (\(name))"
    case .killedByViewer: "killed by a viewer of the page"
    case .exited(_, let code): "its process ended by itself with exit code \(code)"
    case .failed(let failure): "\(failure)"
    case .vanished: "ended without a word"
    case .lost(let reason): reason
    case .leftBecause(let reason): "has left the run: \(reason)"
    }
  }
}
