import CommandLineKit
import LogicalTime
import ScaleModel
import SystemCalls

/// Why a machine's program cannot go on.
package enum ProgramFailure: Error, Hashable, Sendable {
  /// The system does not start it.
  case notStarted(SystemError)
  /// It ended before it had answered.
  case ended(ChildProcess.Ending, answerCount: Int)
  /// It closed a stream and lives on.
  case closed(Stream, answerCount: Int)
  /// It has not answered this question in time.
  case silent(TimeSpan, question: String)
  /// A line of its output is longer than an answer may be.
  case lineTooLong(line: Int)
  /// It wrote this, which no question had asked for.
  case unasked(line: Int, text: String)
  /// A line of its output is not JSON.
  case notJSON(line: Int, column: Int, problem: String)
  /// A line of its output is not an answer to its question.
  case wrongAnswer(line: Int, problem: String)
  /// It began again, was asked the same, and answered this question in another way than before.
  case otherAnswer(line: Int, question: String)

  /// A stream of the program.
  package enum Stream: String, Hashable, Sendable {
    /// Where questions are written, and where answers are read.
    case input, output
  }

  /// The longest line that a program may answer with, in bytes.
  package static let lineByteCountMax = 1 << 20
}

extension ProgramFailure {
  /// The failure with its remedy, in one clause that names the program.
  func text(of command: ProgramCommand) -> String {
    let program = "the program '\(command.text)'"
    switch self {
    case .notStarted(let error):
      return "\(program) cannot be started: \(error.reason); see whether '\(command.file)' is "
        + "there and may be executed"
    case .ended(let ending, let count):
      return "\(program) \(Self.words(ending)) after \(counted(count, "answer")); run it by hand "
        + "and type its questions"
    case .closed(let stream, let count):
      return "\(program) closed its standard \(stream.rawValue) after \(counted(count, "answer"))"
        + "; a program reads and answers until its input ends"
    case .silent(let time, let question):
      return "\(program) gave no answer within \(time) to \(Self.shown(question)); see whether it "
        + "flushes each line, or give it longer with --program-timeout"
    case .lineTooLong(let line):
      return "line \(line) of \(program) is longer than \(Self.lineByteCountMax) bytes; an answer "
        + "is one line, shorter than that"
    case .unasked(let line, let text):
      return "line \(line) of \(program) answers no question: \(Self.shown(text)); it writes one "
        + "line for each that it reads, and anything else to standard error"
    case .notJSON(let line, let column, let problem):
      return "line \(line) of \(program), column \(column): \(problem); an answer is one JSON "
        + "object on a line"
    case .wrongAnswer(let line, let problem):
      return "line \(line) of \(program): \(problem)"
    case .otherAnswer(let line, let question):
      return "line \(line) of \(program) is another answer to \(Self.shown(question)) than it gave "
        + "before, asked the same from its beginning; keep it away from clocks, random numbers and "
        + "the order of sets"
    }
  }

  private static func words(_ ending: ChildProcess.Ending) -> String {
    switch ending {
    case .exited(let code): "ended with exit code \(code)"
    case .killed(let signal): "was killed by signal \(signal) (\(SignalName.of(signal)))"
    }
  }

  /// The beginning of a text that anything may be in, in quotation marks.
  private static func shown(_ text: String) -> String {
    let countMax = 80
    let start = ShownText.escaped(String(text.prefix(countMax)))
    return "'\(start)\(text.count > countMax ? "…" : "")'"
  }
}
