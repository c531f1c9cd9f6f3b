import FoundationEssentials

/// A log parsed as ShiViz does: by the expressions in its own header.
struct ShiVizReader {
  struct Event {
    let host: String
    let kind: String
    let story: String
    let timestamp: Int64
    let clock: [String: Int]
  }

  struct Execution {
    let label: String
    let events: [Event]
  }

  let executions: [Execution]

  /// Parses a log; every line must belong to the header, a delimiter or an event.
  init(_ text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    // ShiViz anchors both expressions at line ends itself.
    let event = try Regex("^\(lines[0])$").anchorsMatchLineEndings()
    let delimiter = try Regex("^\(lines[1])$").anchorsMatchLineEndings()
    let body = lines[2...].joined(separator: "\n")
    let delimiters = body.matches(of: delimiter)
    var executions: [Execution] = []
    guard delimiters.first?.range.lowerBound == body.startIndex else {
      throw Malformed(text: "something stands before the first delimiter")
    }
    for (index, match) in delimiters.enumerated() {
      let end =
        index + 1 < delimiters.count ? delimiters[index + 1].range.lowerBound : body.endIndex
      let part = body[match.range.upperBound..<end]
      let matches = part.matches(of: event)
      let lineCount = part.split(separator: "\n").count
      guard lineCount == 2 * matches.count else {
        throw Malformed(text: "\(lineCount) lines hold \(matches.count) events")
      }
      executions.append(
        Execution(
          label: String(match["trace"]?.substring ?? ""), events: try matches.map(Self.event)))
    }
    self.executions = executions
  }

  private static func event(_ match: Regex<AnyRegexOutput>.Match) throws -> Event {
    func text(_ group: String) -> String { String(match[group]?.substring ?? "") }
    return Event(
      host: text("host"), kind: text("kind"), story: text("event"),
      timestamp: Int64(text("timestamp")) ?? -1,
      clock: try JSONDecoder().decode([String: Int].self, from: Data(text("clock").utf8)))
  }

  /// The log's violations of ShiViz's rules; empty for none.
  var breaches: [String] {
    var breaches: [String] = []
    if Set(executions.map(\.label)).count < executions.count { breaches.append("labels repeat") }
    for execution in executions {
      var counts: [String: Int] = [:]
      for event in execution.events {
        counts[event.host, default: 0] += 1
        if event.clock[event.host] != counts[event.host] {
          breaches.append("\(event.host) steps to \(event.clock), not to its own next number")
        }
        if event.host.isEmpty || event.host.contains(" ") {
          breaches.append("'\(event.host)' is no host")
        }
      }
      for event in execution.events {
        for (host, value) in event.clock where value < 1 || value > counts[host] ?? 0 {
          breaches.append("a clock says \(host):\(value) of \(counts[host] ?? 0) events")
        }
      }
    }
    return breaches
  }
}
