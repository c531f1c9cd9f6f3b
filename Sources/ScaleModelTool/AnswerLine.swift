import CommandLineKit
import RunRecord
import SystemCalls
import WallTime

/// The line a run answers a request with, whichever door it was asked at.
enum AnswerLine {
  /// How long a request may take, in milliseconds: the run keeps the time-out; what is waited
  /// beyond it is for a run that hangs.
  static func patienceMilliseconds(of request: ControlRequest) -> Int64 {
    request.timeoutNanoseconds / 1_000_000 + 5000
  }

  /// Sends a request, and waits for its answer.
  ///
  /// - Parameters:
  ///   - request: What is asked for.
  ///   - descriptor: The way to the run.
  ///   - name: Who answers, as errors begin.
  ///   - path: Where the answer comes from, should it be none of this version's.
  /// - Returns: The answer.
  /// - Throws: `ToolFailure` when there is none.
  static func answer(
    to request: ControlRequest, on descriptor: Descriptor, by name: String, path: String
  ) throws(ToolFailure) -> ControlAnswer {
    let line = try read(after: request, on: descriptor, by: name)
    do throws(RunRecordError) {
      return try JSONText.decode(line, path: path)
    } catch {
      throw ToolFailure(.unavailable, "\(error); is it a run of this version?")
    }
  }

  /// What is said of a run that does not answer in time: its own time-out and a while more.
  static func silence(of name: String) -> ToolFailure {
    ToolFailure(.unavailable, "\(name) does not answer; see whether it is stopped")
  }

  /// The line, its end included.
  private static func read(
    after request: ControlRequest, on descriptor: Descriptor, by name: String
  ) throws(ToolFailure) -> [UInt8] {
    try? descriptor.writeAll(JSONText.encode(request, isPretty: false) + "\n")
    let milliseconds = Int32(clamping: patienceMilliseconds(of: request))
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while descriptor.waitUntilReadable(milliseconds: milliseconds) {
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else {
        throw ToolFailure(.unavailable, "\(name) ended before it could answer")
      }
      line += chunk[..<count]
      if line.last == UInt8(ascii: "\n") { return line }
    }
    throw silence(of: name)
  }
}
