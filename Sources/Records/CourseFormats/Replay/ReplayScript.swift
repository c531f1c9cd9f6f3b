import LogicalTime

/// The steps of a replay, from an `.events` file.
package struct ReplayScript: Hashable, Sendable {
  /// One line of the script.
  package struct Step: Hashable, Sendable {
    /// The line's number, from 1.
    package let line: Int
    /// What the line does.
    package let action: Action
  }

  /// The action of a line.
  package enum Action: Hashable, Sendable {
    /// `send source target tokens`.
    case send(tokens: Int, from: MachineID, to: MachineID)
    /// `snapshot server`.
    case snapshot(MachineID)
    /// `tick` or `tick count`.
    case tick(count: Int)
  }

  /// The lines with an action, in order; those between two ticks happen at the same time.
  package let steps: [Step]

  /// Parses a script for the servers of a topology.
  ///
  /// - Throws: The first line with an unknown action, or one that the topology makes impossible.
  package init(parsing text: String, topology: ReplayTopology) throws(ReplayError) {
    var steps: [Step] = []
    for line in WordLines(text).lines {
      steps.append(Step(line: line.number, action: try Self.action(line, topology)))
    }
    self.steps = steps
  }

  private static func action(
    _ line: WordLines.Line, _ topology: ReplayTopology
  ) throws(ReplayError) -> Action {
    let words = line.words
    switch (words[0], words.count) {
    case ("tick", 1):
      return .tick(count: 1)
    case ("tick", 2):
      if let count = words[1].asCount { return .tick(count: count) }
    case ("snapshot", 2):
      return .snapshot(try server(words[1], line, topology))
    case ("send", 4):
      let source = try server(words[1], line, topology)
      let target = try server(words[2], line, topology)
      guard topology.hasLink(from: source, to: target) else {
        throw ReplayError(
          .events, line: line.number, .noLink(source: words[1], target: words[2]))
      }
      if let tokens = words[3].asCount { return .send(tokens: tokens, from: source, to: target) }
    default: break
    }
    throw ReplayError(
      .events, line: line.number,
      .malformed(
        found: line.shown,
        expected: "an event: 'send SOURCE TARGET TOKENS', 'snapshot SERVER' or 'tick [COUNT]'"))
  }

  private static func server(
    _ name: String, _ line: WordLines.Line, _ topology: ReplayTopology
  ) throws(ReplayError) -> MachineID {
    guard let id = topology.id(of: name) else {
      throw ReplayError(.events, line: line.number, .unknownServer(name))
    }
    return id
  }
}
