import Testing

/// The house rules beyond the compiler: each test reads all sources and names each violation.
@Suite("The house rules")
struct TidyTests {
  private let sources: [SourceFile]
  /// The floor of each room.
  private let floors: [String: String]
  private var rooms: [String] { floors.keys.sorted() }

  /// The floors that a floor's rooms may import from, besides their own.
  private static let floorsBelow = [
    "Model": [], "System": ["Model"], "Records": ["Model", "System"],
    "Runtimes": ["Model", "System", "Records"], "Insight": ["Model", "System", "Records"],
    "Tools": ["Model", "System", "Records", "Runtimes", "Insight"],
  ]

  /// Rooms beyond the model that do without Foundation, and so without its files and clocks.
  private static let roomsWithoutFoundation = [
    "VirtualTime", "Experiments", "Analysis", "Pictures",
  ]

  init() throws {
    sources = try Project.sources()
    floors = Dictionary(
      uniqueKeysWithValues: try Project.folders(in: "Sources").flatMap { floor in
        try Project.folders(in: "Sources/\(floor)").map { ($0, floor) }
      })
    try #require(sources.count > 50 && floors["LogicalTime"] == "Model")
  }

  @Test("A room imports from its own floor and from those below")
  func floorsPointOneWay() throws {
    for source in sources {
      let below = try #require(Self.floorsBelow[source.floor], "\(source) is on no floor")
      for (module, line) in source.imports {
        guard let floor = floors[module], floor != source.floor else { continue }
        #expect(below.contains(floor), "\(source):\(line) imports \(module)")
      }
    }
  }

  @Test("The model's rooms are pure: they import nothing but one another")
  func modelIsPure() {
    for source in sources where source.floor == "Model" {
      for (module, line) in source.imports {
        #expect(floors[module] == "Model", "\(source):\(line) imports \(module)")
      }
    }
  }

  @Test("Rooms that compute use the system by SystemCalls alone")
  func noFoundation() {
    for source in sources where Self.roomsWithoutFoundation.contains(source.room) {
      for (module, line) in source.imports {
        #expect(floors[module] != nil, "\(source):\(line) imports \(module)")
      }
    }
  }

  @Test("The only outside modules are FoundationEssentials, and the C library in one file")
  func outsideImports() {
    for source in sources where source.path != "Sources/System/SystemCalls/Platform.swift" {
      for (module, line) in source.imports where floors[module] == nil {
        #expect(module == "FoundationEssentials", "\(source):\(line) imports \(module)")
      }
    }
  }

  @Test("Virtual time and wall time never meet")
  func sistersNeverMeet() {
    let sisters = ["VirtualTime", "WallTime"]
    for source in sources where sisters.contains(source.room) {
      for (module, line) in source.imports where sisters.contains(module) {
        Issue.record("\(source):\(line) imports \(module)")
      }
    }
  }

  @Test("Differences between systems are in one file only")
  func oneFileKnowsTheSystem() {
    let questions = ["canImport(", "os(Linux", "os(macOS"]
    for source in sources where source.path != "Sources/System/SystemCalls/Platform.swift" {
      for (text, line) in source.code where questions.contains(where: { text.contains($0) }) {
        Issue.record("\(source):\(line) asks which system this is")
      }
    }
  }

  @Test("Nothing is unwrapped, tried or cast by force")
  func nothingIsForced() {
    for source in sources {
      for (text, line) in source.code where Self.isForced(text) {
        Issue.record("\(source):\(line) forces something: \(text)")
      }
    }
  }

