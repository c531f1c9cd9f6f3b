import CommandLineKit
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats
import WallTime

/// Reads the lines with which a run answers a request, over either kind of connection.
struct AnswerLine {
  /// The name of the answering run, at the start of errors.
  let name: String
  /// The source of the answer, for errors about another version.
  let path: String
  /// The connection to the run.
  let descriptor: Descriptor

  /// Bytes read that are not yet a complete line.
  private var buffer: [UInt8] = []

  init(name: String, path: String, descriptor: Descriptor) {
    self.name = name
    self.path = path
    self.descriptor = descriptor
  }

  /// The client's timeout for a request, in milliseconds: the run applies the request's own; the
  /// margin beyond it detects a hanging run.
  static func patienceMilliseconds(of request: ControlRequest) -> Int64 {
    patienceMilliseconds(request.timeout ?? ControlRequest.handTimeout)
  }

  private static func patienceMilliseconds(_ timeout: TimeSpan) -> Int64 {
    timeout.nanoseconds / 1_000_000 + 5000
  }

  /// Sends a request, and waits for its answer.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - hearBeginning: Called when the run reports that a snapshot has begun.
  /// - Returns: The answer.
  /// - Throws: `ToolFailure` without an answer.
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
        throw ToolFailure(.unavailable, "\(error); do the versions match?")
      }
      guard case .begun(let outlook) = answer else { return answer }
      hearBeginning(outlook)
      patience = Self.patienceMilliseconds(outlook.timeout)
    }
  }

  /// The failure for a run that does not answer within its timeout and a margin.
  static func silence(of name: String) -> ToolFailure {
    ToolFailure(.unavailable, "\(name) does not answer; see whether it is stopped")
  }

  /// The next line, including its end.
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
