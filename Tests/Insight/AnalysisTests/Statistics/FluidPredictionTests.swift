import LogicalTime
import ScaleModel
import Snapshots
import Testing

@testable import Analysis

/// The fluid model's clock rates, in cases whose outcome is known.
@Suite("The fluid model's clocks")
struct FluidPredictionTests {
  struct Row: Sendable {
    let rates: [Int]
    let dieSides: Int
    let jumps: [Double]
    /// How far each clock is behind after 60 s.
    let drifts: [Double]
  }

  @Test(
    "Mean jump and final drift on three machines, all linked",
    arguments: [
      Row(rates: [1, 3, 6], dieSides: 10, jumps: [4, 2, 1], drifts: [120, 0, 0]),
      Row(rates: [1, 3, 6], dieSides: 4, jumps: [2, 2, 1], drifts: [240, 0, 0]),
      Row(rates: [2, 4, 6], dieSides: 10, jumps: [3, 1.5, 1], drifts: [0, 0, 0]),
      Row(rates: [1, 8, 8], dieSides: 10, jumps: [3, 1, 1], drifts: [300, 0, 0]),
      Row(rates: [1, 5, 10], dieSides: 10, jumps: [4, 2, 1], drifts: [360, 0, 0]),
    ])
  func knownOutcome(row: Row) {
    let predictions = Self.predictions(
      topology: Topology(completeWith: 3), rates: row.rates, dieSides: row.dieSides, seconds: 60)
    for (prediction, (jump, drift)) in zip(predictions, zip(row.jumps, row.drifts)) {
      #expect(abs(prediction.jumpMean - jump) < 1e-9)
      #expect(abs(prediction.driftFinal - drift) < 1e-7)
    }
  }

  @Test("The fastest machine that can reach a clock leads it, and no other does")
  func reach() throws {
    // Machine 0 sends to 1, and 1 to 2; no machine sends to 0.
    let topology = try Topology(
      machineCount: 4,
      channels: [ChannelID(from: 0, to: 1), ChannelID(from: 1, to: 2)])
    let predictions = Self.predictions(
      topology: topology, rates: [6, 4, 8, 3], dieSides: 10, seconds: 10)
    #expect(predictions.map { $0.jumpMean } == [1, 1.5, 1, 1])
    #expect(predictions.map { $0.driftFinal } == [20, 20, 0, 50])
  }

  private static func predictions(
    topology: Topology, rates: [Int], dieSides: Int, seconds: Double
  ) -> [FluidPrediction] {
    FluidPrediction.all(
      FluidModel(topology: topology, rates: rates, dieSides: dieSides), topology: topology,
      dieSides: dieSides, seconds: seconds)
  }
}
