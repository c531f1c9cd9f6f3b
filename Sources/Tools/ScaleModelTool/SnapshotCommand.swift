import CommandLineKit
import RunControl
import RunRecord
import SystemCalls
import TextFormats
import WallTime

/// `scalemodel snapshot`: takes a snapshot of a run in another shell.
struct SnapshotCommand {
  private static let machine = Option.number(
    "--machine", "ID", in: 0...Int(UInt32.max), help: "the machine that begins it (0)")
  private static let timeout = LocalControlClient.timeout(
    help: "how long to wait for all of it (the plan's)")
  private static let status = Option.flag(
    "--status", help: "take none: say where the run is, and which machines are dead")
  private static let json = Option.flag("--json", help: "print the snapshot, or status, as JSON")

  static let command = Command(
    name: "scalemodel snapshot", summary: "Take a snapshot of a running model.",
    argumentsUsage: "[RUN]", argumentCount: 0...1,
    details: """
      RUN is the run's directory (runs/latest), where the snapshot's file is written. With
      --cluster the machine may be on another host, which then stores the file.
      Snapshot 0-1 is the first that machine 0 begins. A snapshot takes about two of the
      longest delays where all machines are linked, and more on other topologies. Without
      --timeout it ends as partial after (channels to the farthest machine + 1) x the
      longest delay + 10 s, and as long again as the run's --snapshot-spread, partitions,
      and with --marker-handling tick its --duration can hold it.
      --status is for a health check: a run that answers, 'starting', 'running' or
      'ending', is healthy (exit code 0), one that does not is not (66, 69).
      """,
    example: """
      scalemodel snapshot --machine 2
      scalemodel snapshot --cluster cluster.json --machine 2
      scalemodel snapshot --status
      """,
    argumentHint: .directories,
    options: [
      machine.shape, ClusterOptions.cluster.shape, timeout.shape, status.shape, json.shape,
    ])

  let console: Console
  private let directory: RunDirectory
  private let request: ControlRequest
  private let isJSON: Bool
  /// The client of a machine on another host; nil when the run is found by its directory.
  private let remoteClient: RemoteControlClient?

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    let index = try words.value(of: Self.machine)
    remoteClient = try ClusterOptions.client(
      words, run: words.arguments.first, machine: index, option: Self.machine.name,
      isForSnapshot: true)
    directory = RunDirectory(path: words.arguments.first ?? RunDirectory.latestPath)
    let isStatus = words.has(Self.status)
    request = ControlRequest(
      command: isStatus ? "status" : "snapshot", machine: index,
      timeoutNanoseconds: try words.value(of: Self.timeout)?.nanoseconds,
      tellsBeginning: isStatus ? nil : true)
    isJSON = words.has(Self.json)
  }

  /// Asks the run, waits for its answer, and prints it.
  func run() throws -> ExitCode {
    let localClient = LocalControlClient(
      directory: directory, wish: "snapshots",
      virtualAdvice: "ask for snapshots beforehand with --snapshot-at")
    let answer =
      try remoteClient?.answer(to: request, hearBeginning: tell)
      ?? localClient.answer(to: request, hearBeginning: tell)
    switch answer {
    case .settled(let id, _):
      let snapshot: SnapshotFile
      do throws(RunRecordError) {
        snapshot = try SnapshotFile.read(id, from: directory)
      } catch {
        throw ToolFailure(unreadableRun: error)
      }
      return try show(snapshot)
    case .taken(let snapshot):
      return try show(snapshot)
    case .status(let status):
      if isJSON {
        try console.print(json: JSONText.encode(status))
      } else {
        try console.print(lines: ["\(status)"])
      }
      return .done
    case .unknownMachine(let machineCount):
      throw UsageError.malformedValue(
        option: Self.machine.name, value: "\(request.machine ?? 0)",
        expected: "one of the run's machines, 0 to \(machineCount - 1)")
    case .state, .begun, .view, .done:
      throw ToolFailure(.unavailable, "the run gave an unexpected answer; do the versions match?")
    case .refused(let reason):
      let name =
        remoteClient == nil ? "of '\(directory.path)'" : "by machine \(request.machine ?? 0)"
      let wish = request.command == "status" ? "status" : "snapshot"
      throw ToolFailure(.failed, "no \(wish) \(name): \(reason)")
    }
  }

  /// Reports on a terminal that a slow snapshot has begun.
  private func tell(_ outlook: SnapshotOutlook) {
    if outlook.takesTime, Descriptor.standardError.isTerminal { console.note("\(outlook)") }
  }

  private func show(_ snapshot: SnapshotFile) throws -> ExitCode {
    if isJSON {
      try console.print(json: JSONText.encode(snapshot))
    } else {
      let plan = remoteClient == nil ? (try? Manifest.read(from: directory))?.plan : nil
      let quantity = remoteClient?.file.plan.workload.conserved ?? plan?.conserved
      let total = quantity.flatMap { remoteClient?.file.plan.startTotal(of: $0) }
      try console.print(
        SnapshotTable(snapshot, conserved: quantity, startTotal: total ?? plan?.startTotal).text)
    }
    guard snapshot.status == .partial else { return .done }
    throw ToolFailure(
      .failed, "snapshot \(snapshot.id) is partial: \(snapshot.reason ?? "something is missing")")
  }
}
