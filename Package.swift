// swift-tools-version: 6.1
import PackageDescription

// The map of the house, in reading order. Imports point one way, from a floor to those below it, and
// the build enforces it: `swift build --explicit-target-dependency-import-check error`.
let package = Package(
  name: "scalemodel",
  // Linux needs no version; macOS 15 is the first with `Synchronization`.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "LogicalTime", targets: ["LogicalTime"]),
    .library(name: "Snapshots", targets: ["Snapshots"]),
    .library(name: "ScaleModel", targets: ["ScaleModel"]),
    .library(name: "Laboratory", targets: ["Laboratory"]),
    .executable(name: "scalemodel", targets: ["ScaleModelMain"]),
    .executable(name: "analyze", targets: ["AnalyzeMain"]),
    .executable(name: "bench", targets: ["BenchTool"]),
  ],
  traits: [
    .trait(
      name: "GRPC",
      description: "Machines serve gRPC; needs the system's libnghttp2 (apt: libnghttp2-dev)")
  ],
  targets: [
    // MARK: The model. Pure: no socket, no file, no clock on the wall, no global randomness.
    .room("LogicalTime", on: .model),
    .room("Snapshots", on: .model, imports: ["LogicalTime"]),
    .room("ScaleModel", on: .model, imports: ["LogicalTime", "Snapshots"]),
    .room("Predicates", on: .model, imports: ["LogicalTime", "ScaleModel"]),
    .room("Workloads", on: .model, imports: ["LogicalTime", "ScaleModel"]),
    .room("RunControl", on: .model, imports: ["LogicalTime", "Snapshots", "ScaleModel"]),
    .room(
      "Exploration", on: .model, imports: ["LogicalTime", "Snapshots", "ScaleModel", "Predicates"]),

    // MARK: The system that all this runs on, and the words that people type at it.
    .room("CSystem", on: .system),
    .room("SystemCalls", on: .system, imports: ["CSystem"]),
    .room("CommandLineKit", on: .system, imports: ["LogicalTime", "SystemCalls"]),

    // MARK: Records: what a run leaves on disk, and the texts that are read.
    .room("TextFormats", on: .records, imports: ["LogicalTime", "SystemCalls"]),
    .room(
      "RunRecord", on: .records,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "Predicates", "TextFormats", "SystemCalls",
      ]),
    .room(
      "LogImport", on: .records,
      imports: ["LogicalTime", "ScaleModel", "RunRecord", "TextFormats", "SystemCalls"]),
    .room(
      "CourseFormats", on: .records,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "TextFormats"]),

    // MARK: Runtimes: the model in a time that is computed, and in time that passes.
    .room(
      "VirtualTime", on: .runtimes,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "Exploration", "RunRecord", "TextFormats",
        "SystemCalls",
      ]),
    .room(
      "Programs", on: .runtimes,
      imports: [
        "LogicalTime", "ScaleModel", "Exploration", "CommandLineKit", "TextFormats", "SystemCalls",
      ]),
    .room(
      "Transport", on: .runtimes,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "RunControl", "SystemCalls"]),
    .room(
      "WallTime", on: .runtimes,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "Transport",
        "TextFormats", "SystemCalls",
      ]),
    .room(
      "Page", on: .runtimes,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunRecord", "Transport", "TextFormats",
        "SystemCalls",
      ]),
    // Only under the trait GRPC is the system's library needed, or looked for.
    .systemLibrary(
      name: "CNGHTTP2", path: "Sources/Runtimes/CNGHTTP2", pkgConfig: "libnghttp2",
      providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
    .room(
      "Service", on: .runtimes,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "Transport",
        "WallTime", "SystemCalls", .target(name: "CNGHTTP2", condition: .when(traits: ["GRPC"])),
      ],
      exclude: ["scalemodel.proto"]),

    // MARK: Insight: questions that take many runs, and what finished runs tell.
    .room(
      "Experiments", on: .insight,
      imports: [
        "LogicalTime", "Predicates", "ScaleModel", "Workloads", "RunRecord", "CommandLineKit",
        "TextFormats", "SystemCalls",
      ]),
    .room(
      "Analysis", on: .insight,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "Predicates", "RunRecord", "CommandLineKit",
        "TextFormats", "SystemCalls",
      ]),
    .room(
      "Pictures", on: .insight,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "Predicates", "RunRecord", "CommandLineKit",
        "Experiments", "Analysis", "TextFormats", "CPageFiles",
      ],
      // What TLC reads; in the program itself, so that it works wherever that is.
      resources: [
        .embedInCode("Exports/TLA/ChandyLamport.tla"), .embedInCode("Exports/TLA/RecordedRun.tla"),
        .embedInCode("Exports/TLA/Run.cfg"),
      ]),
    .room("CPageFiles", on: .insight, assembles: ["Diagram", "Report", "Live"]),

    // MARK: Tools: their commands as libraries, so that a package of one's own has them too. Where
    // file names ignore case, a module `scalemodel` would be the room `ScaleModel`; so the targets
    // are named for what they are, and the products for what users type.
    .room(
      "AnalyzeTool", on: .tools,
      imports: [
        "LogicalTime", "ScaleModel", "Predicates", "RunRecord", "LogImport", "Experiments",
        "Analysis", "Pictures", "CommandLineKit", "TextFormats", "SystemCalls",
      ]),
    .room(
      "ScaleModelTool", on: .tools,
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "Predicates", "Workloads", "RunControl",
        "Exploration", "RunRecord", "VirtualTime", "Programs", "CourseFormats", "Transport",
        "WallTime", "Service", "Page",
        "Experiments", "Analysis", "Pictures", "CommandLineKit", "TextFormats", "SystemCalls",
        "AnalyzeTool",
      ],
      // The package that `scalemodel new` writes.
      resources: [
        .embedInCode("Template/manifest.txt"), .embedInCode("Template/readme.txt"),
        .embedInCode("Template/program.txt"), .embedInCode("Template/workload.txt"),
        .embedInCode("Template/test.txt"), .embedInCode("Template/experiment.txt"),
      ]),
    .room("Laboratory", on: .tools, imports: ["ScaleModel", "ScaleModelTool"]),
    .tool("ScaleModelMain", imports: ["Laboratory"]),
    .tool("AnalyzeMain", imports: ["AnalyzeTool"]),
    .tool(
      "BenchTool",
      imports: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "Exploration", "RunRecord",
        "VirtualTime", "CourseFormats", "Transport", "WallTime", "CommandLineKit", "TextFormats",
        "SystemCalls",
      ]),

    // MARK: Tests, a folder per room, and the tools as built.
    .target(
      name: "TestSupport", dependencies: ["ScaleModel", "RunControl", "SystemCalls"],
      path: "Tests/TestSupport"),
    .tests(of: "LogicalTime", on: .model, imports: ["ScaleModel"]),
    .tests(
      of: "Snapshots", on: .model, imports: ["LogicalTime", "ScaleModel"], exclude: ["Scenarios"]),
    .tests(
      of: "ScaleModel", on: .model, imports: ["Snapshots", "LogicalTime"], exclude: ["Scenarios"]),
    .tests(of: "Predicates", on: .model, imports: ["LogicalTime", "ScaleModel", "Snapshots"]),
    .tests(
      of: "Workloads", on: .model,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "RunRecord", "VirtualTime"]),
    .tests(
      of: "RunControl", on: .model,
      imports: ["RunRecord", "ScaleModel", "Snapshots", "LogicalTime"], exclude: ["Scenarios"]),
    .tests(
      of: "Exploration", on: .model,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "Predicates", "Workloads"]),
    .tests(of: "SystemCalls", on: .system),
    .tests(of: "CommandLineKit", on: .system),
    .tests(of: "TextFormats", on: .records),
    .tests(
      of: "RunRecord", on: .records,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "TextFormats"]),
    .tests(
      of: "LogImport", on: .records,
      imports: ["RunRecord", "LogicalTime", "ScaleModel", "TextFormats"]),
    .tests(
      of: "CourseFormats", on: .records,
      imports: ["ScaleModel", "LogicalTime", "TextFormats"], exclude: ["Scenarios"]),
    .tests(
      of: "VirtualTime", on: .runtimes,
      imports: ["RunRecord", "ScaleModel", "Snapshots", "LogicalTime"]),
    .tests(
      of: "Programs", on: .runtimes,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "TextFormats"]),
    .tests(
      of: "Transport", on: .runtimes,
      imports: ["LogicalTime", "Snapshots", "ScaleModel", "RunControl"]),
    .tests(
      of: "WallTime", on: .runtimes,
      imports: [
        "Transport", "RunControl", "RunRecord", "LogicalTime", "Snapshots", "ScaleModel",
        "TextFormats", "Workloads",
      ]),
    .tests(of: "Page", on: .runtimes, imports: ["RunRecord", "TextFormats"]),
    .tests(
      of: "Service", on: .runtimes,
      imports: [
        "Transport", "WallTime", "RunRecord", "RunControl", "LogicalTime", "Snapshots",
        "ScaleModel",
      ]),
    .tests(
      of: "Experiments", on: .insight,
      imports: ["RunRecord", "ScaleModel", "CommandLineKit", "TextFormats"]),
    .tests(
      of: "Analysis", on: .insight,
      imports: [
        "RunRecord", "LogicalTime", "Snapshots", "ScaleModel", "TextFormats", "VirtualTime",
        "Workloads",
      ]),
    .tests(
      of: "Pictures", on: .insight,
      imports: [
        "Analysis", "RunRecord", "LogicalTime", "Snapshots", "ScaleModel", "VirtualTime",
      ]),
    .testTarget(name: "TidyTests", dependencies: ["SystemCalls", "TestSupport"]),
    .testTarget(
      name: "EndToEndTests",
      // Not the tools: `swift build --build-tests` and `swift test` build all products, and no
      // module of the tools is imported.
      dependencies: ["RunRecord", "TextFormats", "SystemCalls", "TestSupport"],
      // Run by .ci/run, with a browser, with shells, and from another package.
      exclude: ["Browser", "Package", "Shell"]),
  ],
  swiftLanguageModes: [.v6]
)

