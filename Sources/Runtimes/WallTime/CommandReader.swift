import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// Reads commands from standard input during a run, one a line.
final class CommandReader {
  /// The command of a line.
  enum Command: Hashable {
    /// A snapshot begun by this machine (nil: the default one), and given up after the time-out
    /// (nil: the plan's).
    case snapshot(MachineID?, timeout: TimeSpan?)
    /// A line that is no command.
    case unknown(String)
  }

  static let token = UInt64.max - 1
  private let poller: Poller
  private var line: [UInt8] = []
  private var isFirstLine = true
  /// The most bytes kept of a line; the rest of a longer one is discarded.
  private static let lineLengthMax = 200

  /// When to call ``resumeIfDue(now:)`` next; never while standard input is watched.
  private(set) var nextTime = MonotonicInstant.never
  private static let pauseLength = TimeSpan(nanoseconds: 500_000_000)

  /// Watches standard input, unless the poller cannot, as with a plain file.
  init(poller: Poller) {
    self.poller = poller
    try? poller.add(.standardInput, token: Self.token)
  }

  /// Reads what was typed since the last call, and keeps an unfinished line for the next one.
  ///
  /// - Returns: The number of complete lines, and the commands in them.
  func read() -> (lineCount: Int, commands: [Command]) {
    // A background job must not read from the terminal that it shares with a shell.
    guard Descriptor.standardInput.isOursToRead else {
      pause()
      return (0, [])
    }
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

  /// Whether complete lines are left at the run's end.
  ///
  /// A terminal's next line is for the shell.
  func hasUnreadLines() -> Bool {
    let input = Descriptor.standardInput
    return !input.isTerminal && input.waitUntilReadable(milliseconds: 0) && read().lineCount > 0
  }

  /// Leaves what is typed to the shell for a moment: standard input stays readable meanwhile.
  private func pause() {
    try? poller.change(.standardInput, token: Self.token, reads: false, writes: false)
    nextTime = .now + Self.pauseLength
  }

  /// Watches standard input again after a pause.
  func resumeIfDue(now: MonotonicInstant) {
    guard now >= nextTime else { return }
    nextTime = .never
    try? poller.change(.standardInput, token: Self.token, reads: true, writes: false)
  }

  /// The length of the first line's byte-order mark; a line in another encoding is no command.
  private var markByteCount: Int {
    isFirstLine ? (try? TextCheck.byteOrderMarkByteCount(of: line)) ?? 0 : 0
  }

  /// Parses a line; nil for an empty one.
  static func command(_ line: String) -> Command? {
    let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
    guard let first = words.first else { return nil }
    if first == "snapshot", let command = snapshot(words.dropFirst()) { return command }
    return .unknown(String(line.filter { !$0.isNewline }.prefix(60)))
  }

  /// Parses what follows the word `snapshot`: a machine's id, a time-out, both, or nothing.
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
  /// Whether a client may choose this time-out: more than zero, at most a year.
  package var isPossibleTimeout: Bool { nanoseconds > 0 && self <= .seconds(31_536_000) }
}
