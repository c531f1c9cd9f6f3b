import SystemCalls

/// Standard output and standard error of a tool.
package struct Console: Sendable {
  /// The tool's name, which opens its messages.
  package let tool: String
  /// Whether notes and warnings are left out; why the tool ends is said all the same.
  package var isQuiet = false

  package init(tool: String) {
    self.tool = tool
  }

  /// Writes the result of a command that must end, whether its result is read or not.
  ///
  /// Control characters in it are spelled out. What a reader does not take for
  /// ``PatientOutput/usualPatience`` is left out.
  ///
  /// - Throws: ``ToolFailure`` when the output cannot be written, or a program that reads it takes
  ///   no more of it. A paused terminal is no failure.
  package func printResult(_ text: String) throws(ToolFailure) {
    try printResult(bytes: Array(ShownText.escapedLines(text).utf8))
  }

  /// Writes such a result as JSON, as it is, and ends the line.
  ///
  /// - Throws: ``ToolFailure`` as ``printResult(_:)`` does.
  package func printResult(json text: String) throws(ToolFailure) {
    try printResult(bytes: Array((text + "\n").utf8))
  }

  private func printResult(bytes: [UInt8]) throws(ToolFailure) {
    let output = PatientOutput(.standardOutput)
    let taken: Int
    do throws(SystemError) {
      taken = try bytes.withUnsafeBufferPointer { buffer throws(SystemError) in
        try output.write(UnsafeRawBufferPointer(buffer), patience: output.usualPatience)
      }
    } catch {
      // A terminal that was closed is a reader that has gone, as a closed pipe is.
      if error.isBrokenPipe || error.number == EIO && !output.isPlainFile { return }
      throw Self.failure(error)
    }
    if taken == bytes.count { return }
    let message =
      "\(bytes.count - taken) bytes of the result were left out: standard output was not read for "
      + "\(output.usualPatience / 1000) s"
    guard output.isTerminal else { throw ToolFailure(.inputOutput, message) }
    StandardError.shared.noteStuckTerminal()
    warn(message)
  }

  private static func failure(_ error: SystemError) -> ToolFailure {
    ToolFailure(
      .inputOutput, "cannot write to standard output: \(error.reason); make room or redirect it")
  }

  /// Writes lines of a result to standard output.
  ///
  /// They may hold names that others chose: control characters in them are spelled out.
  ///
  /// A reader who has seen enough and closed the pipe (`| head -1`) misses nothing he asked for:
  /// the tool goes on to its end, and its exit code says what it would have said otherwise.
  ///
  /// - Throws: ``ToolFailure`` when the output cannot be written for another reason.
  package func print(_ text: String) throws(ToolFailure) {
    _ = try write(Array(ShownText.escapedLines(text).utf8))
  }

  /// Writes one line each to standard output, whatever is in a text: no line end in it makes two.
  ///
  /// - Throws: ``ToolFailure`` as ``print(_:)`` does.
  package func print(lines: [String]) throws(ToolFailure) {
    try print(lines.map { ShownText.escaped($0) + "\n" }.joined())
  }

  /// Writes JSON to standard output as it is, and ends the line.
  ///
  /// - Throws: ``ToolFailure`` as ``print(_:)`` does.
  package func print(json text: String) throws(ToolFailure) {
    _ = try write(Array((text + "\n").utf8))
  }

  /// Writes bytes to standard output, for a tool that may have no end while nobody reads.
  ///
  /// - Parameter bytes: A piece of the result.
  /// - Returns: Whether anybody can still read; if not, the bytes are lost.
  /// - Throws: ``ToolFailure`` when the output cannot be written for another reason.
  package func write(_ bytes: [UInt8]) throws(ToolFailure) -> Bool {
    do throws(SystemError) {
      try bytes.withUnsafeBufferPointer { buffer throws(SystemError) in
        try Descriptor.standardOutput.writeAll(UnsafeRawBufferPointer(buffer))
      }
      return true
    } catch {
      if error.isBrokenPipe { return false }
      throw Self.failure(error)
    }
  }

  /// Whether a person reads standard output as it comes.
  package var isReadByPerson: Bool { Descriptor.standardOutput.isTerminal }

  /// Writes a line to standard error; what cannot be written there is lost.
  ///
  /// A message may quote what a user typed or a file holds: control characters in it are spelled
  /// out, so that it stays one line and cannot command the terminal.
  package func note(_ line: String) {
    if !isQuiet { writeError(line) }
  }

  private func writeError(_ line: String) {
    StandardError.shared.write(Self.line(line), waits: true)
  }

  /// A message as one whole line.
  package static func line(_ message: String) -> String { ShownText.escaped(message) + "\n" }

  /// A warning as one whole line.
  package func warningLine(_ message: String) -> String {
    Self.line("\(tool): warning: \(message)")
  }

  /// Says what is wrong but does not end the tool.
  package func warn(_ message: String) {
    if isQuiet { return }
    StandardError.shared.write(warningLine(message), waits: true)
  }

  /// Says why the tool ends.
  package func fail(_ message: String) {
    writeError("\(tool): error: \(message)")
  }

  /// Runs a tool and ends the process with its exit code.
  ///
  /// - Parameter body: The tool; what it throws is said in one line.
  package func run(_ body: () throws -> ExitCode) -> Never {
    ThisProcess.ignoreWriteSignals()
    ThisProcess.fillStandardStreams()
    if let place = CommandWords.firstNotText {
      fail(
        "word \(place) of the call is not UTF-8, as every path has to be here; rename the file, or "
          + "go into its folder and call it by a shorter path")
      exit(ExitCode.usage.rawValue)
    }
    do {
      let exitCode = try body().rawValue
      StandardError.shared.finish()
      exit(exitCode)
    } catch let error as UsageError {
      fail("\(error)")
      exit(ExitCode.usage.rawValue)
    } catch let failure as ToolFailure {
      fail(failure.message)
      exit(failure.exitCode.rawValue)
    } catch {
      fail("\(error)")
      exit(ExitCode.failed.rawValue)
    }
  }
}
