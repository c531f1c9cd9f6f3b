import LogicalTime

/// Servers with tokens, and the directed links between them, from a `.top` file.
///
/// A server's id is its index in the names sorted as text, so servers act and markers fan out in
/// the order of ids.
package struct ReplayTopology: Hashable, Sendable {
  /// The servers' names, sorted as text.
  package let names: [String]
  /// The tokens of each server at the start, in the order of names.
  package let tokens: [Int]
  /// The targets of each server's links, in the order of names; each ascending.
  package let targets: [[MachineID]]

  /// Parses a topology: the number of servers, a line `server tokens` for each, and then a line
  /// `source target` for each link; a duplicate link counts once.
  ///
  /// - Throws: The first malformed line.
  package init(parsing text: String) throws(ReplayError) {
    let content = WordLines(text)
    var rest = content.lines[...]
    guard let first = rest.popFirst() else {
      throw ReplayError(.topology, line: content.endNumber, .missing("the number of servers"))
    }
    guard first.words.count == 1, let count = first.words[0].asCount, count > 0 else {
      throw ReplayError(
        .topology, line: first.number,
        .malformed(found: first.shown, expected: "a number of servers"))
    }
    var tokensOfName: [String: Int] = [:]
    var total = 0
    for _ in 0..<count {
      guard let line = rest.popFirst() else {
        throw ReplayError(
          .topology, line: content.endNumber, .missing("a line 'server tokens' for each server"))
      }
      let (name, tokens) = try Self.server(line)
      guard tokensOfName.updateValue(tokens, forKey: name) == nil else {
        throw ReplayError(.topology, line: line.number, .repeatedServer(name))
      }
      let (sum, overflows) = total.addingReportingOverflow(tokens)
      if overflows { throw ReplayError(.topology, line: line.number, .tooManyTokens) }
      total = sum
    }
    let servers = tokensOfName.sorted { $0.key.precedesAsText($1.key) }
    names = servers.map(\.key)
    tokens = servers.map(\.value)
    targets = try Self.links(rest, names: names)
  }

  /// The id of the server of this name; nil when there is none.
  package func id(of name: String) -> MachineID? { Self.index(of: name, in: names) }

  /// Whether a link leads from one server to the other.
  package func hasLink(from source: MachineID, to target: MachineID) -> Bool {
    targets[source.index].contains(target)
  }

  private static func server(
    _ line: WordLines.Line
  ) throws(ReplayError) -> (name: String, tokens: Int) {
    guard line.words.count == 2, let tokens = line.words[1].asCount else {
      throw ReplayError(
        .topology, line: line.number,
        .malformed(found: line.shown, expected: "a server: a name and a number of tokens"))
    }
    return (line.words[0], tokens)
  }

  private static func links(
    _ lines: ArraySlice<WordLines.Line>, names: [String]
  ) throws(ReplayError) -> [[MachineID]] {
    var targets = [Set<MachineID>](repeating: [], count: names.count)
    for line in lines {
      guard line.words.count == 2 else {
        throw ReplayError(
          .topology, line: line.number,
          .malformed(found: line.shown, expected: "a link: two names of servers"))
      }
      var ends: [MachineID] = []
      for name in line.words {
        guard let id = index(of: name, in: names) else {
          throw ReplayError(.topology, line: line.number, .unknownServer(name))
        }
        ends.append(id)
      }
      if ends[0] == ends[1] {
        throw ReplayError(.topology, line: line.number, .selfLink(line.words[0]))
      }
      targets[ends[0].index].insert(ends[1])
    }
    return targets.map { $0.sorted() }
  }

  private static func index(of name: String, in names: [String]) -> MachineID? {
    let index = names.partitioningIndex(where: { !$0.precedesAsText(name) })
    return index < names.count && names[index] == name ? MachineID(index) : nil
  }
}
