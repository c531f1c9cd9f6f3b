import LogicalTime
import ScaleModel

extension Manifest {
  /// Something that the logs of another implementation may lack.
  package enum Lack: String, Codable, CaseIterable, Sendable {
    /// What an event, a machine or the run does not have; ``words`` says it in a sentence.
    case tick, time, clock, queue, peer, message, rate, die
    /// Times are too coarse to tell ticks apart.
    case fineTime = "fine_time"

    /// What is lacking, phrased for use in a sentence.
    package var words: String {
      switch self {
      case .tick: "the tick of an event"
      case .time: "the system time of an event"
      case .clock: "a clock"
      case .queue: "the length of a queue"
      case .peer: "the other machine of every message"
      case .message: "which reading every message carries"
      case .rate: "the rate of a machine"
      case .die: "the die"
      case .fineTime: "times finer than a tick"
      }
    }

    /// Why a value is empty, as a sentence without its full stop.
    package var sentence: String { "the logs do not tell \(words)" }
  }

  /// Whether the journals come from logs that lack this; then its values in them must not be
  /// used.
  package func lacks(_ lack: Lack) -> Bool { imported?.lacks.contains(lack) ?? false }

  /// The first of several things that the logs lack; nil when they have all.
  package func firstLack(of lacks: Lack...) -> Lack? { lacks.first(where: self.lacks) }

  /// The machine's name: from the logs of an imported run, else its id.
  package func name(of machine: Int) -> String {
    guard let names = imported?.machines, names.indices.contains(machine) else {
      return "\(machine)"
    }
    return names[machine]
  }

  /// Instructions per second; a fraction only in an imported run.
  package func rate(of machine: Int) -> Double {
    Double(plan.rates[machine]) / Double(rateSeconds(of: machine))
  }

  /// The seconds in which a machine carries out the plan's instructions: one, unless imported.
  package func rateSeconds(of machine: Int) -> Int {
    guard let seconds = imported?.rateSeconds, seconds.indices.contains(machine) else { return 1 }
    return seconds[machine]
  }

  /// The system time of a machine's tick 0; nil when the lateness of its ticks is unknown.
  package func startTime(of machine: Int) -> Int64? {
    guard let imported else {
      guard let startTimeNs, let phases = plan.phases.flatMap({ Phases(rawValue: $0) }) else {
        return startTimeNs
      }
      return startTimeNs
        + phases.tickZero(of: MachineID(machine), rate: plan.rates[machine], seed: seed).nanoseconds
    }
    return imported.tickZeroNs.indices.contains(machine) ? imported.tickZeroNs[machine] : nil
  }

  /// Whether each machine's queue length is known, in id order.
  package var tellsQueue: [Bool] {
    var tells = Array(repeating: true, count: plan.machines)
    for machine in imported?.machinesWithoutQueue ?? [] where tells.indices.contains(machine) {
      tells[machine] = false
    }
    return tells
  }
}
