extension Manifest {
  /// Something that the logs of another implementation may not tell.
  package enum Lack: String, Codable, CaseIterable, Sendable {
    case tick, time, clock, queue, peer, message, rate, die

    /// Those that are a part of an event.
    static let ofParts: [(LogPart, Lack)] = [
      (.tick, .tick), (.time, .time), (.clock, .clock), (.queue, .queue), (.peer, .peer),
      (.message, .message),
    ]

    /// What is not told, as it stands in a sentence.
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
      }
    }

    /// Why something is empty, as a sentence without its end.
    package var sentence: String { "the logs do not tell \(words)" }
  }

  /// Whether the journals come from logs that do not tell this; then nothing may be made of what
  /// stands in its place.
  package func lacks(_ lack: Lack) -> Bool { imported?.lacks.contains(lack) ?? false }

  /// The first of several things that is not told; nil when all are.
  package func firstLack(of lacks: Lack...) -> Lack? { lacks.first(where: self.lacks) }

  /// Whether it is told, one per machine, in id order, how long its queue was.
  package var tellsQueue: [Bool] {
    var tells = Array(repeating: true, count: plan.machines)
    for machine in imported?.machinesWithoutQueue ?? [] where tells.indices.contains(machine) {
      tells[machine] = false
    }
    return tells
  }
}
