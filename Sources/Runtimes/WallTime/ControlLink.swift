import SystemCalls
import Transport

/// The link between a supervisor and one machine: values over a pair of sockets.
///
/// It is the same for a machine in a thread and in a process. A side that reads the end of the link
/// knows that the other one is gone. Neither side ever waits in a write: values that the other side
/// does not take yet wait here, up to a bound, and reading goes on.
final class ControlLink {
  private let stream: PolledStream
  private let reader = FrameReader(byteCountMax: FragmentedMessages.frameByteCountMax)
  private var fragments = FragmentedMessages()
  private let buffer: ReadBuffer

  /// How many reads one call of ``receive(_:)`` makes; the poller reports again what is left.
  private static let readCountMax = 8

  /// Makes a link that owns one end of a pair of sockets.
  ///
  /// - Parameters:
  ///   - descriptor: The end.
  ///   - buffer: Memory to read into, which links of one loop may share; nil allocates it.
  init(_ descriptor: Descriptor, buffer: ReadBuffer? = nil) {
    stream = PolledStream(descriptor)
    self.buffer = buffer ?? ReadBuffer(byteCount: Self.bufferByteCount)
  }

  /// The size of a buffer to read into, in bytes: several frames.
  static let bufferByteCount = 1 << 17

  /// The end of the pair of sockets.
  var descriptor: Descriptor { stream.descriptor }

  /// Lets a poller report when the link can be read, and written while values wait.
  func watch(with poller: Poller, token: UInt64) throws(SystemError) {
    try stream.watch(with: poller, token: token)
  }

  /// Stops watching the link and closes it.
  func end() { stream.end() }

  /// Whether values wait that the other side has not taken yet.
  var hasUnsentValues: Bool { !fragments.isEmpty || !stream.outgoing.isEmpty }

  /// Sends a value; it is lost when the other side is gone, as a later read reports.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - isLast: Whether it is the sender's last value, which is enqueued beyond the bound.
  /// - Returns: Whether it was enqueued; if not, the other side does not read, and
  ///   ``FragmentedMessages/waitingByteCountMax`` bytes wait for it.
  @discardableResult
  func send(_ value: some ControlValue, isLast: Bool = false) -> Bool {
    let isTaken = fragments.enqueue(value.bytes, isLast: isLast)
    flush()
    return isTaken
  }

  /// Writes what waits, as far as the other side takes it; the poller reports when it takes more.
  func flush() {
    do throws(SystemError) {
      try stream.flush { fragments.fill($0) }
    } catch {
      // The other side is gone: a read reports the end after what it sent.
      fragments.removeWaiting()
    }
  }

  /// Blocks until the other side has taken everything or is gone, or the time is over.
  ///
  /// Only for last values, when no loop runs any more that would write them.
  func drain(milliseconds: Int64) {
    let deadline = SystemClock.monotonicNanoseconds + milliseconds * 1_000_000
    while hasUnsentValues {
      let left = (deadline - SystemClock.monotonicNanoseconds) / 1_000_000
      guard left > 0, descriptor.waitUntilWritable(milliseconds: Int32(clamping: left)) else {
        return
      }
      flush()
    }
  }

  /// The result of a read.
  enum Arrival<Value> {
    case values([Value])
    /// The other side is gone; these values came before.
    case ended([Value])
  }

  /// Reads the values that have arrived, without waiting, at most a few buffers of them.
  ///
  /// - Throws: `ByteReader.Malformed` when a value cannot be decoded: a bug, or another version.
  func receive<Value: ControlValue>(
    _ type: Value.Type
  ) throws(ByteReader.Malformed) -> Arrival<Value> {
    var values: [Value] = []
    for _ in 0..<Self.readCountMax {
      let outcome: FrameReader.Outcome
      do throws(FrameError) {
        outcome = try reader.read(from: descriptor, through: buffer.bytes) {
          frame throws(FrameError) in
          guard frame.first == FragmentedMessages.kind else { throw .malformed }
          guard let bytes = try fragments.receive(frame) else { return }
          guard let value = try? Value(bytes: bytes[...]) else { throw .malformed }
          values.append(value)
        }
      } catch {
        if error == .malformed { throw ByteReader.Malformed() }
        return .ended(values)
      }
      switch outcome {
      case .ended: return .ended(values)
      case .drained: return .values(values)
      case .more: break
      }
    }
    return .values(values)
  }
}
