import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// Reads commands from standard input while a run goes on, a line each.
final class CommandReader {
  /// What a line asks for.
  enum Command: Hashable {
    /// Take a snapshot, begun by this machine; nil leaves open by which. It is given up after the
    /// time-out; nil leaves that to the plan.
    case snapshot(MachineID?, timeout: TimeSpan?)
    /// Something that is no command.
    case unknown(String)
  }

  static let token = UInt64.max - 1
  private let poller: Poller
  private var line: [UInt8] = []
  private var isFirstLine = true
  /// What is longer is no command; the rest of the line is thrown away.
  private static let lineLengthMax = 200

  /// Watches standard input; what cannot be watched, such as a plain file, is left alone.
  init(poller: Poller) {
    self.poller = poller
    try? poller.add(.standardInput, token: Self.token)
  }

  /// Takes what was typed since; the last line may still be unfinished.
  ///
  /// - Returns: How many lines were ended, and the commands in them.
  func read() -> (lineCount: Int, commands: [Command]) {
    // A job in the background must not read from the terminal it shares with a shell.
    guard Descriptor.standardInput.isOursToRead else { return (0, []) }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let progress = try? chunk.withUnsafeMutableBytes {
      try Descriptor.standardInput.readAvailable(into: $0)
    }
    guard case .bytes(let count)? = progress else {
      if progress != .wouldBlock { poller.remove(.standardInput) }
      return (0, [])
    }
    var lineCount = 0
    var commands: [Command] = []
    for byte in chunk[..<count] {
      if byte == UInt8(ascii: "\n") {
        lineCount += 1
        if let command = Self.command(
          String(decoding: line.dropFirst(markByteCount), as: UTF8.self))
        {
          commands.append(command)
        }
        (line, isFirstLine) = ([], false)
      } else if line.count < Self.lineLengthMax {
        line.append(byte)
      }
    }
    return (lineCount, commands)
  }

  /// How many bytes of the line are a byte-order mark; a line in another encoding is no command.
  private var markByteCount: Int {
    isFirstLine ? (try? TextCheck.byteOrderMarkByteCount(of: line)) ?? 0 : 0
  }

  /// The command a line is; nil for an empty one.
  static func command(_ line: String) -> Command? {
    let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
    guard let first = words.first else { return nil }
    if first == "snapshot", let command = snapshot(words.dropFirst()) { return command }
    return .unknown(String(line.filter { !$0.isNewline }.prefix(60)))
  }

  /// What follows the word `snapshot`: a machine's id, a time-out, both, or nothing.
  private static func snapshot(_ words: ArraySlice<Substring>) -> Command? {
    var words = words
    let machine = words.first.flatMap { UInt32($0) }.map { MachineID(Int($0)) }
    if machine != nil { words.removeFirst() }
    guard let word = words.popFirst() else { return .snapshot(machine, timeout: nil) }
    guard words.isEmpty, let timeout = TimeSpan(String(word)), timeout.isPossibleTimeout else {
      return nil
    }
    return .snapshot(machine, timeout: timeout)
  }
}

extension TimeSpan {
  /// Whether a caller may ask for an answer within this time: more than zero, a year at most.
  package var isPossibleTimeout: Bool { nanoseconds > 0 && self <= .seconds(31_536_000) }
}
