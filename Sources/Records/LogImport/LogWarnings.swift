import RunRecord

/// The warnings and notes about an import.
enum LogWarnings {
  /// The parts of files that were left out.
  static func ofFiles(_ results: [LogReading.FileResult]) -> [String] {
    var warnings: [String] = []
    for (path, pass) in results.map({ ($0.path, $0.pass) }) {
      if pass.leftOut.count > 0 {
        let words =
          pass.leftOut.count == 1 ? "line that is not an event" : "lines that are not events"
        warnings.append(
          "'\(path)': left out \(pass.leftOut.count) \(words): "
            + "\(pass.leftOut.summary); the first: \(pass.leftOut.shapes[0].problem)")
      }
      if let line = pass.cutLine {
        warnings.append("'\(path)': the last line, \(line), is cut short and left out")
      }
      if pass.isEmpty {
        warnings.append("'\(path)': the file is empty; there is no event in it")
      } else if pass.eventCount == 0 {
        warnings.append("'\(path)': there is no event in it")
      }
    }
    return warnings
  }

  /// How rows and messages were interpreted.
  static func notes(
    _ shared: SharedTicks, _ pairing: MessagePairing, in logs: LoggedEvents
  ) -> [String] {
    var notes: [String] = []
    if let first = shared.first {
      let rows = shared.rowCount == 1 ? "1 row is" : "\(shared.rowCount) rows are"
      notes.append(
        "\(rows) taken with the row before as one tick with several recipients, for the clock "
          + "reads the same (the first: \(location(of: first, in: logs)))")
    }
    let words: [(MessagePairing.Means, String)] = [
      (.identity, "their identities"), (.vector, "their vector clocks"),
      (.order, "the order of their channels"),
    ]
    for (means, words) in words {
      guard let count = pairing.counts[means] else { continue }
      notes.append("\(count) receipts are paired with their sends by \(words)")
    }
    if logs.map.tells(.vector) && !logs.map.tells(.clock) {
      notes.append("the clock of a machine is its own entry in its vector clock")
    }
    if pairing.readingLag > 0 {
      notes.append(
        "messages carry the reading before that of their send, and are paired by that")
    }
    return notes
  }

  /// Times that go back.
  static func backward(
    _ backward: (event: LoggedEvent, before: Int64, count: Int), in logs: LoggedEvents
  ) -> String {
    let span = Double(backward.before - backward.event.time) / 1e9
    return "time goes back by \(span) s at \(location(of: backward.event, in: logs))"
      + (backward.count > 1 ? ", and at \(backward.count - 1) more events" : "")
  }

  /// Values that stay empty because times or names are too coarse.
  static func ofMachines(
    in logs: LoggedEvents, _ pairing: MessagePairing, coarse: [Int]
  ) -> [String] {
    var warnings: [String] = []
    if !coarse.isEmpty {
      let names = coarse.prefix(8).map { logs.name($0) }.joined(separator: ", ")
      warnings.append(
        "the times of \(names) are no finer than a tick, so its lateness stays empty there")
    }
    let receipts = logs.events.filter { $0.kind == .receive }
    let unpaired = receipts.count { $0.partner == nil && logs.source(of: $0) != nil }
    if unpaired > 0 && !(pairing.counts.isEmpty && pairing.contradictions.isEmpty) {
      warnings.append(
        "\(unpaired) of \(receipts.count) receipts have no send that fits; no arrow leads to them")
    }
    if pairing.relayCount > 0 {
      warnings.append(
        "\(pairing.relayCount) events receive a message and are the cause of another receipt; "
          + "only the first is drawn")
    }
    return warnings
  }

  /// A hint that lines of several machines are mixed, from a broken clock.
  static func ofMixedLines(in logs: LoggedEvents, _ clock: LogVerdict) -> [String] {
    guard logs.map.machine == .file, clock.isFailed else { return [] }
    return [
      "the map does not say whose line it is, so each file counts as one machine; if lines of "
        + "several are mixed, nothing tells them apart: add \"machine\" to the map"
    ]
  }

  private static func location(of event: LoggedEvent, in logs: LoggedEvents) -> String {
    "'\(logs.paths[Int(event.file)])', line \(event.line)"
  }
}
