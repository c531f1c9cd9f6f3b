import ScaleModel
import SystemCalls

/// A running program that answers questions: one line in, one line out.
///
/// Asking waits for the answer, until it is there, the program's streams end, or the time for an
/// answer is over. The program's standard error is that of this process. Its process is ended with
/// this value: it is told by the end of its input, and killed when it does not follow.
package final class ProgramProcess: @unchecked Sendable {
  // Unchecked because the compiler does not see that all that changes is touched under `lock`.
  private let lock = ThreadLock()
  private let timeout: TimeSpan
  private let endsEarly: Bool
  private let process: ChildProcess
  private let input: Descriptor
  private let output: Descriptor
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)
  /// What was read behind the last answer.
  private var read: [UInt8] = []
  private var answerCount = 0
  private var ending: ChildProcess.Ending?

  /// Programs start one by one: each must not inherit the pipes of another that is starting.
  private static let starting = StartLock()

  private struct StartLock: @unchecked Sendable {
    // Unchecked because a lock is made to be shared; the compiler knows no such rule.
    let lock = ThreadLock()
  }

  /// How long a program may take to end after its input has ended, in milliseconds.
  private static let endMilliseconds = 500
  /// The same where the user waits for the end of many.
  private static let endMillisecondsEarly = 10

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: What starts it.
  ///   - endsEarly: Whether no answer is waited for once the user ends this process.
  /// - Returns: The program.
  /// - Throws: Why the system does not start it.
  package static func start(
    _ command: ProgramCommand, endsEarly: Bool = false
  ) throws(ProgramFailure) -> ProgramProcess {
    let started: Result<ProgramProcess, SystemError> = starting.lock.withLock {
      do throws(SystemError) {
        return .success(try ProgramProcess(command, endsEarly: endsEarly))
      } catch {
        return .failure(error)
      }
    }
    switch started {
    case .success(let process): return process
    case .failure(let error): throw .notStarted(error)
    }
  }

  private init(_ command: ProgramCommand, endsEarly: Bool) throws(SystemError) {
    (timeout, self.endsEarly) = (command.timeout, endsEarly)
    // A socket, because writing to a closed one fails without a signal.
    let (theirInput, input) = try Socket.pair()
    defer { theirInput.end() }
    let pipe: (reading: Descriptor, writing: Descriptor)
    do throws(SystemError) {
      pipe = try Socket.pipe()
    } catch {
      input.end()
      throw error
    }
    defer { pipe.writing.end() }
    for descriptor in [theirInput, pipe.writing] { descriptor.setBlocking() }
    (self.input, output) = (input, pipe.reading)
    do throws(SystemError) {
      process = try ChildProcess.start(
        command.file, arguments: command.arguments,
        streams: .init(input: theirInput, output: pipe.writing), isApart: true)
    } catch {
      input.end()
      pipe.reading.end()
      throw error
    }
  }

  deinit {
    input.end()
    let milliseconds = isOver ? Self.endMillisecondsEarly : Self.endMilliseconds
    if ending == nil, endingSoon(milliseconds: milliseconds) == nil {
      process.signalGroup(SIGKILL)
      _ = process.waitForEnding()
    }
    output.end()
  }

  private var isOver: Bool { endsEarly && ThisProcess.isInterrupted }

  /// The id of its process.
  package var processID: Int32 { process.id }

  /// How many lines the program has answered with.
  package var lineCount: Int { lock.withLock { answerCount } }

  /// Asks a question and waits for its answer.
  ///
  /// - Parameter question: One line without its end.
  /// - Returns: The answer, one line without its end.
  /// - Throws: Why there is none; the program must not be asked again.
  package func ask(_ question: String) throws(ProgramFailure) -> [UInt8] {
    let answer: Result<[UInt8], ProgramFailure> = lock.withLock {
      do throws(ProgramFailure) {
        if isOver { throw .silent(timeout, question: question) }
        // Output that is there before the question cannot be its answer.
        if output.waitUntilReadable(milliseconds: 0) { throw unaskedOutput() }
        let deadline = SystemClock.monotonicNanoseconds.addingReportingOverflow(timeout.nanoseconds)
        let end = deadline.overflow ? .max : deadline.partialValue
        try write(question, before: end)
        return .success(try nextLine(question, before: end))
      } catch {
        return .failure(error)
      }
    }
    return try answer.get()
  }

  private func unaskedOutput() -> ProgramFailure {
    guard readMore() else { return end(of: .output) }
    return .unasked(line: answerCount + 1, text: Self.firstLine(of: read[...]))
  }

  private static func firstLine(of bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  private func write(_ question: String, before deadline: Int64) throws(ProgramFailure) {
    let bytes = Array((question + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let sent = bytes.withUnsafeBytes {
        try? input.sendAvailable(UnsafeRawBufferPointer(rebasing: $0[done...]))
      }
      guard let sent else { throw end(of: .input) }
      if case .bytes(let count) = sent {
        done += count
      } else if !input.waitUntilWritable(milliseconds: Self.milliseconds(until: deadline)),
        SystemClock.monotonicNanoseconds >= deadline
      {
        throw .silent(timeout, question: question)
      }
    }
  }

  /// Reads one line, and nothing behind it.
  private func nextLine(
    _ question: String, before deadline: Int64
  ) throws(ProgramFailure) -> [UInt8] {
    var searched = 0
    while true {
      if let end = read[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        answerCount += 1
        let line = Array(read[..<end])
        let rest = read[(end + 1)...]
        guard rest.isEmpty else {
          throw .unasked(line: answerCount + 1, text: Self.firstLine(of: rest))
        }
        read.removeAll(keepingCapacity: true)
        return line
      }
      searched = read.count
      guard searched <= ProgramFailure.lineByteCountMax else {
        throw .lineTooLong(line: answerCount + 1)
      }
      guard output.waitUntilReadable(milliseconds: Self.milliseconds(until: deadline)) else {
        if isOver || SystemClock.monotonicNanoseconds >= deadline {
          throw .silent(timeout, question: question)
        }
        // A process that it started may hold the pipe open.
        if let ending = endingSoon(milliseconds: 0) {
          throw .ended(ending, answerCount: answerCount)
        }
        continue
      }
      guard readMore() else { throw end(of: .output) }
    }
  }

  /// Reads what is there; returns false at the end of the output.
  private func readMore() -> Bool {
    switch chunk.withUnsafeMutableBytes({ try? output.readAvailable(into: $0) }) {
    case .bytes(let count):
      read.append(contentsOf: chunk[..<count])
      return true
    case .wouldBlock: return true
    case .ended, nil: return false
    }
  }

  /// The failure after a stream has ended: a program that ends closes its streams a moment before.
  private func end(of stream: ProgramFailure.Stream) -> ProgramFailure {
    endingSoon(milliseconds: Self.endMilliseconds).map { .ended($0, answerCount: answerCount) }
      ?? .closed(stream, answerCount: answerCount)
  }

  /// How the process ended, or ends within this time; nil while it runs.
  private func endingSoon(milliseconds: Int) -> ChildProcess.Ending? {
    for attempt in 0...milliseconds where ending == nil {
      if attempt > 0 { SystemClock.sleep(nanoseconds: 1_000_000) }
      ending = process.endingIfEnded()
    }
    return ending
  }

  /// The time to wait at once for a program that may end silently, in milliseconds.
  private static func milliseconds(until deadline: Int64) -> Int32 {
    let left = deadline - SystemClock.monotonicNanoseconds
    return Int32(clamping: min(100, max(0, (left + 999_999) / 1_000_000)))
  }
}
