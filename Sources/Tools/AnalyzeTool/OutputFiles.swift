import CommandLineKit
import RunRecord
import SystemCalls

/// Writes a call's files: each is complete or absent, and obstacles are reported here.
enum OutputFiles {
  /// The remedy for a user who chose the output directory.
  static let advice = "choose another --output"

  /// Refuses a symbolic link in place of a folder that the user has not named, so that nothing is
  /// written to its target.
  ///
  /// - Parameters:
  ///   - folder: The folder for the files.
  ///   - advice: The remedy, besides removing the link.
  /// - Throws: ``ToolFailure`` for a link.
  static func refuseLink(at folder: String, advice: String) throws(ToolFailure) {
    guard FileSystem.isLink(folder) else { return }
    throw ToolFailure(
      .cannotCreate,
      "'\(folder)' is a symbolic link, and nothing is written to where one points; remove it, or "
        + advice)
  }

  /// Makes a folder and opens files in it.
  ///
  /// - Parameters:
  ///   - folder: Their folder; created when missing.
  ///   - advice: The remedy when the system refuses.
  ///   - make: Opens the files by name, with the function it receives.
  /// - Returns: What `make` returns.
  /// - Throws: ``ToolFailure`` when they cannot be created.
  static func open<Files>(
    in folder: String, advice: String = advice,
    _ make: ((String) throws(SystemError) -> AtomicFile) throws(SystemError) -> Files
  ) throws(ToolFailure) -> Files {
    try telling(advice) { () throws(SystemError) in
      try FileSystem.makeDirectory(folder)
      return try make { name throws(SystemError) in try AtomicFile(folder + "/" + name) }
    }
  }

  /// Moves finished files to their final names.
  ///
  /// - Parameters:
  ///   - files: The finished files.
  ///   - advice: The remedy when the system refuses.
  /// - Returns: Their paths.
  /// - Throws: ``ToolFailure`` when they cannot be written.
  static func finish(
    _ files: [AtomicFile], advice: String = advice
  ) throws(ToolFailure) -> [String] {
    try telling(advice) { () throws(SystemError) in
      try files.map { file throws(SystemError) in
        try file.finish()
        return file.path
      }
    }
  }

  /// Writes complete files.
  ///
  /// All are written before the first gets its final name.
  ///
  /// - Parameters:
  ///   - files: Their paths and bytes.
  ///   - folder: The folder of most of them; created when missing.
  ///   - advice: The remedy when the system refuses.
  /// - Returns: Their paths.
  /// - Throws: ``ToolFailure`` when they cannot be created or written.
  static func write(
    _ files: [(path: String, bytes: [UInt8])], in folder: String, advice: String
  ) throws(ToolFailure) -> [String] {
    let open = try telling(advice) { () throws(SystemError) in
      try FileSystem.makeDirectory(folder)
      return try files.map { path, bytes throws(SystemError) in
        let file = try AtomicFile(path)
        file.append(bytes)
        return file
      }
    }
    return try finish(open, advice: advice)
  }

  /// The address that opens a file in a browser, with its name escaped.
  static func link(to path: String) -> String {
    "file://" + ShownText.percentEncoded(FileSystem.resolved(path) ?? path)
  }

  private static func telling<Result>(
    _ advice: String, _ body: () throws(SystemError) -> Result
  ) throws(ToolFailure) -> Result {
    do throws(SystemError) {
      return try body()
    } catch {
      throw ToolFailure(refusedOutput: error, advice: advice)
    }
  }
}
