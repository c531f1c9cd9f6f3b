import RunRecord
import SystemCalls
import TextFormats

/// A log in ShiViz's own format: an expression, a delimiter of executions, and two lines per event.
///
/// Without the first two lines, events have ShiViz's default format.
///
/// - SeeAlso: I. Beschastnikh et al., "Visualizing Distributed System Executions", TOSEM 29(2),
///   2020. <https://doi.org/10.1145/3375633>
package struct ShiVizText {
  /// The word for this format in place of a map's path.
  package static let word = "shiviz"

  /// The map that reads the events.
  package let map: ImportMap
  /// The executions; each is a run.
  package private(set) var runs: [LogSelection.Run] = []

  private static let plainExpression = #"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})"#
  private static let runCountMax = 100_000

  /// Reads the head of a log, and finds its executions.
  ///
  /// - Throws: ``RunRecordError`` when it cannot be read, or its expression is invalid.
  package init(path: String) throws(RunRecordError) {
    let file = try LogFile(path: path)
    var line = try file.next()
    var expression = Self.plainExpression
    var delimiter = ""
    var firstLine = 1
    if let head = line, Self.isExpression(head.text) {
      expression = head.text
      delimiter = try file.next()?.text ?? ""
      line = try file.next()
      firstLine = 3
    }
    map = try Self.map(for: expression, path: path)
    let name = LogSelection.name(of: [path])
    guard !delimiter.isEmpty else {
      runs = [LogSelection.Run(name: name, paths: [path], lines: firstLine...Int.max)]
      return
    }
    guard let separating = try? Regex(Self.swiftPattern(delimiter)) else {
      throw .malformed(
        path: path, line: 2, column: nil, problem: "'\(delimiter)' is no regular expression")
    }
    var current: (name: String, first: Int)?
    var latest = firstLine
    while let read = line {
      latest = read.number
      if let match = read.text.wholeMatch(of: separating) {
        try end(current, before: read.number, path: path)
        let label = match["trace"]?.substring.map { String($0) } ?? ""
        current = (label.isEmpty ? "\(name)-\(runs.count + 1)" : label, read.number + 1)
      } else if current == nil {
        current = (name, read.number)
      }
      line = try file.next()
    }
    try end(current, before: latest + 1, path: path)
    guard !runs.isEmpty else {
      throw .malformed(path: path, line: nil, column: nil, problem: "no execution has an event")
    }
  }

  private mutating func end(
    _ run: (name: String, first: Int)?, before line: Int, path: String
  ) throws(RunRecordError) {
    guard let run, run.first < line else { return }
    guard runs.count < Self.runCountMax else {
      throw .malformed(
        path: path, line: line, column: nil, problem: "there are more than \(runs.count) executions"
      )
    }
    runs.append(
      LogSelection.Run(name: run.name, paths: [path], lines: run.first...line - 1))
  }

  private static func isExpression(_ line: String) -> Bool {
    line.contains("(?<host>") && line.contains("(?<clock>")
  }

  /// The map that reads events by an expression.
  private static func map(
    for expression: String, path: String
  ) throws(RunRecordError) -> ImportMap {
    var pattern = swiftPattern(expression)
    var keys: [String] = []
    // The groups of our own exports contain more than the vectors do.
    if pattern.contains("(?<kind>") {
      pattern.replace(
        "(?<event>.*)",
        with: #"(?<event>(?:send|receive)(?: (?<message>\d+))?"#
          + #"(?: (?:to|from) (?<peer>(?:\S+, )*\S+))?(?: [^\n]*)?|[^\n]*)"#)
      keys.append(
        #""event": {"column": "kind", "internal": ["internal", "deposit", "withdraw"], "#
          + #""send": "send", "receive": "receive"}, "message": "message", "#
          + #""peer": {"column": "peer", "all": "all", "split": ", "}"#)
      if !pattern.contains("(?<lamport>") { keys.append(#""vector": "clock""#) }
    } else {
      keys.append(#""vector": "clock""#)
    }
    if pattern.contains("(?<lamport>") { keys.append(#""clock": "lamport""#) }
    if pattern.contains("(?<queue>") { keys.append(#""queue": "queue""#) }
    if pattern.contains("(?<timestamp>") {
      keys.append(#""time": {"column": "timestamp", "unit": "ns"}"#)
    }
    let text =
      #"{"pattern": "# + JSONText.encode("^" + pattern + "$", isPretty: false)
      + #", "otherwise": "skip", "machine": {"column": "host"}, "#
      + keys.joined(separator: ", ") + "}"
    return try ImportMap.decode(Array(text.utf8), path: path)
  }

  /// Converts a JavaScript expression to Swift's syntax: escapes a brace that is not a quantifier.
  private static func swiftPattern(_ expression: String) -> String {
    var pattern = ""
    var rest = expression[...]
    while let character = rest.popFirst() {
      if character == "\\" {
        pattern.append(character)
        if let next = rest.popFirst() { pattern.append(next) }
      } else if character == "{", rest.first?.isNumber != true {
        pattern += "\\{"
      } else if character == "}", pattern.last?.isNumber != true, pattern.last != "," {
        pattern += "\\}"
      } else {
        pattern.append(character)
      }
    }
    return pattern
  }
}
