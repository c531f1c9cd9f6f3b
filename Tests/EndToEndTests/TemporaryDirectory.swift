import SystemCalls

/// A directory that is removed with the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
  }

  deinit {
    try? FileSystem.removeTree(path)
  }

  /// A run directory in it, which does not exist yet.
  var run: FinishedRun { FinishedRun(path: path + "/run") }

  /// Writes a file into it and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    try FileSystem.replace("\(path)/\(name)", with: text)
    return "\(path)/\(name)"
  }

  /// Writes files into it, and makes their directories.
  func write(_ files: [(path: String, text: String)]) throws {
    for (name, text) in files {
      try FileSystem.makeDirectory(FileSystem.parentPath(of: path + "/" + name))
      _ = try write(text, to: name)
    }
  }

  /// Runs `analyze` in it.
  func analyze(_ words: [String]) throws -> ToolProcess.Outcome {
    try BuiltTool.analyze.run(words, in: path)
  }
}
