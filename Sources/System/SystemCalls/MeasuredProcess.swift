/// A program run to its end, with its peak memory: for benchmarks.
package struct MeasuredProcess: Sendable {
  /// How it ended.
  package let ending: ChildProcess.Ending
  /// How long it ran, in nanoseconds.
  package let nanoseconds: Int64
  /// Its peak memory, as the system counts it.
  package let peakByteCount: Int

  /// How long it ran, in seconds.
  package var seconds: Double { Double(nanoseconds) / 1e9 }

  /// Runs a program to its end (`posix_spawn`, `wait4`).
  ///
  /// - Parameters:
  ///   - path: The program.
  ///   - arguments: Its arguments, without its name.
  ///   - directory: Its working directory; nil for this process's.
  ///   - output: The new file its standard output goes to; nil to drop it.
  /// - Throws: ``SystemError`` when it cannot be started.
  package init(
    _ path: String, _ arguments: [String], directory: String? = nil, output: String? = nil
  ) throws(SystemError) {
    let file =
      if let output { try FileSystem.create(output) } else {
        try FileSystem.openToAppend("/dev/null")
      }
    defer { file.end() }
    Self.forgetOwnPeak()
    let start = SystemClock.monotonicNanoseconds
    let process = try ChildProcess.start(
      path, arguments: arguments, directory: directory, streams: .init(output: file))
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process.id, &status, 0, &usage) != process.id {
      guard errno == EINTR else { throw SystemError(call: "wait4", subject: path) }
    }
    nanoseconds = SystemClock.monotonicNanoseconds - start
    ending = ChildProcess.Ending(status: status)
    peakByteCount = Int(usage.ru_maxrss) * Platform.maxrssByteCount
  }

  /// Makes this process's peak memory what it holds now.
  ///
  /// On Linux a new program shares the memory of its parent until `exec`, so the parent's peak
  /// counts as the program's. macOS has no such file, and nothing happens there.
  private static func forgetOwnPeak() {
    guard let references = try? FileSystem.openToAppend("/proc/self/clear_refs") else { return }
    try? references.writeAll("5")
    references.end()
  }
}
