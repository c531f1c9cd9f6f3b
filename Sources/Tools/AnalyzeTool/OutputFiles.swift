import CommandLineKit
import RunRecord
import SystemCalls

/// The files a call writes: each is complete or absent, and what is in their way is said here.
enum OutputFiles {
  /// What the user may do who chose where they go.
  static let advice = "choose another --output"

  /// Refuses a link in the place of a folder that the user has not named: nothing is written to
  /// where one points.
  ///
  /// - Parameters:
  ///   - folder: Where files are to go.
  ///   - advice: What the user may do, besides removing the link.
  /// - Throws: ``ToolFailure`` when a link is there.
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
  ///   - folder: Where they go; it is made when it is not there.
  ///   - advice: What the user may do when the system refuses.
  ///   - make: Opens the files, each by the function it is given, which takes a name.
  /// - Returns: What `make` returns.
  /// - Throws: ``ToolFailure`` when they cannot be created.
  static func open<Files>(
    in folder: String, advice: String = advice,
    _ make: ((String) throws(SystemError) -> WholeFile) throws(SystemError) -> Files
  ) throws(ToolFailure) -> Files {
    try telling(advice) { () throws(SystemError) in
      try FileSystem.makeDirectory(folder)
      return try make { name throws(SystemError) in try WholeFile(folder + "/" + name) }
    }
  }

  /// Gives files their names.
  ///
  /// - Parameters:
  ///   - files: What has been written.
  ///   - advice: What the user may do when the system refuses.
  /// - Returns: Their paths.
  /// - Throws: ``ToolFailure`` when they could not be written.
  static func finish(
    _ files: [WholeFile], advice: String = advice
  ) throws(ToolFailure) -> [String] {
    try telling(advice) { () throws(SystemError) in
      try files.map { file throws(SystemError) in
        try file.finish()
        return file.path
      }
    }
  }

  /// Writes files whose bytes are all there.
  ///
  /// All are written before the first gets its name.
  ///
  /// - Parameters:
  ///   - files: Their paths and bytes.
  ///   - folder: Where most of them go; it is made when it is not there.
  ///   - advice: What the user may do when the system refuses.
  /// - Returns: Their paths.
  /// - Throws: ``ToolFailure`` when they cannot be created or written.
  static func write(
    _ files: [(path: String, bytes: [UInt8])], in folder: String, advice: String
  ) throws(ToolFailure) -> [String] {
    let open = try telling(advice) { () throws(SystemError) in
      try FileSystem.makeDirectory(folder)
      return try files.map { path, bytes throws(SystemError) in
        let file = try WholeFile(path)
        file.append(bytes)
        return file
      }
    }
    return try finish(open, advice: advice)
  }

  /// The address that opens a file in a browser, whatever its name is.
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
