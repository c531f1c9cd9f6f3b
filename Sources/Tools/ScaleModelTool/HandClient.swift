import CommandLineKit
import RunControl
import RunRecord
import ScaleModel
import WallTime

/// Asks one machine of a running model: through the run's control socket, or on the machine's own
/// host.
struct HandClient {
  /// The time that a machine may take to answer.
  static let timeout = LocalControlClient.timeout(
    help: "how long to wait for the machine's next tick (10s)")

  private let directory: RunDirectory
  /// The client of a machine on its own host; nil when the run is found by its directory.
  private let remoteClient: RemoteControlClient?
  private let request: ControlRequest
  /// The argument that names the machine, for errors.
  private let argument: String

  /// Prepares a request of a call.
  ///
  /// - Parameters:
  ///   - words: The call, with its options.
  ///   - run: The run's directory, if the call names one.
  ///   - machine: The machine's number.
  ///   - instruction: What the machine is told; empty to ask for its state.
  ///   - argument: The argument that names the machine, for errors.
  /// - Throws: `UsageError` or `ToolFailure` with what is wrong with the call.
  init(
    _ words: ParsedWords, run: String?, machine: Int, instruction: [String], argument: String
  ) throws {
    directory = RunDirectory(path: run ?? RunDirectory.latestPath)
    remoteClient = try ClusterOptions.client(words, run: run, machine: machine, option: argument)
    request = ControlRequest(
      command: instruction.isEmpty ? "state" : "tell", machine: machine,
      words: instruction.isEmpty ? nil : instruction,
      timeoutNanoseconds: try words.value(of: Self.timeout)?.nanoseconds)
    self.argument = argument
  }

  /// Reads a machine's id.
  ///
  /// - Throws: `UsageError` with the argument's name.
  static func machine(_ word: String, called argument: String) throws(UsageError) -> Int {
    guard let number = UInt32(word) else {
      throw .malformedValue(
        option: argument, value: word, expected: "a machine's id, from 0 to \(UInt32.max)")
    }
    return Int(number)
  }

  /// Asks the machine, and waits for its answer.
  ///
  /// - Parameter word: What is asked, for errors.
  /// - Returns: The machine after it has carried out the instruction.
  /// - Throws: `ToolFailure` with why it did not, or why there is no answer.
  func standing(asking word: String) throws -> MachineStanding {
    let localClient = LocalControlClient(
      directory: directory, wish: "instructions by hand",
      virtualAdvice: "only runs in 'threads' and 'processes' take instructions by hand")
    switch try remoteClient?.answer(to: request) ?? localClient.answer(to: request) {
    case .state(let standing):
      return standing
    case .unknownMachine(let machineCount):
      throw UsageError.malformedValue(
        option: argument, value: "\(request.machine ?? 0)",
        expected: "one of the run's machines, 0 to \(machineCount - 1)")
    case .refused(let reason):
      throw refusal(of: word, because: reason)
    case .settled, .taken, .begun, .status, .view, .done:
      throw ToolFailure(.unavailable, "the run gave an unexpected answer; do the versions match?")
    }
  }

  /// The failure for something that the run or its machine refuses.
  func refusal(of word: String, because reason: String) -> ToolFailure {
    let name =
      remoteClient == nil ? "'\(directory.path)'" : "machine \(request.machine ?? 0)"
    return ToolFailure(.failed, "\(ShownText.escaped(word)) refused by \(name): \(reason)")
  }
}
