/// Why a topology, an event script or a list of delays cannot be replayed.
package struct ReplayError: Error, Hashable, Sendable {
  /// The text with the error.
  package enum Text: String, Hashable, Sendable {
    /// The machines, their tokens and the links (`.top`).
    case topology
    /// The events (`.events`).
    case events
    /// The delays of the messages.
    case delays
    /// The expected snapshot (`.snap`).
    case snapshot
  }

  /// The problem.
  package enum Problem: Hashable, Sendable {
    /// The text ends before this.
    case missing(String)
    /// The line is malformed: its text, and the expected form.
    case malformed(found: String, expected: String)
    /// No server of the topology has this name.
    case unknownServer(String)
    /// Two servers have this name.
    case repeatedServer(String)
    /// A link leads from a server to itself.
    case selfLink(String)
    /// There is no link between these servers, in this direction.
    case noLink(source: String, target: String)
    /// The server has fewer tokens than it must send.
    case overdraw(server: String, tokens: Int, wanted: Int)
    /// All servers together have more tokens than can be counted.
    case tooManyTokens
    /// More messages were sent than there are delays.
    case delaysUsedUp(count: Int)
  }

  /// The text with the error.
  package let text: Text
  /// The line, from 1; the one after the last line when something is missing at the end.
  package let line: Int
  /// The problem with it.
  package let problem: Problem

  /// Makes the error of a line.
  package init(_ text: Text, line: Int, _ problem: Problem) {
    self.text = text
    self.line = line
    self.problem = problem
  }
}

extension ReplayError: CustomStringConvertible {
  /// The problem and its line, without the file's name, which the reader knows.
  package var description: String { "line \(line): \(problem)" }
}

extension ReplayError.Problem: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .missing(let what): "the file ends where \(what) should follow"
    case .malformed(let found, let expected): "'\(found)' is not \(expected)"
    case .unknownServer(let name): "there is no server '\(name)'"
    case .repeatedServer(let name): "server '\(name)' is there twice"
    case .selfLink(let name): "server '\(name)' is linked to itself"
    case .noLink(let source, let target): "there is no link from '\(source)' to '\(target)'"
    case .overdraw(let server, let tokens, let wanted):
      "server '\(server)' has \(tokens) tokens and cannot send \(wanted)"
    case .tooManyTokens: "the servers have more tokens than 64 bits can count"
    case .delaysUsedUp(let count): "all \(count) delays are used up; add more, or use --seed"
    }
  }
}