  private static func isForced(_ code: String) -> Bool {
    code.contains("!") && code.contains(/[\w)\]>]!(?!=)/)
  }

  @Test("No file is longer than 600 lines, and no line than 100 columns")
  func lengths() {
    for source in sources {
      #expect(source.lines.count <= 600, "\(source) has \(source.lines.count) lines")
      for (index, line) in source.lines.enumerated()
      where line.utf8.count > 100 && line.count > 100 {
        Issue.record("\(source):\(index + 1) has \(line.count) columns")
      }
    }
  }

  /// Names of the project's own that the field has better words for; `Sources/README.md` has those.
  private static let retiredNames: Set<Substring> = [
    "AcceptPause", "Alertness", "AnswerDesk", "ChannelAccount", "ClusterDoor", "ClusterPlace",
    "ClusterVisit", "ControlOrder", "ControlSocket", "Crowd", "EffectCarrier", "Examination",
    "ForeignDoor", "ForeignPair", "GuestChoice", "GuestFacts", "GuestSetup", "HostNote", "Letters",
    "LoneLink", "LoopGuest", "LoopHost", "MachineReach", "OtherHosts", "RecordedRun",
    "RecordedSnapshot", "RecordedSweep", "RunDoor", "RunPass", "SequencedArrivals", "ServiceGuest",
    "SnapshotAccount", "SnapshotTeller", "StandIn", "Standstill", "Visitor", "WholeFile",
    "WholeLines", "WholeRun", "WindowDeal", "Wishes", "arrivedLetter", "door", "everybody",
    "freePlaces", "guest", "joinWindow", "letters", "makeGuest", "moneyByHand", "moveIn", "moveOut",
    "nobody", "openDoor", "readOwnOrder", "runDoor", "standIn", "takeVisit", "turnedAway",
    "visitor", "visitors",
  ]

  @Test("Names that the field has better words for do not come back")
  func retiredNamesStayAway() {
    for source in sources where Self.retiredNames.contains(where: { source.text.contains($0) }) {
      for (text, line) in source.code {
        for name in Self.names(in: text) where Self.retiredNames.contains(name) {
          Issue.record("\(source):\(line) says \(name)")
        }
      }
    }
  }

  /// Files that may have `place` in a name, each with its reason.
  private static let filesWithPlace: [(path: String, reason: String)] = [
    ("Insight/Pictures/Report/DiagramData.swift", "a key of the report's data"),
    ("Insight/Pictures/Report/EventBytes.swift", "as the report's page calls it"),
    ("Runtimes/Transport/MessageContent.swift", "an address in memory"),
    ("Runtimes/WallTime/Cluster/ClusterFile+Codable.swift", "a slot per machine"),
  ]

  private static func names(in code: String) -> [Substring] {
    code.utf8.split {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        false
      default: true
      }
    }.map { Substring($0) }
  }

  /// The names in code that say `place` where Swift says index, position or location.
  private static func namesWithPlace(in code: String) -> [Substring] {
    if !code.contains("lace") { return [] }
    return names(in: code).filter { name in
      name != "isInPlace" && name.contains(/^places?(?![a-z])|Places?(?![a-z])/)
    }
  }

  @Test("An index, a position in a text and a location in a file are not called a place")
  func placesAreCalledByTheirKind() {
    for source in sources {
      let found = source.code.flatMap { text, line in
        Self.namesWithPlace(in: text).map { "\(source):\(line) says \($0)" }
      }
      let isExcepted = Self.filesWithPlace.contains { source.path == "Sources/" + $0.path }
      #expect(found.isEmpty == !isExcepted, "\(isExcepted ? "no exception is needed" : "\(found)")")
    }
  }

  @Test(
    "A place is found in a name, and not in a longer word",
    arguments: [
      ("let place = a[0]", ["place"]), ("Neighbour(place: 1).sendPlace", ["place", "sendPlace"]),
      ("CutPlaces.Place()", ["CutPlaces", "Place"]),
      ("places.placeCount", ["places", "placeCount"]),
      ("hold.isInPlace", []), ("replaced(placeholder, placed)", []), ("// its place", []),
    ] as [(String, [Substring])])
  func placeIsFound(line: String, names: [Substring]) {
    let source = SourceFile(path: "Sources/Floor/Room/File.swift", text: line + "\n")
    #expect(source.code.flatMap { Self.namesWithPlace(in: $0.text) } == names)
  }

  @Test("Every public and package declaration has a doc comment")
  func declarationsAreDocumented() {
    for source in sources {
      for (index, line) in source.lines.enumerated() where Self.isDeclaration(line) {
        let above = source.lines[..<index].last { !Self.words(of: $0).isEmpty }
        #expect(
          above.map { Self.words(of: $0).first == "///" } ?? false,
          "\(source):\(index + 1) has no doc comment: \(line)")
      }
    }
  }

  /// Codable's two requirements need no comment.
  private static func isDeclaration(_ line: Substring) -> Bool {
    let words = words(of: line)
    return ["public", "package"].contains(words.first) && words.count > 1
      && words[1] != "import" && words[1] != "extension"
      && !line.contains("init(from decoder:") && !line.contains("func encode(to encoder:")
  }

  /// The words of a line without attributes; one that has words itself takes its whole line.
  private static func words(of line: Substring) -> [Substring] {
    let words = line.split(separator: " ")
    if words.first?.hasPrefix("@_specialize(") == true { return [] }
    return Array(words.drop { $0.hasPrefix("@") })
  }

  @Test("No unfinished work is left in the code")
  func nothingIsLeftForLater() {
    for source in sources {
      for (index, line) in source.lines.enumerated() where Self.isLeftForLater(line) {
        Issue.record("\(source):\(index + 1): \(line)")
      }
    }
  }

  private static func isLeftForLater(_ line: Substring) -> Bool {
    ["TODO", "FIXME", "XXX"].contains { line.contains($0) }
      && line.contains(/\b(TODO|FIXME|XXX)\b/)
  }

  @Test("Every room is in Package.swift, and in the README's table of rooms")
  func roomsAreListed() throws {
    let package = try Project.text("Package.swift")
    let table = try Project.text("README.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    for room in rooms {
      #expect(package.contains("\"\(room)\""), "\(room) is no target")
      let firstCells = table.compactMap { $0.split(separator: "|").first }
      #expect(firstCells.contains { $0.contains("`\(room)`") }, "\(room) is not in the README")
    }
  }

  @Test("Every folder of tests is a target, on the floor of its room")
  func testsAreRun() throws {
    let package = try Project.text("Package.swift")
    for folder in try Project.folders(in: "Tests") where Self.floorsBelow[folder] == nil {
      #expect(package.contains("name: \"\(folder)\""), "\(folder) is never run")
    }
    for floor in Self.floorsBelow.keys.sorted() {
      for folder in (try? Project.folders(in: "Tests/\(floor)")) ?? [] {
        let room = String(folder.dropLast("Tests".count))
        #expect(folder == "\(room)Tests" && floors[room] == floor, "\(folder) tests no room there")
        #expect(
          package.contains(".tests(\n      of: \"\(room)\"")
            || package.contains(".tests(of: \"\(room)\""), "\(folder) is never run")
      }
    }
  }

  @Test(
    "What is forced is found, and what only looks so is not",
    arguments: [
      ("let a = b!", true), ("try! f()", true), ("x as! Int", true), ("f()!.g", true),
      ("a[0]! + 1", true), ("var x: Int!", true), ("var x: [Int]!", true), ("a! != b", true),
      ("a != b", false), ("!a && !b", false), ("guard !x else", false), ("if !(a) {}", false),
      ("let s = \"Hello!\"", false), ("// no way!", false), ("/// Stop!", false),
      ("let s = \"a\\\"b!\"", false), ("x // \"quoted!\"", false), ("f(\"//\", a!)", true),
    ])
  func forcedIsFound(line: String, isForced: Bool) {
    let source = SourceFile(path: "Sources/Floor/Room/File.swift", text: line + "\n")
    #expect(source.code.contains { Self.isForced($0.text) } == isForced)
  }

  @Test("Imports are found in every form, and the insides of strings are no code")
  func importsAreFound() {
    let source = SourceFile(
      path: "Sources/Floor/Room/File.swift",
      text: """
        // import Nothing
        import Glibc
        @_exported import CSystem
        @testable public import Room
          import Darwin
        let text = \"""
          help! import this!
          \"""
        let important = imports!

        """)
    #expect(source.room == "Room")
    #expect(source.imports.map(\.module) == ["Glibc", "CSystem", "Room", "Darwin"])
    #expect(source.imports.map(\.line) == [2, 3, 4, 5])
    #expect(source.code.filter { Self.isForced($0.text) }.map(\.line) == [9])
  }
}
