import CommandLineKit
import LogicalTime
import RunControl
import SystemCalls
import WallTime

/// A client for one machine of a run on several hosts, through its own port and with the token.
struct RemoteControlClient {
  let file: ClusterFile
  private let machine: MachineID

  /// The longest time to connect to a machine, in seconds.
  private static let secondsMax: Int32 = 5

  /// Names a machine of a cluster file.
  init(_ machine: MachineID, of file: ClusterFile) {
    self.machine = machine
    self.file = file
  }

  /// Asks the machine, and waits for its answer.
  ///
  /// - Throws: `ToolFailure` when it cannot be reached, or does not answer.
  func answer(
    to request: ControlRequest, hearBeginning: (SnapshotOutlook) -> Void = { _ in }
  ) throws -> ControlAnswer {
    let descriptor: Descriptor
    do throws(ControlHandshake.Failure) {
      descriptor = try ControlHandshake.begin(at: machine, of: file, seconds: Self.secondsMax)
    } catch {
      throw ToolFailure(.unavailable, "\(name) \(error)")
    }
    defer { descriptor.end() }
    return try AnswerLine(name: name, path: name, descriptor: descriptor)
      .answer(to: request, hearBeginning: hearBeginning)
  }

  /// The machine's name in errors.
  private var name: String {
    "machine \(machine) at \(file.endpoints[machine.index])"
  }
}
