import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// How a machine is started: the only difference between the two wall-time runtimes.
package enum WallRuntime: String, CaseIterable, Sendable {
  /// A thread of this process.
  case threads
  /// A process of its own.
  case processes
}

/// Starts machines, each at the other end of a control link.
package enum MachineStart {
  /// The beginning of a machine process's name (`argv[0]`), as `ps` shows it.
  ///
  /// The one argument is the process id of the supervisor; the control link is descriptor 3.
  private static let namePrefix = "scalemodel: machine "

  /// Whether this process was started as a machine.
  package static var isMachine: Bool {
    CommandLine.arguments.count == 2 && CommandLine.arguments[0].hasPrefix(namePrefix)
  }

  /// Where a machine runs.
  enum Host {
    case thread(SystemThread)
    case process(ChildProcess)
    /// On another host, with a supervisor there.
    case elsewhere
  }

  /// Starts a machine that reads its commands from `control`.
  static func start(
    _ id: MachineID, _ options: WallRunOptions, control: Descriptor
  ) throws(SystemError) -> Host {
    switch options.runtime {
    case .threads:
      let (catalog, makeService) = (options.catalog, options.makeService)
      do throws(SystemError) {
        return .thread(try SystemThread { serve(control, catalog, makeService) })
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

  /// Runs a machine in this process, until its supervisor stops it.
  ///
  /// The process has a group of its own from the start, so only the supervisor gets Ctrl-C. Where
  /// the system can, it ends the process with its supervisor, even a suspended one.
  ///
  /// - Parameters:
  ///   - parent: The process id of the supervisor.
  ///   - catalog: The workloads of this program.
  ///   - makeService: Makes the machine's service; nil when this program has none.
  package static func serveAsProcess(
    parent: Int32, catalog: WorkloadCatalog, makeService: LoopServiceMaker?
  ) {
    guard ThisProcess.end(withParent: parent) else { return }
    serve(Descriptor(3), catalog, makeService)
  }

  /// Runs a machine: waits for `setUp`, then runs its loop.
  private static func serve(
    _ descriptor: Descriptor, _ catalog: WorkloadCatalog, _ makeService: LoopServiceMaker?
  ) {
    let control = ControlLink(descriptor)
    var commands: [ControlCommand] = []
    while commands.isEmpty {
      // The only wait without a deadline: a machine without a setup has nothing else to do, and the
      // end of the link ends the wait.
      _ = descriptor.waitUntilReadable(milliseconds: -1)
      guard case .values(let values)? = try? control.receive(ControlCommand.self) else { return }
      commands = values
    }
    // Before the machine's first report, all that may follow is the order to stop.
    guard case .setUp(let setup)? = commands.first, commands.count == 1 else { return }
    do throws(MachineFailure) {
      switch setup.plan.workload {
      case .chatter:
        let workload = Chatter(dieSides: setup.plan.dieSides)
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeService: makeService
        ).run()
      case .bank(let account):
        let own = Bank(
          balance: setup.plan.startBalance(of: setup.id) ?? 0,
          transferProbability: account.transferProbability, transferMax: account.transferMax)
        let workload = own.sharing(
          among: setup.plan.machineCount, startTotal: setup.plan.totalMoney ?? 0)
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeService: makeService
        ).run()
      case .named(let choice):
        let workload: ErasedWorkload
        do throws(WorkloadRefusal) {
          workload = try catalog.workload(of: choice, topology: setup.plan.topology)
        } catch {
          throw MachineFailure.workload("\(error)")
        }
        try MachineLoop(
          setup: setup, workload: workload, control: control, makeService: makeService
        ).run()
      }
    } catch {
      control.send(ControlReport.run(.failed(error)), isLast: true)
      control.drain(milliseconds: 2000)
    }
  }
}
