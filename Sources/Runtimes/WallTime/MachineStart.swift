import LogicalTime
import RunControl
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
  /// How this program's own name begins when it is to be a machine, as lists of processes show it.
  ///
  /// The one argument is the process id of the supervisor; the control link is descriptor 3.
  private static let namePrefix = "scalemodel: machine "

  /// Whether this process was started to be a machine.
  package static var isMachine: Bool {
    CommandLine.arguments.count == 2 && CommandLine.arguments[0].hasPrefix(namePrefix)
  }

  /// What is behind a control link.
  enum Host {
    case thread(SystemThread)
    case process(ChildProcess)
    /// The machine is on another host, and its supervisor beside it.
    case elsewhere
  }

  /// Starts a machine that will take its orders from the other end of `link`.
  static func start(
    _ id: MachineID, _ options: WallRunOptions, control: Descriptor
  ) throws(SystemError) -> Host {
    switch options.runtime {
    case .threads:
      let makeGuest = options.makeGuest
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
          options.executablePath, name: "\(namePrefix)\(id) of \(options.directory.path)",
          arguments: ["\(ThisProcess.id)"], streams: .init(control: control), isApart: true))
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
  package static func serveAsProcess(parent: Int32, makeGuest: LoopServiceMaker?) {
    guard ThisProcess.end(withParent: parent) else { return }
    serve(Descriptor(3), makeGuest)
  }

  /// Is a machine: awaits its first order, then runs its loop.
  private static func serve(_ descriptor: Descriptor, _ makeGuest: LoopServiceMaker?) {
    let control = ControlLink(descriptor)
    var orders: [ControlCommand] = []
    while orders.isEmpty {
      // The only wait without end: before its first order a machine has nothing else to do, and the
      // end of the link ends it.
      _ = descriptor.waitUntilReadable(milliseconds: -1)
      guard case .values(let values)? = try? control.receive(ControlCommand.self) else { return }
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
          transferProbability: account.transferProbability, transferMax: account.transferMax)
        let workload = own.sharing(
          among: setup.plan.machineCount, startTotal: setup.plan.totalMoney ?? 0)
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeGuest: makeGuest
        ).run()
      }
    } catch {
      control.send(ControlReport.run(.failed(error)), isLast: true)
      control.drain(milliseconds: 2000)
    }
  }
}
