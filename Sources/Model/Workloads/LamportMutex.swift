import LogicalTime
import ScaleModel

/// Mutual exclusion by Lamport's clocks: requests are queued everywhere in the order of their
/// readings.
///
/// A machine that wants to enter sends its request to all. It is inside when its request is the
/// first in its queue and it has heard from every other machine since. Channels must be FIFO.
/// Three messages for each entry and other machine: request, reply, release.
///
/// - SeeAlso: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
///   CACM 21(7), 1978.
public struct LamportMutex: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "mutex-lamport"
  /// What it is, in the help.
  public static let summary = "mutual exclusion by Lamport, 1978"
  /// Its options, in the order of the help.
  public static let options = MutexOptions.all

  private let topology: Topology
  private let parameters: MutexOptions
  /// Where the machine is in its life.
  public private(set) var phase = MutexPhase.idle
  private var requests: [MutexRequest] = []
  /// The latest reading heard from each machine, by id.
  private var heard: [UInt64]
  private var ticksLeft: Int64 = 0

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    parameters = try MutexOptions(options, topology: topology)
    self.topology = topology
    heard = Array(repeating: 0, count: topology.machineCount)
  }

  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [MutexOptions.exclusion, MutexOptions.deadlocked]
  }
  /// The fields of a message, in the order of the columns.
  public var messageFields: [Field<MutexMessage>] { [Field("kind", \.kind)] }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<LamportMutex>] { [Field("phase", \.phase)] }
  /// The payload that a received message's fields are set in.
  public var blankPayload: MutexMessage { MutexMessage(kind: .request) }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<MutexMessage> {
    let wants = chance.happens(parameters.want)
    switch phase {
    case .idle where wants:
      phase = .waiting
      requests.append(MutexRequest(reading: here.reading, machine: here.machine))
      return .sendToAll(MutexMessage(kind: .request))
    case .inside:
      ticksLeft -= 1
      guard ticksLeft <= 0 else { return .internal }
      phase = .idle
      requests.removeAll { $0.machine == here.machine }
      return .sendToAll(MutexMessage(kind: .release))
    case .idle, .waiting:
      return .internal
    }
  }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<MutexMessage>, _ here: Surroundings
  ) -> [Instruction<MutexMessage>] {
    let source = message.source
    heard[Int(source.number)] = message.reading
    var owed: [Instruction<MutexMessage>] = []
    switch message.payload.kind {
    case .request:
      requests.append(MutexRequest(reading: message.reading, machine: source))
      owed = [.reply(MutexMessage(kind: .reply), to: source)]
    case .reply:
      break
    case .release:
      requests.removeAll { $0.machine == source }
    }
    enterIfFirst(here.machine)
    return owed
  }

  private mutating func enterIfFirst(_ machine: MachineID) {
    guard phase == .waiting, let first = requests.min(), first.machine == machine,
      topology.machineIDs.allSatisfy({ $0 == machine || heard[Int($0.number)] > first.reading })
    else { return }
    phase = .inside
    ticksLeft = parameters.inside
  }
}

/// What a message of mutual exclusion says.
public struct MutexMessage: Hashable, Sendable {
  /// What it is for.
  public enum Kind: String, FieldWord {
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

extension Topology {
  /// Whether every machine has a channel to every other one.
  var isComplete: Bool {
    machineIDs.allSatisfy { neighbourCount(of: $0) == machineCount - 1 }
  }

  /// The next machine around the ring of ids; nil without a channel to it.
  func next(after machine: MachineID) -> MachineID? {
    let next = MachineID((Int(machine.number) + 1) % machineCount)
    return hasChannel(from: machine, to: next) ? next : nil
  }

  /// Checks that every machine has a channel to the next one.
  func requireRing() throws(WorkloadRefusal) {
    guard machineIDs.allSatisfy({ next(after: $0) != nil }) else {
      throw WorkloadRefusal(
        "machine i sends to machine i + 1, which is no neighbour here; take --topology ring or "
          + "leave it out")
    }
  }
}
