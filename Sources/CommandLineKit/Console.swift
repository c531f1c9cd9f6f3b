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

  /// Writes a result to standard output.
  ///
  /// A reader who has seen enough and closed the pipe (`| head -1`) misses nothing he asked for:
  /// the tool goes on to its end, and its exit code says what it would have said otherwise.
  ///
  /// - Throws: ``ToolFailure`` when the output cannot be written for another reason.
  package func print(_ text: String) throws(ToolFailure) {
    _ = try write(Array(text.utf8))
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
      throw ToolFailure(
        .inputOutput, "cannot write to standard output: \(error.reason); make room or redirect it")
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
    try? Descriptor.standardError.writeAll(Self.spellingOutControls(in: line) + "\n")
  }

  /// The same line with every control character spelled out.
  package static func spellingOutControls(in line: String) -> String {
    line.unicodeScalars.reduce(into: "") { text, scalar in
      let isControl = scalar.properties.generalCategory == .control
      text += isControl ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }

  /// Says what is wrong but does not end the tool.
  package func warn(_ message: String) {
    note("\(tool): warning: \(message)")
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
    do {
      exit(try body().rawValue)
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
