import CommandLineKit
import RunRecord
import WallTime

/// `scalemodel snapshot`: takes a snapshot of a run that goes on in another shell.
struct SnapshotCommand {
  private static let machine = Option.number(
    "--machine", "ID", in: 0...Int(UInt32.max), help: "the machine that begins it (0)")
  private static let timeout = RunDoor.timeout(help: "how long to wait until it is whole (10s)")
  private static let json = Option.flag("--json", help: "print the snapshot as JSON")

  static let command = Command(
    name: "scalemodel snapshot", summary: "Take a snapshot of a running model.",
    argumentsUsage: "[RUN]", argumentCount: 0...1,
    details: "RUN is the run's directory (runs/latest). The snapshot's file stays in it.",
    example: "scalemodel snapshot --machine 2",
    options: [machine.shape, timeout.shape, json.shape])

  let console: Console
  private let directory: RunDirectory
  private let request: ControlRequest
  private let isJSON: Bool

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    directory = RunDirectory(path: words.arguments.first ?? "runs/latest")
    request = ControlRequest(
      command: "snapshot", machine: try words.value(of: Self.machine),
      timeoutNanoseconds: try words.value(of: Self.timeout)?.nanoseconds
        ?? ControlRequest.timeoutDefault)
    isJSON = words.has(Self.json)
  }

  /// Asks the run, waits for its answer, and prints what it wrote.
  func run() throws -> ExitCode {
    let door = RunDoor(
      directory: directory, wish: "snapshots",
      virtualAdvice: "ask for snapshots beforehand with --snapshot-at")
    switch try door.answer(to: request) {
    case .settled(let id, let status):
      let snapshot: SnapshotFile
      do throws(RunRecordError) {
        snapshot = try SnapshotFile.read(id, from: directory)
      } catch {
        throw ToolFailure(.malformedInput, "\(error)")
      }
      try console.print(isJSON ? JSONText.encode(snapshot) + "\n" : SnapshotTable(snapshot).text)
      guard status == .partial else { return .done }
      throw ToolFailure(
        .failed, "snapshot \(id) is partial: \(snapshot.reason ?? "something is missing")")
    case .unknownMachine(let machineCount):
      throw UsageError.malformedValue(
        option: Self.machine.name, value: "\(request.machine ?? 0)",
        expected: "one of the run's machines, 0 to \(machineCount - 1)")
    case .account:
      throw ToolFailure(.unavailable, "the run answered something else; is it of this version?")
    case .refused(let reason):
      throw ToolFailure(.failed, "no snapshot of '\(directory.path)': \(reason)")
    }
  }
}
