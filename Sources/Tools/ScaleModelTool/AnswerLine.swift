import CommandLineKit
import RunControl
import RunRecord
import SystemCalls
import TextFormats
import WallTime

/// The lines a run answers a request with, whichever door it was asked at.
struct AnswerLine {
  /// Who answers, as errors begin.
  let name: String
  /// Where the answer comes from, as errors say it when it is none of this version's.
  let path: String
  /// The connection to the run.
  let descriptor: Descriptor

  /// What has been read and is not a whole line yet.
  private var buffer: [UInt8] = []

  init(name: String, path: String, descriptor: Descriptor) {
    self.name = name
    self.path = path
    self.descriptor = descriptor
  }

  /// How long a request may take, in milliseconds: the run keeps the time-out; what is waited
  /// beyond it is for a run that hangs.
  static func patienceMilliseconds(of request: ControlRequest) -> Int64 {
    patienceMilliseconds(request.timeoutNanoseconds ?? ControlRequest.accountTimeout)
  }

  private static func patienceMilliseconds(_ timeoutNanoseconds: Int64) -> Int64 {
    timeoutNanoseconds / 1_000_000 + 5000
  }

  /// Sends a request, and waits for its answer.
  ///
  /// - Parameters:
  ///   - request: What is asked for.
  ///   - hearBeginning: Called when the run says that a snapshot has begun.
  /// - Returns: The answer.
  /// - Throws: `ToolFailure` when there is none.
  func answer(
    to request: ControlRequest, hearBeginning: (SnapshotOutlook) -> Void
  ) throws(ToolFailure) -> ControlAnswer {
    try? descriptor.writeAll(JSONText.encode(request, isPretty: false) + "\n")
    var reader = self
    var patience = Self.patienceMilliseconds(of: request)
    while true {
      let line = try reader.nextLine(milliseconds: patience)
      let answer: ControlAnswer
      do throws(RunRecordError) {
        answer = try JSONText.decode(line, path: path)
      } catch {
        throw ToolFailure(.unavailable, "\(error); is it a run of this version?")
      }
      guard case .begun(let outlook) = answer else { return answer }
      hearBeginning(outlook)
      patience = Self.patienceMilliseconds(outlook.timeoutNanoseconds)
    }
  }

  /// What is said of a run that does not answer in time: its own time-out and a while more.
  static func silence(of name: String) -> ToolFailure {
    ToolFailure(.unavailable, "\(name) does not answer; see whether it is stopped")
  }

  /// The next line, its end included.
  private mutating func nextLine(milliseconds: Int64) throws(ToolFailure) -> [UInt8] {
    var searched = 0
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return Array(buffer[...end])
      }
      searched = buffer.count
      guard descriptor.waitUntilReadable(milliseconds: Int32(clamping: milliseconds)) else {
        throw Self.silence(of: name)
      }
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else {
        throw ToolFailure(.unavailable, "\(name) ended before it could answer")
      }
      buffer += chunk[..<count]
    }
  }
}
