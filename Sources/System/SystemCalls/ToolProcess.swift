/// A child process whose output is collected: for tests and benchmarks.
package final class ToolProcess {
  /// The process itself.
  package let process: ChildProcess
  private let input: Descriptor
  private var streams: [Stream]
  private var ending: ChildProcess.Ending?

  private struct Stream {
    let descriptor: Descriptor
    var bytes: [UInt8] = []
    var isOpen = true
  }

  /// The result of a program.
  package struct Outcome: Sendable {
    /// How it ended; nil when it was killed at the deadline.
    package var ending: ChildProcess.Ending?
    /// What it wrote to standard output.
    package var output: String
    /// What it wrote to standard error.
    package var error: String

    /// The exit code; nil when it did not end by itself.
    package var exitCode: Int32? {
      if case .exited(let code)? = ending { code } else { nil }
    }
  }

  /// Starts the program at `path` with pipes for its standard streams.
  package init(_ path: String, _ arguments: [String], directory: String? = nil) throws(SystemError)
  {
    let (theirInput, input) = try Socket.pair()
    let (output, theirOutput) = try Socket.pipe()
    let (error, theirError) = try Socket.pipe()
    for descriptor in [theirInput, theirOutput, theirError] { descriptor.setBlocking() }
    defer { for descriptor in [theirInput, theirOutput, theirError] { descriptor.end() } }
    process = try ChildProcess.start(
      path, arguments: arguments, directory: directory,
      streams: .init(input: theirInput, output: theirOutput, error: theirError))
    self.input = input
    streams = [Stream(descriptor: output), Stream(descriptor: error)]
  }

  deinit {
    if ending == nil {
      process.signal(SIGKILL)
      _ = process.waitForEnding()
    }
    input.end()
    for stream in streams { stream.descriptor.end() }
  }

  /// What it has written to standard output so far.
  package var output: String { String(decoding: streams[0].bytes, as: UTF8.self) }
  /// What it has written to standard error so far.
  package var error: String { String(decoding: streams[1].bytes, as: UTF8.self) }

  /// Writes a text to its standard input.
  package func type(_ text: String) {
    try? input.writeAll(text)
  }

  /// Closes its standard input.
  package func endInput() {
    _ = shutdown(input.number, Int32(SHUT_WR))
  }

  /// Closes its standard output, as `head` does after its last line.
  package func closeOutput() {
    streams[0].isOpen = false
    streams[0].descriptor.end()
    streams[0] = Stream(descriptor: Descriptor(-1), bytes: streams[0].bytes, isOpen: false)
  }

  /// Collects output until `condition` holds, the program ends, or the timeout expires.
  ///
  /// - Parameters:
  ///   - seconds: How long to wait at most.
  ///   - condition: Checked after each output, and periodically.
  /// - Returns: Whether the condition held.
  package func wait(seconds: Double, until condition: () -> Bool) -> Bool {
    let deadline = SystemClock.monotonicNanoseconds + Int64(seconds * 1e9)
    while true {
      if condition() { return true }
      if SystemClock.monotonicNanoseconds >= deadline { return false }
      ending = ending ?? process.endingIfEnded()
      if !gather() && ending != nil { return condition() }
    }
  }

  /// Waits until the program and its streams have ended; kills it after `seconds`.
  package func finish(seconds: Double = 60) -> Outcome {
    let deadline = SystemClock.monotonicNanoseconds + Int64(seconds * 1e9)
    while ending == nil || streams.contains(where: \.isOpen) {
      // Checks for the end before reading the pipes: they then hold all that the program wrote.
      if ending == nil { ending = process.endingIfEnded() }
      let hasNews = gather()
      // A grandchild may hold the pipes open; its later output is ignored.
      if ending != nil && !hasNews { break }
      if SystemClock.monotonicNanoseconds >= deadline {
        if ending != nil { break }
        process.signal(SIGKILL)
        _ = process.waitForEnding()
        ending = .killed(signal: SIGKILL)
        return Outcome(ending: nil, output: output, error: error)
      }
    }
    return Outcome(ending: ending, output: output, error: error)
  }

  /// Reads available output, waiting briefly for it; returns whether there was any.
  private func gather() -> Bool {
    var wanted = streams.map { stream in
      pollfd(fd: stream.isOpen ? stream.descriptor.number : -1, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&wanted, nfds_t(wanted.count), 20) > 0 else { return false }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    for index in streams.indices where wanted[index].revents != 0 {
      switch try? streams[index].descriptor.readAvailable(into: chunk) {
      case .bytes(let count): streams[index].bytes.append(contentsOf: chunk[..<count])
      case .wouldBlock: break
      case .ended, nil: streams[index].isOpen = false
      }
    }
    return true
  }
}
