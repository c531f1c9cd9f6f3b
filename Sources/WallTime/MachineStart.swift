import RunRecord
import ScaleModel
import SystemCalls

/// How a machine comes to life, and all that is different between the two wall-time runtimes.
package enum WallRuntime: String, CaseIterable, Sendable {
  /// A thread of this process.
  case threads
  /// A process of its own.
  case processes
}

/// A machine at the other end of a control link.
package enum MachineStart {
  /// The hidden command by which this program becomes a machine; its control link is descriptor 3.
  package static let command = "machine-of-a-run"

  /// What is behind a control link.
  enum Host {
    case thread(SystemThread)
    case process(ChildProcess)
    /// The machine is on another host, and its supervisor beside it.
    case elsewhere
  }

  /// Starts a machine that will take its orders from the other end of `link`.
  static func start(
    _ runtime: WallRuntime, executablePath: String, control: Descriptor, makeGuest: GuestMaker?
  ) throws(SystemError) -> Host {
    switch runtime {
    case .threads:
      do throws(SystemError) {
        return .thread(try SystemThread { serve(control, makeGuest) })
      } catch {
        control.end()
        throw error
      }
    case .processes:
      defer { control.end() }
      return .process(
        try ChildProcess.start(
          executablePath, arguments: [command, "\(ThisProcess.id)"],
          streams: .init(control: control), isApart: true))
    }
  }

  /// Is the machine in a process of its own, until its supervisor sends it away.
  ///
  /// The process stands apart: Ctrl-C, and what else is sent to the supervisor's group, is for the
  /// supervisor to answer, from the first instant on. It ends with its supervisor, however that
  /// ends: even a machine that is stopped leaves no process behind.
  ///
  /// - Parameters:
  ///   - parent: The process id of the supervisor.
  ///   - makeGuest: Makes the guest that the machine is to have; nil when this program knows of
  ///     none.
  package static func serveAsProcess(parent: Int32, makeGuest: GuestMaker?) {
    guard ThisProcess.end(withParent: parent) else { return }
    serve(Descriptor(3), makeGuest)
  }

  /// Is a machine: awaits its first order, then runs its loop.
  private static func serve(_ descriptor: Descriptor, _ makeGuest: GuestMaker?) {
    let control = ControlLink(descriptor)
    var orders: [ControlOrder] = []
    while orders.isEmpty {
      // The only wait without end: before its first order a machine has nothing else to do, and the
      // end of the link ends it.
      _ = descriptor.waitUntilReadable(milliseconds: -1)
      guard case .values(let values)? = try? control.receive(ControlOrder.self) else { return }
      orders = values
    }
    guard case .setUp(let setup)? = orders.first else { return }
    do throws(MachineFailure) {
      switch setup.plan.workload {
      case .chatter:
        let workload = Chatter(dieSides: setup.plan.dieSides)
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeGuest: makeGuest
        ).run()
      case .bank(let account):
        let own = Bank(
          balance: setup.plan.startBalance(of: setup.id) ?? 0,
          transferProbability: account.transferProbability)
        let workload = own.sharing(
          among: setup.plan.machineCount, startTotal: setup.plan.totalMoney ?? 0)
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeGuest: makeGuest
        ).run()
      }
    } catch {
      control.send(ControlReport.failed(error), isLast: true)
      control.drain(milliseconds: 2000)
    }
  }
}
