import CommandLineKit
import CourseFormats
import SystemCalls

/// `scalemodel script`: the scripted bank, command by command.
struct ScriptCommand {
  private static let seed = Option.seed(
    help: "the seed of the choices of Receive and ReceiveAll (0)")

  static let command = Command(
    name: "scalemodel script", summary: "Carry out a script of the bank, and print what it asks.",
    argumentsUsage: "[FILE]", argumentCount: 0...1,
    details: """
      FILE, or standard input without it, holds one command per line:
        StartMaster, KillAll         begin and end a bank; all others stand between them
        CreateNode ID MONEY          a node, with channels to and from all others
        Send FROM TO AMOUNT          puts money on a channel; prints ERR_SEND if there is too little
        Receive RECEIVER [SENDER]    takes and prints the head of a channel, or of a random one
        ReceiveAll                   receives from random channels until all are empty
        BeginSnapshot ID             the node starts a snapshot
        CollectState, PrintSnapshot  collect the snapshot started last, and print it

      Each line is answered before the next is waited for. A line that cannot be carried out is
      named on standard error and changes nothing; the script goes on, and the exit code is 65.
      """,
    example: "scalemodel script bank.txt", argumentHint: .files, options: [seed.shape])

  private let console: Console
  /// The script's file; nil for standard input.
  private let path: String?
  private let seed: UInt64

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    path = words.arguments.first.flatMap { $0 == "-" ? nil : $0 }
    seed = try words.value(of: Self.seed) ?? 0
  }

  /// Carries out the script to its end, or until its output is closed.
  func run() throws -> ExitCode {
    let input = try openInput()
    var script = BankScript(seed: seed)
    var output = ScriptOutput(console: console)
    var exitCode = ExitCode.done
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    var hasMore = true
    while hasMore && output.isWanted && !script.isRefused {
      hasMore = try read(from: input, by: chunk, into: &script)
      if try !carryOutLines(of: &script, into: &output) { exitCode = .malformedInput }
      // A client that waits for an answer before its next command gets it now.
      try output.flush()
    }
    return exitCode
  }

  /// Carries out the complete lines; returns whether all succeeded.
  private func carryOutLines(
    of script: inout BankScript, into output: inout ScriptOutput
  ) throws -> Bool {
    var isWhole = true
    while output.isWanted {
      do throws(BankScriptError) {
        if try !script.carryOutNextLine(into: &output.bytes) { break }
      } catch {
        isWhole = false
        // Earlier output is flushed first, so that it precedes the error on a shared terminal.
        try output.flush()
        console.fail("\(inputName), \(error)")
      }
      try output.flushIfLong()
    }
    return isWhole
  }

  // MARK: Input

  private func openInput() throws(ToolFailure) -> Descriptor {
    guard let path else { return .standardInput }
    if FileSystem.isDirectory(path) {
      throw ToolFailure(.noInput, "cannot read '\(path)': it is a directory; name a file in it")
    }
    do throws(SystemError) {
      return try FileSystem.openToRead(path)
    } catch {
      throw ToolFailure(unreadableInput: error)
    }
  }

  /// Waits for bytes and feeds them to the script; returns whether there can be more.
  private func read(
    from input: Descriptor, by chunk: UnsafeMutableRawBufferPointer, into script: inout BankScript
  ) throws(ToolFailure) -> Bool {
    do throws(SystemError) {
      switch try input.readAvailable(into: chunk) {
      case .bytes(let count): script.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      case .wouldBlock: _ = input.waitUntilReadable(milliseconds: -1)
      case .ended:
        script.endInput()
        return false
      }
      return true
    } catch {
      throw ToolFailure(.inputOutput, "cannot read \(inputName): \(error.reason)")
    }
  }

  private var inputName: String { path.map { "'\($0)'" } ?? "standard input" }
}

/// Buffers a script's output into blocks.
struct ScriptOutput {
  private let console: Console
  /// The buffered output, in UTF-8.
  var bytes: [UInt8] = []
  /// Whether the output is still open for a reader.
  private(set) var isWanted = true

  /// The size at which a block is written.
  private static let blockByteCount = 1 << 16

  init(console: Console) {
    self.console = console
  }

  /// Writes the buffer when it holds a block.
  mutating func flushIfLong() throws(ToolFailure) {
    if bytes.count >= Self.blockByteCount { try flush() }
  }

  /// Writes the buffer.
  mutating func flush() throws(ToolFailure) {
    guard !bytes.isEmpty else { return }
    isWanted = try console.write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
