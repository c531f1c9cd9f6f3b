import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// `scalemodel snapshot`: takes a snapshot of a run that goes on in another shell.
struct SnapshotCommand {
  private static let machine = Option.number(
    "--machine", "ID", in: 0...Int(UInt32.max), help: "the machine that begins it (0)")
  private static let timeout = Option<TimeSpan>(
    "--timeout", "TIME", help: "how long to wait until it is whole (10s)",
    expected: "a time greater than zero, such as 10s, of a year at most"
  ) { word in
    TimeSpan(word).flatMap { $0.nanoseconds > 0 && $0 <= .seconds(31_536_000) ? $0 : nil }
  }
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
    switch try answer() {
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
    case .refused(let reason):
      throw ToolFailure(.failed, "no snapshot of '\(directory.path)': \(reason)")
    }
  }

  private func answer() throws -> ControlAnswer {
    let descriptor = try connect()
    defer { descriptor.end() }
    try? descriptor.writeAll(JSONText.encode(request, isPretty: false) + "\n")
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while descriptor.waitUntilReadable(milliseconds: Int32(clamping: patienceMilliseconds)) {
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else {
        throw ToolFailure(
          .unavailable, "the run in '\(directory.path)' ended before it could answer")
      }
      line += chunk[..<count]
      guard line.last == UInt8(ascii: "\n") else { continue }
      do throws(RunRecordError) {
        return try JSONText.decode(line, path: directory.controlSocketPath)
      } catch {
        throw ToolFailure(.unavailable, "\(error); is it a run of this version?")
      }
    }
    throw doesNotAnswer
  }

  /// The run keeps the time-out; what is waited beyond it is for a run that hangs.
  private var patienceMilliseconds: Int64 { request.timeoutNanoseconds / 1_000_000 + 5000 }

  private var doesNotAnswer: ToolFailure {
    ToolFailure(
      .unavailable, "the run in '\(directory.path)' does not answer; see whether it is stopped")
  }

  /// Connects to the run's control socket, or says in the run's own words why it cannot.
  private func connect() throws -> Descriptor {
    do throws(SystemError) {
      return try connectInTurn()
    } catch {
      if error.number == EAGAIN { throw doesNotAnswer }
      // Before anything else: what may not be looked into seems not to be there.
      if error.number == EACCES || error.number == EPERM {
        throw ToolFailure(
          .unavailable,
          "the run in '\(directory.path)' belongs to another user, and only that "
            + "user may ask it for snapshots")
      }
      guard FileSystem.isDirectory(directory.path) else {
        throw ToolFailure(
          .noInput, "there is no run in '\(directory.path)'; start one with 'scalemodel run'")
      }
      throw ToolFailure(.unavailable, try whyClosed())
    }
  }

  /// Connects, and tries again while too many others wait at the door.
  private func connectInTurn() throws(SystemError) -> Descriptor {
    let deadline = SystemClock.monotonicNanoseconds + patienceMilliseconds * 1_000_000
    while true {
      do throws(SystemError) {
        return try Socket.connect(unixPath: directory.controlSocketPath)
      } catch {
        let isCrowded = error.number == EAGAIN
        guard isCrowded, SystemClock.monotonicNanoseconds < deadline else { throw error }
        SystemClock.sleep(nanoseconds: 2_000_000)
      }
    }
  }

  private func whyClosed() throws -> String {
    do throws(RunRecordError) {
      let manifest = try Manifest.read(from: directory)
      if manifest.status == .running {
        if manifest.runtime == "virtual" {
          return "the run in '\(directory.path)' is in virtual time, which waits for nobody; "
            + "ask for snapshots beforehand with --snapshot-at"
        }
        return "nobody answers for the run in '\(directory.path)'; it has died or just begun"
      }
      return "the run in '\(directory.path)' is over (\(manifest.status.rawValue)); "
        + "snapshots are taken while it runs"
    } catch {
      throw ToolFailure(.noInput, "\(error); is '\(directory.path)' a run directory?")
    }
  }
}
