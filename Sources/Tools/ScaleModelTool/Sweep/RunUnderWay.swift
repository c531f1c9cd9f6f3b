import Experiments
import RunControl
import RunRecord
import ScaleModel
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
  /// When it should have ended, on the monotonic clock; `Int64.max` in virtual time, where a run
  /// takes as long as it takes, unless it is asked to end.
  private(set) var deadline: Int64
  /// Whether it was killed because it did not end in time.
  private(set) var isOverdue = false
  private let process: ChildProcess
  private var text: [UInt8] = []

  /// A run's words are few; what is beyond these is not kept.
  private static let byteCountMax = 1 << 16
  /// How many reads one turn makes; the poller tells of the rest.
  private static let readCountMax = 16
  /// How much longer than its duration a run in wall time may take: its machines link and end, and
  /// the host may be busy.
  private static let overtimeNanosecondsMax =
    RunLifecycle.linkNanosecondsMax + RunLifecycle.graceNanoseconds + 20_000_000_000
  /// How long a run may take to end when it is asked to.
  private static let endNanosecondsMax: Int64 = 12_000_000_000

  /// Starts it.
  ///
  /// - Parameters:
  ///   - run: Which.
  ///   - duration: How long it takes; nil when that cannot be said.
  ///   - words: The words of `scalemodel` that carry it out.
  ///   - lock: What it holds as long as it lives.
  ///   - nothing: A descriptor to read nothing from, and one to write to in vain.
  /// - Throws: Why there is no process for it.
  init(
    _ run: PlannedRun, duration: TimeSpan?, words: [String], lock: FileLock,
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
    deadline =
      duration.map { [startTime] in startTime + $0.nanoseconds + Self.overtimeNanosecondsMax }
      ?? .max
  }

  /// Asks it to end early; a second time, to end at once.
  func interrupt() {
    process.signal(SIGINT)
    deadline = min(deadline, SystemClock.monotonicNanoseconds + Self.endNanosecondsMax)
  }

  /// Ends it at once: it is stopped, or does not heed its own end.
  func kill() {
    isOverdue = true
    process.signal(SIGKILL)
  }

  /// Takes in what it says.
  ///
  /// - Returns: Whether it has ended.
  func read() -> Bool {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 12, alignment: 16)
    defer { chunk.deallocate() }
    for _ in 0..<Self.readCountMax {
      guard let progress = try? messages.readAvailable(into: chunk) else { return true }
      switch progress {
      case .bytes(let count):
        text += chunk[..<min(count, Self.byteCountMax - text.count)]
      case .wouldBlock: return false
      case .ended: return true
      }
    }
    return false
  }

  /// How it ended, after waiting for that.
  func end() -> (ending: ChildProcess.Ending?, messages: [String]) {
    messages.end()
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    return (process.waitForEnding(), lines)
  }
}
