import Experiments
import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// A run of a sweep, carried out by its own process.
///
/// A process each: it is exactly the command that `--list` prints, its failures stay in it, and no
/// descriptor of one run reaches the machines of another.
final class RunUnderWay {
  let run: PlannedRun
  /// The time of its start, on the monotonic clock, in nanoseconds.
  let startTime: Int64
  /// The run's standard error; its end of file means that the run has ended.
  let messages: Descriptor
  /// The latest time for its end, on the monotonic clock; `Int64.max` in virtual time, which has no
  /// limit until the run is asked to end.
  private(set) var deadline: Int64
  /// Whether it was killed because it missed its deadline.
  private(set) var isOverdue = false
  private let process: ChildProcess
  private var text: [UInt8] = []

  /// The most bytes of a run's messages that are kept.
  private static let byteCountMax = 1 << 16
  /// How many reads one turn makes; the poller reports the rest.
  private static let readCountMax = 16
  /// How much longer than its duration a run in wall time may take: its machines need time to link
  /// and end, and the host may be busy.
  private static let overtimeNanosecondsMax =
    RunLifecycle.linkTimeout.nanoseconds + RunLifecycle.grace.nanoseconds + 20_000_000_000
  /// How long a run may take to end on request.
  private static let endNanosecondsMax: Int64 = 12_000_000_000

  /// Starts it.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - duration: Its duration; nil when unknown.
  ///   - words: The words of `scalemodel` that carry it out.
  ///   - lock: The lock that it holds while it lives.
  ///   - nothing: The null device, for its standard input and output.
  /// - Throws: The reason why it cannot start.
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

  /// Asks it to end early; the second time, to end at once.
  func interrupt() {
    process.signal(SIGINT)
    deadline = min(deadline, SystemClock.monotonicNanoseconds + Self.endNanosecondsMax)
  }

  /// Kills it: it is stopped, or ignores its own end.
  func kill() {
    isOverdue = true
    process.signal(SIGKILL)
  }

  /// Reads its messages.
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

  /// Waits for its end, and returns how it ended.
  func end() -> (ending: ChildProcess.Ending?, messages: [String]) {
    messages.end()
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    return (process.waitForEnding(), lines)
  }
}
