import LogicalTime
import ScaleModel
import Snapshots

/// Two machines of a bank that record checkpoints half an interval apart, and crash repeatedly.
///
/// It is here, and not where it is measured, because the simulation is fast only where its types
/// are named in its own module.
package struct RollbackTrial {
  /// How likely a free tick sends: rarely enough that sends are nearly Poisson.
  private static let transferProbability = 0.0025
  /// The time between two checkpoints of a machine, in nanoseconds.
  private static let interval: Int64 = 1_000_000_000

  private let rate: Int
  private let algorithm: SnapshotAlgorithm
  private let seed: UInt64

  /// Describes a trial.
  ///
  /// - Parameters:
  ///   - messages: About how many messages a machine sends in an interval.
  ///   - algorithm: How the machines record.
  ///   - seed: The seed of sends and crashes.
  package init(
    messagesPerInterval messages: Double, _ algorithm: SnapshotAlgorithm = .independent,
    seed: UInt64
  ) {
    let probability = Self.transferProbability
    rate = Int(messages * (1 + probability) / probability)
    (self.algorithm, self.seed) = (algorithm, seed)
  }

  /// The messages that a machine sends in an interval, in the mean: every message takes a tick of
  /// its receiver.
  package var messagesPerInterval: Double {
    Double(rate) * Self.transferProbability / (1 + Self.transferProbability)
  }

  /// The mean rollback that the law of the domino effect predicts, in intervals: with a probability
  /// of e^(−μT/2) no message breaks a line, and each line that breaks costs half an interval.
  ///
  /// - Parameter exponential: e^(μT/2).
  /// - Returns: How far the machine goes back that goes back farther.
  package static func law(exponential: Double) -> Double { (exponential - 1) / 2 + 0.75 }

  /// Crashes both machines at random moments of one run.
  ///
  /// - Parameters:
  ///   - count: How many times.
  ///   - spacing: How many intervals are between two crashes: many rollbacks, so that these are
  ///     nearly independent.
  /// - Returns: How far the machines had to go back each time, in intervals: the farther of them.
  package func rollbacks(count: Int, spacing: Int) -> [Double] {
    let bank = Bank(
      balance: 1_000_000_000_000, transferProbability: Self.transferProbability)
    let duration = Self.interval * Int64(spacing) * Int64(count + 1)
    var plan = RunPlan(
      rates: [rate, rate], duration: TimeSpan(nanoseconds: duration), dieSides: 10, seed: seed,
      topologyChoice: .complete, topology: Topology(completeWith: 2), delay: .none,
      workload: .bank(bank))
    plan.snapshotAlgorithm = algorithm
    var simulation = Simulation(
      plan: plan, workload: bank,
      snapshots: SnapshotSchedule(interval: TimeSpan(nanoseconds: Self.interval)),
      journal: RollbackJournal(machineCount: 2))
    var random = SplitMix64(seed: seed, purpose: .rates)
    return (1...count).map { number in
      let crash =
        Self.interval * Int64(spacing) * Int64(number)
        + Int64(random.draw(below: UInt64(Self.interval)))
      simulation.advance(to: RunTime(nanoseconds: crash))
      let graph = simulation.journal.graph
      let line = graph.line()
      let earliest = zip(graph.checkpoints, line.indices).map { $0[$1].time }.min() ?? 0
      return Double(crash - earliest) / Double(Self.interval)
    }
  }
}

/// Keeps what a rollback depends on: checkpoints and receipts.
private struct RollbackJournal: SimulationJournal {
  private(set) var graph: RollbackGraph

  init(machineCount: Int) { graph = RollbackGraph(machineCount: machineCount) }

  /// False: nothing can be lost.
  var hasFailed: Bool { false }

  mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at time: RunTime,
    payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
  ) {
    if event.kind == .snapshot {
      graph.record(
        RollbackGraph.Checkpoint(
          id: SnapshotID(word: event.messageReading), clock: event.reading, time: time.nanoseconds,
          eventCount: event.tick), by: machine)
    } else if event.kind == .receive, case .machine(let source) = event.peer {
      graph.receive(event.messageReading, from: source, by: machine)
    }
  }
}
