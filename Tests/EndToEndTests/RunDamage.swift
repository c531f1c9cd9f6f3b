import SystemCalls
import Testing

/// Something done to a run, and what is said of it.
struct RunDamage: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// A shell script, in the run's directory.
  let script: String
  /// What is said of the run, behind its directory's path.
  let complaint: String

  func apply(to directory: String) throws {
    try Self.shell("cd '\(directory)' && { \(script); }")
  }

  static func shell(_ script: String) throws {
    try #require(ToolProcess("/bin/bash", ["--norc", "-c", script]).finish().exitCode == 0)
  }
}
