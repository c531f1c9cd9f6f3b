import CommandLineKit
import ScaleModel
import SystemCalls

/// The standard tool for wake-up latency, run beside ours when installed.
struct CyclicTest {
  private let process: ToolProcess
  private let duration: TimeSpan

  private static let paths = ["/usr/bin/cyclictest", "/usr/sbin/cyclictest"]

  /// Starts it without real-time priority, at ten wake-ups a second; nil when it is not installed.
  init?(duration: TimeSpan) {
    guard let path = Self.paths.first(where: { FileSystem.exists($0) }) else { return nil }
    let loops = max(1, duration.nanoseconds / 100_000_000)
    guard
      let process = try? ToolProcess(path, ["-q", "-i", "100000", "-l", "\(loops)", "-h", "5000"])
    else { return nil }
    self.process = process
    self.duration = duration
  }

  /// Waits for it and reads its histogram of delays in microseconds.
  func row() throws -> [String] {
    let outcome = process.finish(seconds: duration.seconds + 30)
    var delays: [Double] = []
    for line in outcome.output.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count == 2, let delay = Double(words[0]), let count = Int(words[1]) else {
        continue
      }
      delays += Array(repeating: delay, count: count)
    }
    guard !delays.isEmpty else {
      throw ToolFailure(.failed, "cyclictest printed no histogram: \(outcome.error)")
    }
    delays.sort()
    return [
      "cyclictest", "\(delays.count)", Figure.text(Figure.percentile(50, of: delays), digits: 2),
      Figure.text(Figure.percentile(99, of: delays)), Figure.text(delays.last ?? .nan), "-",
    ]
  }
}
