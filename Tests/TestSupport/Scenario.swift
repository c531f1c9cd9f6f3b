import Foundation
import SystemCalls
import Testing

/// A story as text: commands, each followed by what it must lead to.
///
/// A line that begins with `> ` is a command. The lines behind it, up to the next command, comment
/// (`#`) or empty line, are the effects it must have, in order. A person reads the file from top to
/// bottom, and a change of behaviour is a diff of that file.
///
/// `RECORD=1 swift test --filter Scenario` writes the effects that the code has now into the files.
public struct Scenario: Equatable, Sendable {
  /// A line of the file.
  public enum Line: Equatable, Sendable {
    /// A comment or an empty line.
    case prose(String)
    /// A command, with the effects it must have.
    case command(String, effects: [String])
  }

  /// The lines in the order they stand in the file.
  public var lines: [Line]

  /// Reads a scenario; an effect before the first command counts as prose.
  public init(_ text: String) {
    lines = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("> ") {
        lines.append(.command(String(line.dropFirst(2)), effects: []))
      } else if !line.isEmpty, !line.hasPrefix("#"),
        case .command(let words, let effects)? = lines.last
      {
        lines[lines.count - 1] = .command(words, effects: effects + [line])
      } else {
        lines.append(.prose(line))
      }
    }
  }

  /// The scenario as text; reading it gives the scenario again.
  public var text: String {
    lines.map { line in
      switch line {
      case .prose(let text): text
      case .command(let words, let effects): (["> " + words] + effects).joined(separator: "\n")
      }
    }.joined(separator: "\n")
  }

  /// The same commands with the effects they have now.
  ///
  /// - Parameter carryOut: Carries out the words of a command; returns its effects, a line each.
  /// - Returns: The scenario with the effects replaced.
  public func played(_ carryOut: ([Substring]) throws -> [String]) rethrows -> Scenario {
    var played = self
    for (index, line) in lines.enumerated() {
      guard case .command(let words, _) = line else { continue }
      played.lines[index] = .command(words, effects: try carryOut(words.split(separator: " ")))
    }
    return played
  }
}

/// A command of a scenario that its player does not know.
public struct UnknownCommand: Error, CustomStringConvertible {
  /// The command's words.
  public let words: [Substring]

  /// Makes the error for a command.
  public init(_ words: [Substring]) { self.words = words }

  /// One line that quotes the command.
  public var description: String { "no such command: \(words.joined(separator: " "))" }
}

/// The scenario files of a folder.
public struct ScenarioFolder: Sendable {
  private let path: String

  /// The folder `Scenarios` beside a source file.
  public init(besideFile file: String = #filePath, folder: String = "Scenarios") {
    path = FileSystem.parentPath(of: file) + "/" + folder
  }

  /// The names of its scenarios, in order, without `.scenario`.
  public var names: [String] {
    let entries = (try? FileSystem.entries(path)) ?? []
    return entries.filter { $0.hasSuffix(".scenario") }.map { String($0.dropLast(9)) }.sorted()
  }

  /// Plays a scenario and compares each command's effects with the file's; with `RECORD=1` in the
  /// environment it writes them into the file instead.
  public func check(_ name: String, _ carryOut: ([Substring]) throws -> [String]) throws {
    let file = "\(path)/\(name).scenario"
    let expected = Scenario(String(decoding: try FileSystem.contents(file), as: UTF8.self))
    let played = try expected.played(carryOut)
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try FileSystem.replace(file, with: played.text)
    } else {
      for (line, now) in zip(expected.lines, played.lines) where line != now {
        Issue.record("\(name): expected \(line), and it is \(now)")
      }
    }
  }
}
