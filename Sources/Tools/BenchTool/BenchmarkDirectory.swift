import CommandLineKit
import SystemCalls

/// A directory that lives as long as this value.
final class BenchmarkDirectory {
  let path: String

  init() throws(ToolFailure) {
    do throws(SystemError) {
      path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-bench-")
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
  }

  deinit {
    try? FileSystem.removeTree(path)
  }
}
