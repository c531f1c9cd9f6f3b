#if GRPC
  import LogicalTime
  import RunControl
  import RunRecord
  import ScaleModel
  import Snapshots
  import SystemCalls
  import Transport
  import WallTime

  /// Serves clients over gRPC from within a machine's loop.
  package final class GRPCService: LoopService {
    private let context: ServiceContext
    private let numbers = RequestNumbers()
    private var bank: BankService?
    private var snapshots: SnapshotService?
    private var server: ServiceListener?
    private var foreign: ForeignMachines?

    /// Prepares to serve; the listener is not open yet.
    package init(_ context: ServiceContext) {
      self.context = context
    }

    /// Opens the listener, with every service that the run has.
    package func start(
      _ host: any MachineAccess, poller: Poller, firstToken: UInt64
    ) throws(MachineFailure) {
      let bank = BankService(
        machine: context.machine, plan: context.plan, host: host, numbers: numbers)
      let foreign = context.foreignSetup.map { ForeignMachines(setup: $0, host: host) }
      let snapshots = SnapshotService(
        machine: context.machine, directory: context.directory,
        workload: WorkloadMessages(
          of: context.plan.workload, machineCount: context.plan.machineCount),
        host: host, numbers: numbers, foreign: foreign)
      let files = [
        ScaleModelFile.file, HealthMethods.file, ReflectionMethods<ReflectionV1>.file,
        ReflectionMethods<ReflectionV1Alpha>.file,
      ]
      var router = Router()
      bank.register(in: &router)
      snapshots.register(in: &router)
      HealthService(services: files.flatMap(\.services).map(\.name)).register(in: &router)
      let reflection = ReflectionService(files: files)
      reflection.register(ReflectionV1.self, in: &router)
      reflection.register(ReflectionV1Alpha.self, in: &router)
      self.bank = bank
      self.snapshots = snapshots
      self.foreign = foreign
      let endpoint = context.endpoint
      do throws(SystemError) {
        server = try ServiceListener(
          endpoint: endpoint, router: router, token: context.secret,
          poller: poller, firstToken: firstToken)
      } catch {
        throw error.isAddressInUse
          ? .portInUse(port: endpoint.port, address: "\(endpoint)") : .system("\(error)")
      }
    }

    /// Handles a client's socket, by its token.
    package func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
      server?.handle(token: token, isReadable: isReadable, isWritable: isWritable)
    }

    /// The earliest time that the listener or a foreign machine waits for.
    package var nextTime: MonotonicInstant {
      min(server?.nextTime ?? .never, foreign?.nextTime ?? .never)
    }

    /// Releases delayed messages, then ends late calls and stuck connections.
    package func handleTime(now: MonotonicInstant) {
      foreign?.handleTime(now: now)
      server?.handleTime(now: now)
    }

    /// Answers the call that sent the machine this request.
    package func answered(_ number: UInt64, _ answer: HandAnswer) {
      bank?.answered(number, answer)
    }

    /// Replies to the call that asked for a snapshot.
    package func began(_ number: UInt64, _ beginning: SnapshotBeginning) {
      snapshots?.began(number, beginning)
    }

    /// Replies to the call that asked for the state of a snapshot.
    package func stands(_ number: UInt64, _ standing: SnapshotStanding) {
      snapshots?.stands(number, standing)
    }

    /// Tells every watching client that a snapshot is over.
    package func isOver(_ snapshot: SnapshotID, isComplete: Bool) {
      snapshots?.isOver(snapshot, isComplete: isComplete)
    }

    /// Resumes foreign machines that may send again, then writes to clients.
    package func flush() {
      foreign?.flush()
      server?.flush()
    }

    /// Ends every connection, with a reason where the client still reads.
    package func stop() {
      server?.close()
      server = nil
      foreign = nil
      bank = nil
      snapshots = nil
    }
  }
#endif
