import LogicalTime
import ScaleModel

/// What a message of mutual exclusion says.
public struct MutexMessage: Hashable, Sendable {
  /// What it is for.
  public enum Kind: String, FieldWord {
    /// A wish to enter, the leave to do so, and the news that its sender is out again.
    case request, reply, release
  }

  /// What it is for.
  public var kind: Kind
}

/// Where a machine is between two entries.
public enum MutexPhase: String, FieldWord {
  /// It does not want to enter.
  case idle
  /// It has asked, and may not enter yet.
  case waiting
  /// It is the only one inside.
  case inside
}

/// A request to enter: requests are ordered by reading, and by machine where readings are equal.
struct MutexRequest: Hashable, Comparable {
  let reading: UInt64
  let machine: MachineID

  static func < (left: MutexRequest, right: MutexRequest) -> Bool {
    (left.reading, left.machine) < (right.reading, right.machine)
  }
}

extension MutexRequest: StateValue {
  func write(to bytes: inout [UInt8]) {
    reading.write(to: &bytes)
    machine.write(to: &bytes)
  }

  init?(from reader: inout StateReader) {
    guard let reading = UInt64(from: &reader), let machine = MachineID(from: &reader) else {
      return nil
    }
    self.init(reading: reading, machine: machine)
  }
}

/// The options of mutual exclusion.
public struct MutexOptions: Hashable, Sendable {
  /// How likely a free tick of an idle machine asks to enter.
  public let want: Double
  /// How many ticks a machine spends inside.
  public let inside: Int64

  /// At most one machine is inside.
  static let exclusion = NamedPredicate.invariant("exclusion", "count(phase == inside) <= 1")

  /// All wait, and nothing is left that could let one in.
  static let deadlocked = NamedPredicate.stable(
    "deadlocked", "all(phase == waiting && owed == 0) && messages_on_the_way == 0")

  static let all = [
    WorkloadOption(
      "want", "P", help: "mutex: how likely an idle machine's free tick asks to enter",
      .probability, default: "0.1"),
    WorkloadOption(
      "inside", "N", help: "mutex: how many free ticks a machine spends inside",
      .integer(1...1_000_000_000), default: "3"),
  ]

  init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    guard topology.isComplete else {
      throw WorkloadRefusal("every machine asks all others; leave --topology out")
    }
    (want, inside) = (options.probability("want"), options.integer("inside"))
  }
}

extension MutexOptions {
  /// Refuses every instruction by hand but `want`, and that while an entry goes on.
  static func requireWant(_ words: [String], isFree: Bool) throws(InstructionRefusal) {
    guard words == ["want"] else {
      throw InstructionRefusal(
        "'\(words.joined(separator: " "))' is no instruction of mutual exclusion; tell it 'want'")
    }
    guard isFree else {
      throw InstructionRefusal("its last entry is not over; tell it again when it is idle")
    }
  }
}
