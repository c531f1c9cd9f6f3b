import ScaleModel
import SystemCalls
import Testing
import TextFormats

@testable import RunRecord

/// The manifest's file, whose list of machines is written by hand.
@Suite("The manifest")
struct ManifestTests {
  private func manifest(machines: [Manifest.MachineEnd]) throws -> Manifest {
    let choice = try #require(TopologyChoice(word: "ring"))
    var manifest = Manifest(
      plan: RunPlan(
        rates: [1, 3, 6], duration: .seconds(60), dieSides: 10, seed: 7, topologyChoice: choice,
        topology: try choice.topology(machineCount: 3, seed: 7), delay: .none, workload: .chatter,
        snapshots: SnapshotSchedule()),
      runtime: "virtual", version: "1", journal: true, host: .current)
    manifest.machines = machines
    // A text that looks like the list.
    manifest.reason = "\n  \"machines\" : [\n\n  ]"
    manifest.version = "\"machines\" : ["
    return manifest
  }

  /// Two fields in journals, and one besides.
  private static let names = FieldNames(
    message: [],
    state: [
      FieldDeclaration("balance", .integer), FieldDeclaration("by_hand", .integer),
      FieldDeclaration("word", .text),
    ],
    journaledState: [FieldDeclaration("balance", .integer), FieldDeclaration("word", .text)])

  @Test("What is read is what was written", arguments: [nil, 5, 9_223_372_036_854_775_807])
  func roundTrip(balance: Int64?) throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-test-")
    defer { try? FileSystem.removeTree(path) }
    let directory = RunDirectory(path: path)
    for count in 0...3 {
      let machines = (0..<count).map { index in
        Manifest.MachineEnd(
          id: .init(index), rateHz: index + 1, ticks: UInt64.max >> 1 - UInt64(index),
          finalClock: 9,
          finalQueueLength: 17,
          fields: NamedValues(
            finals: [balance.fieldValue, balance.fieldValue, .text("a \"b\"\n")], of: Self.names))
      }
      let manifest = try manifest(machines: machines)
      try manifest.write(to: directory)
      #expect(try Manifest.read(from: directory) == manifest)
    }
  }

  @Test("Every key of a machine's end is in its line, in the encoder's order")
  func keys() throws {
    let end = Manifest.MachineEnd(
      id: 0, rateHz: 1, ticks: 2, finalClock: 3, finalQueueLength: 4,
      fields: NamedValues(finals: [.integer(5), .integer(6), .text("tür")], of: Self.names))
    let lines = try manifest(machines: [end]).text.split(separator: "\n")
    let line = try #require(lines.first { $0.contains("final_clock") })
    let spaceless = line.filter { $0 != " " }
    #expect(spaceless == JSONText.encode(end, isPretty: false))
  }

  @Test(
    "The money at the start is the accounts', if 64 bits count it",
    arguments: [
      (nil, nil, 3, nil), (1000, nil, 3, 3000), (10, [10, 20, 30], 3, 60), (1000, nil, -1, -1000),
      (.max, nil, 2, nil), (1, nil, .max, .max), (5, [.max, 5], 2, nil),
    ] as [(Int64?, [Int64]?, Int, Int64?)])
  func startTotal(balance: Int64?, balances: [Int64]?, machines: Int, money: Int64?) throws {
    var plan = try manifest(machines: []).plan
    plan.balance = balance
    plan.balances = balances
    plan.machines = machines
    #expect(plan.startTotal == money)
  }
}
