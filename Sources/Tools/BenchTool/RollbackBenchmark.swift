import CommandLineKit
import ScaleModel
import Snapshots
import SystemCalls
import VirtualTime

/// How far two machines go back after a crash, beside the law of the domino effect.
struct RollbackBenchmark: Benchmark {
  static let name = "rollback"
  static let summary = "how far machines go back after a crash, beside the law of the domino effect"

  private let options: BenchmarkOptions

  init(options: BenchmarkOptions) {
    self.options = options
  }

  func measure() throws -> [BenchmarkTable] {
    let crashCount = options.seedCount ?? 5000
    var rows: [[String]] = []
    for messages in [1.0, 2, 4, 8] {
      for algorithm in [SnapshotAlgorithm.independent, .induced] {
        let trial = RollbackTrial(
          messagesPerInterval: messages, algorithm, seed: options.firstSeed)
        let law = RollbackTrial.law(exponential: exp(trial.messagesPerInterval / 2))
        let isLawful = algorithm == .independent
        let rollbacks = trial.rollbacks(
          count: crashCount, spacing: isLawful ? max(8, Int(5 * law)) : 8)
        let count = Double(rollbacks.count)
        let mean = rollbacks.reduce(0, +) / count
        let variance = rollbacks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = (variance / count).squareRoot()
        rows.append([
          algorithm.rawValue, Figure.text(messages, digits: 0), "\(rollbacks.count)",
          Figure.text(mean, digits: 3), Figure.text(error, digits: 3),
          isLawful ? Figure.text(law, digits: 3) : "-",
          isLawful ? Figure.text((mean - law) / error, digits: 2) : "-",
        ])
      }
    }
    return [
      BenchmarkTable(
        title: "rollback: two machines, a checkpoint an interval each, half an interval apart",
        columns: [
          "checkpoints", "messages an interval", "crashes", "mean rollback", "standard error",
          "law", "errors off",
        ], rows: rows, notes: ["rollbacks and law: in intervals; within 3 errors is asked for"])
    ]
  }
}
