/// A snapshot in the form of a `.snap` file.
///
/// Two are equal when they agree on each server and each link; the order of links, which the format
/// leaves open, does not count.
package struct ReplaySnapshot: Hashable, Sendable {
  /// The tokens of a server.
  package struct Server: Hashable, Sendable {
    /// The server's name.
    package let name: String
    /// How many tokens it had.
    package let tokens: Int
  }

  /// A message in transit.
  package struct Message: Hashable, Sendable {
    /// The server that sent it.
    package let source: String
    /// The server it was sent to.
    package let target: String
    /// How many tokens it carries.
    package let tokens: Int
  }

  /// The number of the snapshot, from 0 in the order of the script.
  package let number: Int
  /// The tokens of each server, in the order of names as text.
  package let servers: [Server]
  /// The messages in transit, by link in the order of names as text, and in order on each link.
  package let messages: [Message]
  /// What is missing and why, in words; empty when the snapshot is complete.
  package let missing: [String]

  /// Makes a snapshot; its parts may be in any order, except messages on one link.
  package init(number: Int, servers: [Server], messages: [Message], missing: [String] = []) {
    self.number = number
    self.servers = servers.sorted { $0.name.precedesAsText($1.name) }
    let order = messages.indices.sorted { one, other in
      let (left, right) = (messages[one], messages[other])
      if left.source != right.source { return left.source.precedesAsText(right.source) }
      if left.target != right.target { return left.target.precedesAsText(right.target) }
      return one < other
    }
    self.messages = order.map { messages[$0] }
    self.missing = missing
  }

  /// Parses a snapshot: its number, lines `server tokens` and lines `source target token(tokens)`.
  ///
  /// - Throws: The first malformed line.
  package init(parsing text: String) throws(ReplayError) {
    let content = WordLines(text)
    guard let first = content.lines.first else {
      throw ReplayError(.snapshot, line: content.endNumber, .missing("the snapshot's number"))
    }
    guard first.words.count == 1, let number = first.words[0].asCount else {
      throw ReplayError(
        .snapshot, line: first.number,
        .malformed(found: first.shown, expected: "the number of a snapshot"))
    }
    var servers: [Server] = []
    var messages: [Message] = []
    for line in content.lines.dropFirst() {
      if line.words.count == 2, let tokens = line.words[1].asCount {
        servers.append(Server(name: line.words[0], tokens: tokens))
      } else if line.words.count == 3, let tokens = Self.tokens(line.words[2]) {
        messages.append(
          Message(source: line.words[0], target: line.words[1], tokens: tokens))
      } else {
        throw ReplayError(
          .snapshot, line: line.number,
          .malformed(
            found: line.shown, expected: "'SERVER TOKENS' or 'SOURCE TARGET token(TOKENS)'"))
      }
    }
    self.init(number: number, servers: servers, messages: messages)
  }

  /// The number in `token(number)`; nil for anything else.
  private static func tokens(_ word: String) -> Int? {
    guard word.hasPrefix("token("), word.hasSuffix(")") else { return nil }
    return String(word.dropFirst(6).dropLast()).asCount
  }
}

extension ReplaySnapshot: CustomStringConvertible {
  /// The snapshot's text, with a newline after each line; missing parts are comments at its end.
  package var description: String {
    let lines =
      ["\(number)"] + servers.map { "\($0.name) \($0.tokens)" }
      + messages.map { "\($0.source) \($0.target) token(\($0.tokens))" }
      + missing.map { "# partial: \($0)" }
    return lines.map { $0 + "\n" }.joined()
  }
}
