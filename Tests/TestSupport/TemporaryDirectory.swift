import SystemCalls

/// A directory that lives as long as the body that uses it.
package func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
  defer { try? FileSystem.removeTree(path) }
  return try body(path)
}
