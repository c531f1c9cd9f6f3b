import Analysis
import CommandLineKit
import ScaleModel

/// `--from` and `--to`: the time window of every run that is measured, drawn and exported.
enum WindowOptions {
  static let from = time(
    "--from", help: "where tables, diagrams and exports begin, from the run's start")
  static let to = time("--to", help: "where they end")

  private static func time(_ name: String, help: String) -> Option<TimeSpan> {
    Option(name, "TIME", help: help, expected: "a time such as 20s or 1500ms") { TimeSpan($0) }
  }

  /// Reads the window.
  ///
  /// - Throws: ``UsageError`` for a malformed time, or a window that ends before it starts.
  static func window(_ parsed: ParsedWords) throws(UsageError) -> TimeWindow {
    let from = try parsed.value(of: from)
    let to = try parsed.value(of: to)
    if let to, to <= from ?? .seconds(0) {
      throw .malformedValue(
        option: Self.to.name, value: "\(to)",
        expected: "a time after \(from.map { "--from, which is \($0)" } ?? "the run's start")")
    }
    return TimeWindow(from: from?.nanoseconds, to: to?.nanoseconds)
  }
}
