import CommandLineKit
import LogicalTime
import RunRecord
import WallTime

/// The options that all commands for runs on several hosts share: the cluster file.
enum ClusterOptions {
  static let cluster = Option.text(
    "--cluster", "FILE", help: "the cluster file, the same on every host")

  /// Every key of the file, as explained by `--help`.
  static let fieldsHelp = """
    The cluster file is JSON. These are its keys; all but 'machines' may be left out:
      token          the secret that machines and clients must show, the same on all hosts; needed
                     unless every host is loopback. It encrypts nothing
      seed           the seed of all random choices (0)
      duration       how long the machines run, or "forever" ("60s")
      workload       "chatter" (the die), "bank", or another one of 'scalemodel run --help'
                     ("chatter")
      options        such another one: an object with its options, "_" for "-", such as
                     { "want": 0.2 } (none). A program is started on every host, from the
                     directory that 'scalemodel machine' is called in
      die            chatter: sides of the die (10)
      transfer       bank: how likely a free tick transfers a random amount (0.2)
      transfer_max   bank: the most that one transfer moves (the balance)
      delay          how long messages are on their way: "50ms", "10ms...100ms", "~50ms" ("0")
      phases         "aligned": all machines' ticks begin together; or "random" ("aligned")
      skew           physical clocks differ by at most that: "50ms"; journals show them ("0s")
      clock_drift    they run fast or slow by up to that: "200ppm" ("0ppm")
      sync           they are set right at every multiple: "30s,5ms,slew" (never)
      clock_ahead    a list of clocks that are wrong: ["8h@0"] is machine 0's (none)
      order          "fifo", or "none": messages of one channel may overtake ("fifo")
      loss           how likely a message or marker is lost on its way (0)
      duplicate      how likely a message or marker arrives twice (0)
      partition      a list of partitions: ["10s...20s@0,1"] cuts 0 and 1 off for that time,
                     ["10s...20s@0:1"] holds only 0's messages to 1 (none)
      transport      "tcp", which the hosts' notes need ("tcp")
      start_timeout  how long a machine waits for all the others ("30s")
      link_timeout   how long a link may be silent before its machine counts as gone ("5s"); one
                     that comes back in half that time loses nothing
      restarts       how often all machines may go back to the last complete snapshot when one
                     dies or its host is gone (none does: the run ends)
      machines       a list with an object for each machine:
        id           0, 1, 2 and so on, each once
        host         the name, IPv4 or IPv6 address that it listens on, and the others reach it
                     at; of a name with several addresses each is tried in order
        port         the TCP port there
        rate         instructions per second (drawn from 1 to 6)
        balance      bank: the money it begins with (1000)
        grpc         the port on which it serves gRPC (none); clients send the token
        protocol     "grpc" for a machine that is another program, such as node.py (a bank's)
                     or mutex_node.py in experiments/grpc. It has no host, port or grpc: it
                     dials the 'grpc' ports of all the others. At least one machine must run
                     scalemodel
    """

  /// Reads the file that a call names, and resolves its hosts.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - startsPrograms: Whether a workload that is a program is started and asked for its fields.
  /// - Returns: The file's content, validated.
  /// - Throws: `ToolFailure` that names the file and the key that is wrong.
  static func file(_ path: String, startsPrograms: Bool) throws(ToolFailure) -> ClusterFile {
    do throws(RunRecordError) {
      return try ClusterFile.read(
        from: path, catalog: WorkloadOptions.catalog, startsPrograms: startsPrograms)
    } catch {
      switch error {
      case .missing:
        throw ToolFailure(
          .noInput, "\(error); 'scalemodel cluster-init --machines 3' writes an example")
      case .unreadable, .tooLarge: throw ToolFailure(.inputOutput, "\(error)")
      default:
        throw ToolFailure(
          .malformedInput, "\(error); 'scalemodel machine --help' explains every key")
      }
    }
  }

  /// A client for a machine on its own host; nil when the call names no cluster file.
  ///
  /// - Parameters:
  ///   - words: The call.
  ///   - run: The run's directory, if the call names one: that conflicts.
  ///   - index: The machine's number; nil for machine 0.
  ///   - option: The option that names the machine.
  ///   - isForSnapshot: Whether it is for a snapshot: a machine that is another program begins
  ///     one through one of ours.
  /// - Returns: The client of that machine.
  /// - Throws: `UsageError` or `ToolFailure` with what is wrong with the call or the file.
  static func client(
    _ words: ParsedWords, run: String?, machine index: Int?, option: String,
    isForSnapshot: Bool = false
  ) throws -> RemoteControlClient? {
    guard let path = try words.value(of: cluster) else { return nil }
    if let run {
      throw UsageError.contradiction(
        "'\(run)' and --cluster both say where the run is; leave one of them out")
    }
    let file = try file(path, startsPrograms: false)
    let find = isForSnapshot ? gatherer : machine
    return RemoteControlClient(try find(index ?? 0, file, option), of: file)
  }

  /// Refuses a machine that the file does not name.
  static func machine(
    _ index: Int, of file: ClusterFile, option: String
  ) throws(UsageError) -> MachineID {
    guard index < file.plan.machineCount else {
      throw .malformedValue(
        option: option, value: "\(index)",
        expected: "one of the cluster file's machines, 0 to \(file.plan.machineCount - 1)")
    }
    let machine = MachineID(index)
    if file.foreignMachines.contains(machine) {
      throw .contradiction(
        "machine \(machine) speaks gRPC: it is a program of its own, which dials the others")
    }
    return machine
  }

  /// The machine to ask for a snapshot of an initiator: the initiator, or, if that speaks gRPC, the
  /// first machine that does not.
  private static func gatherer(
    _ index: Int, of file: ClusterFile, option: String
  ) throws(UsageError) -> MachineID {
    let isThere = index < file.plan.machineCount
    let gatherer = isThere ? file.foreign.gatherer(of: MachineID(index)).index : index
    return try machine(gatherer, of: file, option: option)
  }
}
