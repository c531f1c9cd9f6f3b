import SystemCalls
import Testing

/// An experiment file in a temporary directory, with the sweeps of a test.
final class SweepFixture {
  private let directory: TemporaryDirectory
  let file: String

  /// Writes the file, adding the keys every experiment needs.
  init(_ keys: String) throws {
    directory = try TemporaryDirectory()
    file = try directory.write(Self.text(keys), to: "trial.json")
  }

  static func text(_ keys: String) -> String {
    "{ \"title\": \"t\", \"question\": \"q\", \"base_seed\": 7,\n\(keys) }\n"
  }

  /// How many runs ``manyRuns`` has.
  static let manyRunsCount = 200

  /// Many short runs in virtual time.
  static let manyRuns = """
    "repetitions": \(manyRunsCount / 10), "options": { "duration": "10s", "runtime": "virtual", "delay": "~50ms" },
    "axes": { "die": [10, 7, 5, 4, 3], "rates": ["1,3,6", "5,5,5"] }
    """

  /// Long runs in wall time that a test does not wait for.
  static let longRuns = """
    "repetitions": 6, "options": { "duration": "60s", "rates": "20,20,20" }
    """

  var path: String { directory.path }

  func output(_ name: String) -> String { "\(path)/\(name)" }

  /// The arguments that sweep into a directory of the fixture.
  func words(_ name: String, _ rest: [String] = []) -> [String] {
    ["sweep", file, "--output", output(name)] + rest
  }

  func sweep(_ name: String, _ rest: [String] = []) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.start(words(name, rest)).finish(seconds: 4 * deadlineSeconds)
  }

  /// Starts a sweep of ``longRuns``, and waits until so many are under way.
  func start(_ name: String, jobs jobCount: Int) throws -> ToolProcess {
    let tool = try BuiltTool.scalemodel.start(words(name, ["--jobs", "\(jobCount)"]))
    #expect(
      tool.wait(seconds: deadlineSeconds) {
        (try? runs(name).count { $0.isUnderWay() } == jobCount) == true
      })
    return tool
  }

  /// The run directories that have a manifest.
  func runs(_ name: String) throws -> [FinishedRun] {
    try FileSystem.entries(output(name)).map { FinishedRun(path: output(name) + "/" + $0) }
      .filter { FileSystem.exists($0.path + "/run.json") }
  }

  /// The tables that `analyze --output` writes for a sweep, as text.
  func tables(_ name: String) throws -> [String] {
    let target = output(name + "-tables")
    let outcome = try BuiltTool.analyze.start([output(name), "--output", target])
      .finish(seconds: 4 * deadlineSeconds)
    guard outcome.exitCode == 0 else { throw NoTables(message: outcome.error) }
    return try FileSystem.entries(target).map { table in
      table + "\n" + String(decoding: try FileSystem.contents("\(target)/\(table)"), as: UTF8.self)
    }
  }

  struct NoTables: Error { let message: String }
}
