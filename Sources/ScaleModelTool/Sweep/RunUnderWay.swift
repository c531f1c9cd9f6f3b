import Experiments
import RunRecord
import SystemCalls

/// A run of a sweep that is being carried out by a process of its own.
///
/// A process each: it is just the command that `--list` prints, what goes wrong in one run stays in
/// it, and no descriptor of one run reaches the machines of another.
final class RunUnderWay {
  let run: PlannedRun
  /// When it was started, by the monotonic clock, in nanoseconds.
  let startTime: Int64
  /// What it says on standard error comes out here, and its end is that it ends.
  let messages: Descriptor
  private let process: ChildProcess
  private var text: [UInt8] = []

  /// A run's words are few; what is beyond these is not kept.
  private static let byteCountMax = 1 << 16

  /// Starts it.
  ///
  /// - Parameters:
  ///   - run: Which.
  ///   - words: The words of `scalemodel` that carry it out.
  ///   - lock: What it holds as long as it lives.
  ///   - nothing: A descriptor to read nothing from, and one to write to in vain.
  /// - Throws: Why there is no process for it.
  init(
    _ run: PlannedRun, words: [String], lock: FileLock,
    nothing: (input: Descriptor, output: Descriptor)
  ) throws(SystemError) {
    self.run = run
    let (reading, writing) = try Socket.pipe()
    defer { writing.end() }
    writing.setBlocking()
    do throws(SystemError) {
      process = try ChildProcess.start(
        ThisProcess.executablePath, arguments: SweptRun.call(words),
        streams: .init(
          input: nothing.input, output: nothing.output, error: writing, control: lock.descriptor),
        // A Ctrl-C is for the sweep, which ends its runs.
        isApart: true)
    } catch {
      reading.end()
      throw error
    }
    messages = reading
    startTime = SystemClock.monotonicNanoseconds
  }

  /// Asks it to end early; a second time, to end at once.
  func interrupt() { process.signal(SIGINT) }

  /// Takes in what it says.
  ///
  /// - Returns: Whether it has ended.
  func read() -> Bool {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 12, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      guard let progress = try? messages.readAvailable(into: chunk) else { return true }
      switch progress {
      case .bytes(let count):
        text += chunk[..<min(count, Self.byteCountMax - text.count)]
      case .wouldBlock: return false
      case .ended: return true
      }
    }
  }

  /// How it ended, after waiting for that.
  func end() -> (ending: ChildProcess.Ending?, messages: [String]) {
    messages.end()
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    return (process.waitForEnding(), lines)
  }
}
