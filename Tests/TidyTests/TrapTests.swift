import Testing

/// The traps in the code, each with the sentence that proves it unreachable.
///
/// Add each new trap here with its proof. What input, the system or a peer can reach is a typed
/// error instead.
@Suite("Allowed traps")
struct TrapTests {
  private static let kept: [(path: String, count: Int, proof: String)] = [
    ("Analysis/PlainBuffer.swift", 2, "Debug only; indices are counted by the buffer itself."),
    (
      "Analysis/Statistics/StudentT.swift", 2,
      "SampleMoments asks for at least one degree of freedom and for 0.975."
    ),
    ("BenchTool/ChannelBenchmark.swift", 1, "A benchmark checks its own reference loop."),
    ("Exploration/InternedModel.swift", 2, "`PlanExplorer` asks both before it makes one."),
    (
      "LogicalTime/MachineID.swift", 1, "Ids come from UInt32, or count 1,000,000 machines at most."
    ),
    ("LogicalTime/VectorClock.swift", 2, "ShiVizLog makes all clocks for one number of machines."),
    (
      "TextFormats/JSON/JSONText.swift", 1,
      "Numbers that are not finite are written as null before."
    ),
    ("RunRecord/LinePen.swift", 1, "Short texts are the words of events, which are literals."),
    (
      "ScaleModel/Bank.swift", 3,
      "Options, cluster files and manifests are read with these bounds."
    ),
    ("ScaleModel/Chatter.swift", 1, "Dice are read with at least one side."),
    ("ScaleModel/Machine.swift", 1, "Options and decoded plans refuse it."),
    ("ScaleModel/Inbox.swift", 1, "Runs end with an error at fewer messages."),
    (
      "ScaleModel/RunPlan.swift", 3,
      "Options and cluster files make one rate and balance a machine."
    ),
    (
      "ScaleModel/SplitMix64.swift", 1,
      "Draws are below counts of machines, neighbours, money or sides that are above zero."
    ),
    ("ScaleModel/TimeSpan.swift", 1, "Texts have no sign, and files are read with a least number."),
    ("ScaleModel/Topology.swift", 2, "Options, cluster files and manifests have machines."),
    ("Service/Protobuf/MessageField.swift", 1, "Messages are declared in code, and tests use all."),
    (
      "Service/Protobuf/ProtobufMessage.swift", 1,
      "Messages are declared in code, and tests use all."
    ),
    ("Snapshots/Cut.swift", 1, "An embedding program makes its clocks for one number of machines."),
    ("SystemCalls/ThreadTeam.swift", 1, "A job has as many parts as the team has members."),
    (
      "Transport/FrameReader.swift", 1,
      "What is kept is less than a frame; a longer one is an error."
    ),
    ("CourseFormats/Replay/Replay.swift", 1, "The replay makes the parts that it gathers."),
    ("CourseFormats/ScriptedBank/MachineDraw.swift", 1, "The bank removes what it added."),
    (
      "CourseFormats/ScriptedBank/ScriptedBank.swift", 1,
      "The bank's channels lose and double nothing."
    ),
    ("VirtualTime/Simulation+Summary.swift", 1, "Only tests look at a machine by its id."),
    (
      "VirtualTime/TickSchedule.swift", 3, "Rates are read as 1 to 1,000,000, two of them at least."
    ),
    ("WallTime/Cluster/ClusterFile.swift", 2, "Its reader refuses other files before."),
  ]

  private static let words = [
    "precondition(", "preconditionFailure(", "fatalError(", "assert(", "assertionFailure(",
    "unsafelyUnwrapped", "unowned(unsafe)",
  ]

  @Test("Every trap has its proof, and every proof its trap")
  func traps() throws {
    var found: [String: Int] = [:]
    for source in try Project.sources() {
      let count = source.code.reduce(0) { count, code in
        count + Self.words.count { code.text.contains($0) }
      }
      let file = source.path.dropFirst("Sources/\(source.floor)/".count)
      if count > 0 { found[String(file)] = count }
    }
    for (path, count, proof) in Self.kept {
      #expect(found.removeValue(forKey: path) == count, "\(path): \(proof)")
    }
    for path in found.keys.sorted() { Issue.record("\(path) has a trap without a proof") }
  }
}
