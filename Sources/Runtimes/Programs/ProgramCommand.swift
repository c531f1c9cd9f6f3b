import CommandLineKit
import ScaleModel

/// The command that starts a machine's program, and how long the program may take for an answer.
package struct ProgramCommand: Hashable, Sendable {
  /// The program's file, or its name in a folder of `PATH`.
  package let file: String
  /// Its arguments.
  package let arguments: [String]
  /// How long an answer may take.
  package let timeout: TimeSpan

  /// Reads a command as a shell would split it; no shell runs it.
  ///
  /// - Throws: Why it is no command.
  package init(_ text: String, timeout: TimeSpan) throws(WorkloadRefusal) {
    let words: [String]
    do throws(ShellWords.SplitError) {
      words = try ShellWords.split(text)
    } catch {
      throw WorkloadRefusal("--program: \(error)")
    }
    guard let file = words.first, !file.isEmpty else {
      throw WorkloadRefusal(
        "--program is missing; give the command that each machine starts, such as --program "
          + "'python3 mutex.py'")
    }
    guard !text.unicodeScalars.contains("\0") else {
      throw WorkloadRefusal("--program holds a zero byte; leave it out")
    }
    self.file = file
    arguments = Array(words.dropFirst())
    self.timeout = timeout
  }

  /// The command as a shell reads it.
  package var text: String { ShellWords.text([file] + arguments) }
}