/// The folders of `Sources`, and of `Tests` beside it.
enum Floor: String {
  case model = "Model"
  case system = "System"
  case records = "Records"
  case runtimes = "Runtimes"
  case insight = "Insight"
  case tools = "Tools"
}

extension Target {
  /// A room; the folders that it assembles have files that its assembly copies.
  static func room(
    _ name: String, on floor: Floor, imports: [Dependency] = [], exclude: [String] = [],
    assembles folders: [String] = [], resources: [Resource]? = nil
  ) -> Target {
    .target(
      name: name, dependencies: imports, path: "Sources/\(floor.rawValue)/\(name)",
      exclude: exclude + folders, resources: resources,
      cSettings: folders.map { .headerSearchPath($0) })
  }

  static func tool(_ name: String, imports: [Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, path: "Sources/Tools/\(name)")
  }

  /// Scenarios are excluded because the tests that name them read them where they stand.
  static func tests(
    of room: String, on floor: Floor, imports: [Dependency] = [], exclude: [String] = []
  ) -> Target {
    .testTarget(
      name: "\(room)Tests",
      dependencies: [.byName(name: room), "TestSupport"]
        + (room == "SystemCalls" ? [] : ["SystemCalls"]) + imports,
      path: "Tests/\(floor.rawValue)/\(room)Tests", exclude: exclude)
  }
}
