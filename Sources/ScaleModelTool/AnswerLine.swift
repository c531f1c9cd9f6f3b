import RunRecord
import SystemCalls
import WallTime

/// The line a run answers a request with, whichever door it was asked at.
enum AnswerLine {
  /// The line, its end included.
  case whole([UInt8])
  /// The run ended first.
  case ended
  /// The run did not answer in time, its own time-out and a while more.
  case missing

  /// How long a request may take, in milliseconds: the run keeps the time-out; what is waited
  /// beyond it is for a run that hangs.
  static func patienceMilliseconds(of request: ControlRequest) -> Int64 {
    request.timeoutNanoseconds / 1_000_000 + 5000
  }

  /// Sends a request, and waits for the line that answers it.
  static func read(after request: ControlRequest, on descriptor: Descriptor) -> AnswerLine {
    try? descriptor.writeAll(JSONText.encode(request, isPretty: false) + "\n")
    let milliseconds = Int32(clamping: patienceMilliseconds(of: request))
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while descriptor.waitUntilReadable(milliseconds: milliseconds) {
      let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
      if progress == .wouldBlock { continue }
      guard case .bytes(let count)? = progress else { return .ended }
      line += chunk[..<count]
      if line.last == UInt8(ascii: "\n") { return .whole(line) }
    }
    return .missing
  }
}
