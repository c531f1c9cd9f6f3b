import CommandLineKit
import FoundationEssentials
import SystemCalls

/// `h2load`, which calls GetBalance.
struct LoadClient {
  private let program: String
  private let bodyPath: String
  private let logPath: String

  init(directory: String) throws(ToolFailure) {
    guard let program = ReferencePrograms.inPath("h2load") else {
      throw ToolFailure(.unavailable, "no h2load in PATH: apt-get install nghttp2-client")
    }
    self.program = program
    bodyPath = directory + "/empty-request"
    logPath = directory + "/latencies"
    do throws(SystemError) {
      // An empty message: not compressed, no bytes.
      try FileSystem.replace(bodyPath, with: "\0\0\0\0\0")
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
  }

  /// How many calls per second succeed.
  func rate(port: Int, streams: Int, seconds: Double) throws(ToolFailure) -> Double {
    let output = try run(
      ["-c", "1", "-m", "\(streams)", "-D", "\(Int(seconds * 1000))ms", "--warm-up-time", "500ms"],
      port: port)
    guard let counts = output.firstMatch(of: /status codes: ([0-9]+) 2xx/),
      let count = Double(counts.1), count > 0
    else { throw ToolFailure(.failed, "h2load got no answer on port \(port): \(output)") }
    return count / seconds
  }

  /// The median latency of many single calls, in microseconds.
  func medianLatency(port: Int) throws(ToolFailure) -> Double {
    try? FileSystem.remove(logPath)
    _ = try run(["-c", "1", "-m", "1", "-n", "3000", "--log-file=\(logPath)"], port: port)
    guard let bytes = try? FileSystem.contents(logPath) else {
      throw ToolFailure(.failed, "h2load wrote no latencies")
    }
    // A line per call: when it began, its status, how long it took.
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return Figure.median(
      lines.compactMap { line in
        let words = line.split(separator: "\t")
        return words.count > 2 ? Double(words[2]) : nil
      })
  }

  private func run(_ words: [String], port: Int) throws(ToolFailure) -> String {
    let call = "http://127.0.0.1:\(port)/scalemodel.v1.BankService/GetBalance"
    do throws(SystemError) {
      let process = try ToolProcess(
        program,
        words + [
          "-d", bodyPath, "-H", "content-type: application/grpc", "-H", "te: trailers", call,
        ])
      return process.finish(seconds: 120).output
    } catch {
      throw ToolFailure(.failed, "h2load cannot be started: \(error)")
    }
  }
}
