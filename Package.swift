// swift-tools-version: 6.1
import PackageDescription

// The map of the house, in reading order. Imports point one way, towards LogicalTime, and the
// build enforces it: `swift build --explicit-target-dependency-import-check error`.
let package = Package(
  name: "scalemodel",
  products: [
    .library(name: "LogicalTime", targets: ["LogicalTime"]),
    .library(name: "Snapshots", targets: ["Snapshots"]),
    .library(name: "ScaleModel", targets: ["ScaleModel"]),
    .executable(name: "scalemodel", targets: ["ScaleModelTool"]),
    .executable(name: "analyze", targets: ["AnalyzeTool"]),
    .executable(name: "bench", targets: ["BenchTool"]),
  ],
  traits: [
    .trait(
      name: "GRPC",
      description: "Machines serve gRPC; needs the system's libnghttp2 (apt: libnghttp2-dev)")
  ],
  targets: [
    // MARK: Pure rooms: no socket, no clock on the wall, no global randomness.
    .target(name: "LogicalTime"),
    .target(name: "Snapshots", dependencies: ["LogicalTime"]),
    .target(name: "ScaleModel", dependencies: ["LogicalTime", "Snapshots"]),
    .target(name: "RunControl", dependencies: ["LogicalTime", "Snapshots", "ScaleModel"]),

    // MARK: The world: files, sockets, time that is given.
    .target(name: "CSystem"),
    .target(name: "SystemCalls", dependencies: ["CSystem"]),
    .target(name: "TextFormats", dependencies: ["LogicalTime", "SystemCalls"]),
    .target(
      name: "RunRecord",
      dependencies: ["LogicalTime", "Snapshots", "ScaleModel", "TextFormats", "SystemCalls"]),
    .target(
      name: "LogImport",
      dependencies: ["LogicalTime", "ScaleModel", "RunRecord", "TextFormats", "SystemCalls"]),
    .target(
      name: "VirtualTime",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunRecord", "TextFormats", "SystemCalls",
      ]),
    .target(
      name: "CourseFormats",
      dependencies: ["LogicalTime", "Snapshots", "ScaleModel", "TextFormats"]),
    .target(name: "Transport", dependencies: ["LogicalTime", "ScaleModel", "SystemCalls"]),
    .target(
      name: "WallTime",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "Transport",
        "TextFormats",
        "SystemCalls",
      ]),

    // Only under the trait GRPC is the system's library needed, or looked for.
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2",
      providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
    .target(
      name: "Service",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "Transport",
        "WallTime", "SystemCalls", .target(name: "CNGHTTP2", condition: .when(traits: ["GRPC"])),
      ],
      exclude: ["scalemodel.proto"]),

    .target(name: "CommandLineKit", dependencies: ["SystemCalls"]),

    // MARK: A question that takes many runs.
    .target(
      name: "Experiments",
      dependencies: ["ScaleModel", "RunRecord", "CommandLineKit", "TextFormats", "SystemCalls"]
    ),

    // MARK: Looking back at a finished run.
    .target(
      name: "Analysis",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunRecord", "CommandLineKit", "TextFormats",
        "SystemCalls",
      ]),
    .target(
      name: "Pictures",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunRecord", "CommandLineKit", "Experiments",
        "Analysis", "TextFormats",
      ],
      // The report's page; in the program itself, so that it works wherever that is.
      resources: [
        .embedInCode("Report/Page/report.css"), .embedInCode("Report/Page/events.js"),
        .embedInCode("Report/Page/view.js"), .embedInCode("Report/Page/paint.js"),
        .embedInCode("Report/Page/shapes.js"), .embedInCode("Report/Page/diagram.js"),
        .embedInCode("Report/Page/words.js"), .embedInCode("Report/Page/figures.js"),
      ]),

    // MARK: Tools. Where file names ignore case, a module `scalemodel` would be the room
    // `ScaleModel`; so the targets are named for what they are, and the products for what users type.
    .executableTarget(
      name: "ScaleModelTool",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "VirtualTime",
        "CourseFormats",
        "Transport", "WallTime", "Service", "Experiments", "Analysis", "CommandLineKit",
        "TextFormats",
        "SystemCalls",
      ]),
    .executableTarget(
      name: "AnalyzeTool",
      dependencies: [
        "LogicalTime", "ScaleModel", "RunRecord", "LogImport", "Experiments", "Analysis",
        "Pictures", "CommandLineKit", "TextFormats", "SystemCalls",
      ]),
    .executableTarget(
      name: "BenchTool",
      dependencies: [
        "LogicalTime", "Snapshots", "ScaleModel", "RunControl", "RunRecord", "VirtualTime",
        "CourseFormats",
        "Transport",
        "WallTime", "CommandLineKit", "TextFormats", "SystemCalls",
      ]),

    // MARK: Tests, a folder per room, and the tools as built.
    .target(name: "TestSupport", dependencies: ["SystemCalls"], path: "Tests/TestSupport"),
    .testTarget(name: "LogicalTimeTests", dependencies: ["LogicalTime", "ScaleModel"]),
    .testTarget(
      name: "SnapshotsTests",
      dependencies: ["Snapshots", "LogicalTime", "ScaleModel", "TestSupport"],
      exclude: ["Scenarios"]),
    .testTarget(
      name: "ScaleModelTests",
      dependencies: ["ScaleModel", "Snapshots", "LogicalTime", "TestSupport"],
      exclude: ["Scenarios"]),
    .testTarget(
      name: "RunControlTests",
      dependencies: [
        "RunControl", "RunRecord", "ScaleModel", "Snapshots", "LogicalTime", "TestSupport",
      ],
      exclude: ["Scenarios"]),
    .testTarget(
      name: "VirtualTimeTests",
      dependencies: [
        "VirtualTime", "RunRecord", "ScaleModel", "Snapshots", "LogicalTime", "SystemCalls",
      ]),
    .testTarget(
      name: "CourseFormatsTests",
      dependencies: ["CourseFormats", "ScaleModel", "LogicalTime", "TextFormats", "SystemCalls"],
      // Read where they stand, by the tests that name them.
      exclude: ["Scenarios"]),
    .testTarget(name: "CommandLineKitTests", dependencies: ["CommandLineKit", "SystemCalls"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "RunRecord", "ScaleModel", "CommandLineKit", "TextFormats", "SystemCalls",
      ]),
    .testTarget(
      name: "TextFormatsTests", dependencies: ["TextFormats", "SystemCalls", "TestSupport"]),
    .testTarget(
      name: "RunRecordTests",
      dependencies: [
        "RunRecord", "LogicalTime", "Snapshots", "ScaleModel", "TextFormats", "SystemCalls",
        "TestSupport",
      ]),
    .testTarget(
      name: "LogImportTests",
      dependencies: [
        "LogImport", "RunRecord", "LogicalTime", "ScaleModel", "TextFormats", "SystemCalls",
        "TestSupport",
      ]),
    .testTarget(
      name: "TransportTests",
      dependencies: ["Transport", "LogicalTime", "Snapshots", "ScaleModel", "SystemCalls"]),
    .testTarget(
      name: "WallTimeTests",
      dependencies: [
        "WallTime", "Transport", "RunControl", "RunRecord", "LogicalTime", "Snapshots",
        "ScaleModel",
        "TextFormats", "SystemCalls",
      ]),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Service", "WallTime", "RunRecord", "RunControl", "LogicalTime", "Snapshots",
        "ScaleModel", "SystemCalls",
      ]),
    .testTarget(
      name: "AnalysisTests",
      dependencies: [
        "Analysis", "RunRecord", "LogicalTime", "Snapshots", "ScaleModel", "TextFormats",
        "SystemCalls", "TestSupport",
      ]),
    .testTarget(
      name: "PicturesTests",
      dependencies: [
        "Pictures", "Analysis", "RunRecord", "LogicalTime", "Snapshots", "ScaleModel",
        "VirtualTime", "SystemCalls",
      ]),
    .testTarget(name: "TidyTests", dependencies: ["SystemCalls"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "ScaleModelTool", "AnalyzeTool", "BenchTool", "RunRecord", "TextFormats", "SystemCalls",
      ],
      // Run by .ci/run, with a browser.
      exclude: ["Browser"]),
  ],
  swiftLanguageModes: [.v6]
)
