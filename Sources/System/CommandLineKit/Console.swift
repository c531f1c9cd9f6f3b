import SystemCalls

/// Standard output and standard error of a tool.
package struct Console: Sendable {
  /// The tool's name, which begins its messages.
  package let tool: String
  /// Whether notes and warnings are left out; failures are still reported.
  package var isQuiet = false

  /// Makes the console of a tool.
  package init(tool: String) {
    self.tool = tool
  }

  /// Writes the result of a command that must end even if its reader stops reading.
  ///
  /// Escapes control characters. Drops what the reader does not take within
  /// ``PatientOutput/usualPatience``.
  ///
  /// - Throws: ``ToolFailure`` when the output cannot be written, or a program reading it stops
  ///   taking it. A paused terminal is not a failure.
  package func printResult(_ text: String) throws(ToolFailure) {
    try printResult(bytes: Array(ShownText.escapedLines(text).utf8))
  }

  /// Writes such a result as unescaped JSON, and ends the line.
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
      // A closed terminal is a reader that is gone, like a closed pipe.
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

  /// Writes lines of a result to standard output, with control characters escaped.
  ///
  /// Lines may hold names chosen by others, so escaping protects the terminal.
  ///
  /// A reader may close the pipe early (`| head -1`): the tool then runs to its end and returns the
  /// same exit code as otherwise.
  ///
  /// - Throws: ``ToolFailure`` when the output cannot be written for another reason.
  package func print(_ text: String) throws(ToolFailure) {
    _ = try write(Array(ShownText.escapedLines(text).utf8))
  }

  /// Writes each text as one line to standard output; line ends inside a text are escaped.
  ///
  /// - Throws: ``ToolFailure`` as ``print(_:)`` does.
  package func print(lines: [String]) throws(ToolFailure) {
    try print(lines.map { ShownText.escaped($0) + "\n" }.joined())
  }

  /// Writes unescaped JSON to standard output, and ends the line.
  ///
  /// - Throws: ``ToolFailure`` as ``print(_:)`` does.
  package func print(json text: String) throws(ToolFailure) {
    _ = try write(Array((text + "\n").utf8))
  }

  /// Writes bytes to standard output, for a tool that must stop when its reader is gone.
  ///
  /// - Parameter bytes: A piece of the result.
  /// - Returns: Whether a reader remains; if not, the bytes are lost.
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

  /// Whether standard output is a terminal.
  package var isReadByPerson: Bool { Descriptor.standardOutput.isTerminal }

  /// Writes a line to standard error; it is lost if standard error cannot be written.
  ///
  /// Escapes control characters, because a message may quote user input or a file: it stays one
  /// line and cannot command the terminal.
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

  /// Reports a problem that does not end the tool.
  package func warn(_ message: String) {
    if isQuiet { return }
    StandardError.shared.write(warningLine(message), waits: true)
  }

  /// Reports why the tool ends.
  package func fail(_ message: String) {
    writeError("\(tool): error: \(message)")
  }

  /// Runs a tool and ends the process with its exit code.
  ///
  /// - Parameter body: The tool; an error it throws is reported in one line.
  package func run(_ body: () throws -> ExitCode) -> Never {
    ThisProcess.ignoreWriteSignals()
    ThisProcess.fillStandardStreams()
    if let index = CommandWords.firstNotText {
      fail(
        "word \(index) of the call is not UTF-8, as every path must be; rename the file, or "
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
