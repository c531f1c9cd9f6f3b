import SystemCalls
import Testing

/// A damage done to a run, and the error for it.
struct RunDamage: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// A shell script, in the run's directory.
  let script: String
  /// The error for the run, after its directory's path.
  let complaint: String

  func apply(to directory: String) throws {
    try Self.shell("cd '\(directory)' && { \(script); }")
  }

  static func shell(_ script: String) throws {
    try #require(ToolProcess("/bin/bash", ["--norc", "-c", script]).finish().exitCode == 0)
  }
}
