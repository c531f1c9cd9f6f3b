import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// The streams of chance in snapshot files, and what a workload's state has beside its fields.
@Suite("What snapshots record for restoring", .ownThreads)
struct RecordedRandomTests {
  private struct File: Decodable {
    struct Machine: Decodable {
      var id: Int
      var tick: UInt64
      var random: String?
      var state: String?
    }
    var machines: [Machine]
  }

  private func snapshot(_ runtime: String, _ workload: [String]) throws -> File {
    let run = try #require(directory).run
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", runtime, "--rates", "40,60,50", "--duration", "700ms", "--quiet"]
        + ["--seed", "7", "--snapshot-at", "300ms@1", "--output", run.path] + workload)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let file = try FileSystem.contents(run.path + "/snapshots/1-1.json")
    return try JSONDecoder().decode(File.self, from: Data(file))
  }

  private let directory = try? TemporaryDirectory()

  @Test(
    "The machine's own stream, after at most one draw a tick",
    arguments: ["virtual", "threads", "processes"])
  func ownStream(runtime: String) throws {
    let machines = try snapshot(runtime, ["--workload", "mutex-lamport", "--want", "0.5"]).machines
    #expect(machines.count == 3)
    for machine in machines {
      // Requests and readings heard: at least a count of each, and the ticks left inside.
      #expect(try #require(Data(base64Encoded: machine.state ?? "")).count >= 24)
      let text = try #require(machine.random)
      let random = try #require(UInt64(text))
      #expect(text == "\(random)")
      // Every draw adds the same odd number to the state.
      let stream = Self.mixed(7 &+ Self.ticks &* Self.step)
      let start = Self.mixed(stream &+ UInt64(machine.id) &* Self.step)
      let drawn = (0...machine.tick).first { start &+ $0 &* Self.step == random }
      #expect(try #require(drawn) > 0, "machine \(machine.id) at tick \(machine.tick)")
    }
  }

  @Test("Not of the workloads whose files never had it", arguments: ["chatter", "bank"])
  func absent(workload: String) throws {
    let machines = try snapshot("virtual", ["--workload", workload]).machines
    #expect(machines.count == 3 && machines.allSatisfy { $0.random == nil && $0.state == nil })
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
  /// The purpose of the streams that free ticks draw from.
  private static let ticks: UInt64 = 2

  /// SplitMix64's output function.
  private static func mixed(_ state: UInt64) -> UInt64 {
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
