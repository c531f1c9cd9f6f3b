import SystemCalls
import TestSupport

/// A kind of text that a tool reads, with a call that reads it.
enum TextKind: String, CaseIterable {
  case experiment, cluster, topology, servers, events, delays, script, scriptOnStandardInput
  case journal, manifest, snapshot, importMap, log, page

  private static let scenarios =
    Repository.path + "/Tests/Records/CourseFormatsTests/Scenarios/cos418"

  private static let experimentText = """
    {"title": "t", "question": "q", "base_seed": 7,
     "options": {"rates": "2,3", "duration": "2s", "runtime": "virtual"},
     "repetitions": 2}

    """

  private static let mapText = """
    {"separator": ",", "machine": {"file": ".*"}, "time": {"column": 1, "unit": "s"},
     "event": {"column": 2, "internal": "int"},
     "clock": 3}

    """

  /// The name of the file in the directory of the call.
  var file: String {
    switch self {
    case .journal: "run/machine-0.csv"
    case .manifest: "run/run.json"
    case .snapshot: "run/snapshots/0-1.json"
    default: rawValue
    }
  }

  /// The call that reads the file.
  var words: (tool: BuiltTool, words: [String]) {
    switch self {
    case .experiment: (.scalemodel, ["sweep", "experiment", "--list"])
    case .cluster:
      (.scalemodel, ["snapshot", "--cluster", "cluster", "--machine", "0", "--timeout", "1s"])
    case .topology:
      (
        .scalemodel,
        [
          "run", "--runtime", "virtual", "--rates", "2,3,4", "--topology", "topology", "--seed",
          "7", "--duration", "2s", "--output", "new", "--force", "--quiet",
        ]
      )
    case .servers: (.scalemodel, ["replay", "servers", "events", "--seed", "1"])
    case .events: (.scalemodel, ["replay", "servers", "events", "--seed", "1"])
    case .delays: (.scalemodel, ["replay", "servers", "events", "--delays", "delays"])
    case .script: (.scalemodel, ["script", "script"])
    case .scriptOnStandardInput: (.scalemodel, ["script"])
    case .journal, .manifest, .snapshot: (.analyze, ["run", "--check"])
    case .importMap, .log: (.analyze, ["--import", "importMap", "log"])
    case .page: (.analyze, ["sweep", "--notebook", "page"])
    }
  }

  /// Makes the files that the call needs.
  func prepare(in directory: TemporaryDirectory) throws {
    func tool(_ words: [String]) throws {
      _ = try BuiltTool.scalemodel.run(words, in: directory.path)
    }
    func copy(_ name: String, to file: String) throws {
      let bytes = try FileSystem.contents("\(Self.scenarios)/\(name)")
      _ = try directory.write(String(decoding: bytes, as: UTF8.self), to: file)
    }
    switch self {
    case .experiment: _ = try directory.write(Self.experimentText, to: file)
    case .cluster: try tool(["cluster-init", "--machines", "3", "--output", file])
    case .topology: _ = try directory.write("# a line\n0 1\n1 2\n", to: file)
    case .servers, .events, .delays:
      try copy("3nodes.top", to: "servers")
      try copy("3nodes-simple.events", to: "events")
      try copy("go-delays.txt", to: "delays")
    case .script, .scriptOnStandardInput:
      let text = """
        StartMaster
        CreateNode 1 1000
        CreateNode 2 500
        Send 1 2 300
        ReceiveAll
        BeginSnapshot 2
        ReceiveAll
        CollectState
        PrintSnapshot

        """
      _ = try directory.write(text, to: file)
    case .journal, .manifest, .snapshot:
      try tool([
        "run", "--runtime", "virtual", "--rates", "2,3", "--seed", "7", "--duration", "4s",
        "--snapshot-at", "2s", "--output", "run", "--quiet",
      ])
    case .importMap, .log:
      _ = try directory.write(Self.mapText, to: "importMap")
      _ = try directory.write("1,int,1\n2,int,2\n3,int,3\n", to: "log")
    case .page:
      let experiment = try directory.write(Self.experimentText, to: "experiment.json")
      try tool(["sweep", experiment, "--output", "sweep"])
      _ = try BuiltTool.analyze.run(words.words, in: directory.path)
    }
  }

  /// Makes the call.
  func run(in directory: TemporaryDirectory) throws -> ToolProcess.Outcome {
    let (tool, words) = words
    if self == .scriptOnStandardInput {
      return try tool.run(
        afterShell: "cd '\(directory.path)'", words, rest: " < \(file)")
    }
    return try tool.run(words, in: directory.path)
  }
}
