import Synchronization
import SystemCalls

/// A tool of the package, run as its users run it.
struct BuiltTool {
  static let scalemodel = BuiltTool(name: "scalemodel")
  static let analyze = BuiltTool(name: "analyze")
  static let bench = BuiltTool(name: "bench")

  /// The tool's path: beside the program that runs the tests.
  let path: String

  private init(name: String) {
    let directory = FileSystem.parentPath(of: ThisProcess.executablePath)
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") }
    let beside = FileSystem.parentPath(of: bundle ?? directory)
    path = FileSystem.exists("\(directory)/\(name)") ? "\(directory)/\(name)" : "\(beside)/\(name)"
  }

  /// Starts the tool.
  func start(_ words: [String], in directory: String? = nil) throws -> ToolProcess {
    try Self.start(path, words, in: directory)
  }

  /// Runs the tool to its end.
  func run(_ words: [String], in directory: String? = nil) throws -> ToolProcess.Outcome {
    try start(words, in: directory).finish(seconds: deadlineSeconds)
  }

  /// Runs the tool from a shell after `preparation`; `rest` follows the tool's words.
  func run(
    afterShell preparation: String, _ words: [String], rest: String = ""
  ) throws -> ToolProcess.Outcome {
    try start(afterShell: preparation, words, rest: rest).finish(seconds: deadlineSeconds)
  }

  /// Starts the tool from a shell, in the same way.
  func start(
    afterShell preparation: String, _ words: [String], rest: String = ""
  ) throws -> ToolProcess {
    let call = ([path] + words).map { "'\($0)'" }.joined(separator: " ")
    let script = "\(preparation)\n\(rest.isEmpty ? "exec " : "")\(call)\(rest)"
    // With a socket as its input, bash assumes a remote shell and reads start files.
    return try Self.start("/bin/bash", ["--norc", "-c", script])
  }

  /// A started program inherits descriptors that another test has not yet marked; so programs start
  /// one by one.
  private static let turn = Mutex(())
  /// Where no program can make a file: the directory of a run without `--output` would stay behind.
  private static let nowhere = "/dev/fd"

  /// Starts any program.
  static func start(
    _ path: String, _ words: [String], in directory: String? = nil
  ) throws -> ToolProcess {
    try turn.withLock { _ in try ToolProcess(path, words, directory: directory ?? nowhere) }
  }
}

/// How many seconds a test waits for an expected event: enough for a busy host.
let deadlineSeconds = 120.0

extension ToolProcess {
  /// Interrupts the program, as Ctrl-C does, and waits for its end; a run's exit code is then 130.
  ///
  /// A test that acts on a run waits for what its acts lead to, and then interrupts it: a run of a
  /// second may be over before a busy host lets the test act.
  func interrupt() -> Outcome {
    process.signal(SIGINT)
    return finish(seconds: deadlineSeconds)
  }
}
