import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import VirtualTime

/// What the snapshot algorithms cost, against laws for Poisson sends on a complete graph.
///
/// A bank sends rarely (one free tick in 400), to a random other machine.
@Suite("The costs of snapshot algorithms")
struct AlgorithmLawTests {
  private static let machineCount = 5
  private static let probability = 0.0025

  /// The complete snapshots of a run, and how many messages a second all machines send.
  private static func snapshots(
    _ algorithm: SnapshotAlgorithm, rate: Int, delay: Delay, every: TimeSpan, count: Int
  ) throws -> (files: [SnapshotFile], sends: Double) {
    let bank = Bank(balance: 1_000_000_000_000, transferProbability: probability)
    var plan = RunPlan(
      rates: Array(repeating: rate, count: machineCount),
      duration: TimeSpan(nanoseconds: every.nanoseconds * Int64(count + 1)), dieSides: 10, seed: 12,
      topologyChoice: .complete, topology: Topology(completeWith: machineCount), delay: delay,
      workload: .bank(bank))
    plan.snapshotAlgorithm = algorithm
    var simulation = Simulation(
      plan: plan, workload: bank, snapshots: SnapshotSchedule(interval: every),
      journal: NoJournal())
    var files: [SnapshotFile] = []
    while simulation.ending == nil {
      simulation.advance(to: .never)
      files += simulation.takeSettledSnapshots()
    }
    // Every message takes a tick of its receiver.
    let sends = Double(machineCount * rate) * probability / (1 + probability)
    return (files.filter { $0.status == .complete }, sends)
  }

  /// Expects a law's value within three standard errors of a mean.
  private static func expect(
    _ values: [Double], near law: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let error = (variance / count).squareRoot()
    print("mean \(mean) ± \(error), law \(law), of \(values.count)")
    #expect(abs(mean - law) < 3 * error, sourceLocation: sourceLocation)
    #expect(error < law / 10, sourceLocation: sourceLocation)
  }

  @Test("Mattern's control messages are 2(N−1) and a copy of each message in transit")
  func mattern() throws {
    let (files, sends) = try Self.snapshots(
      .mattern, rate: 200, delay: .constant(.seconds(1)), every: .seconds(3), count: 200)
    #expect(files.count >= 195)
    let notices = 2 * Double(Self.machineCount - 1)
    Self.expect(files.map { Double($0.controlMessages ?? 0) }, near: notices + sends)
    Self.expect(files.map { Double($0.channelMessageCount) }, near: sends)
  }

  @Test(
    "Lai–Yang without delay has spread after 2·H(N−1)/(N·μ), and sends nothing of its own", .long)
  func laiYang() throws {
    let (files, sends) = try Self.snapshots(
      .laiYang, rate: 50, delay: .none, every: .seconds(60), count: 120)
    #expect(files.count >= 90)
    let perChannel = sends / Double(Self.machineCount * (Self.machineCount - 1))
    let harmonic = (1..<Self.machineCount).reduce(0) { $0 + 1 / Double($1) }
    // While a slow one is under way the next is refused; all that begin end, but perhaps the last.
    Self.expect(
      files.map { $0.latencyMicroseconds / 1e6 },
      near: 2 * harmonic / (Double(Self.machineCount) * perChannel))
    #expect(files.allSatisfy { $0.controlMessages == 0 })
    #expect(files.allSatisfy { ($0.historyBytes ?? 0) > 0 })
  }
}
