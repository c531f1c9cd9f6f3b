import LogicalTime
import ScaleModel

/// Mutual exclusion by Lamport's clocks: requests are queued everywhere in the order of their
/// readings.
///
/// A machine that wants to enter sends its request to all. It is inside when its request is the
/// first in its queue and it has heard from every other machine since. Channels must be FIFO.
/// Three messages for each entry and other machine: request, reply, release.
///
/// Its machines are not alike for `explore --reduce`: of two requests with the same reading, the
/// one of the machine with the smaller id is the earlier.
///
/// - SeeAlso: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
///   CACM 21(7), 1978.
public struct LamportMutex: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "mutex-lamport"
  /// What it is, in the help.
  public static let summary = "mutual exclusion by Lamport, 1978"
  /// False: it depends on messages and readings alone.
  public static let usesTicks = false
  /// Its options, in the order of the help.
  public static let options = MutexOptions.all

  private let topology: Topology
  private let parameters: MutexOptions
  /// The phase that the machine is in.
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
  /// Messages for each entry, the time to enter, and entries a second.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    parameters.measures(messagesPerPeer: 3, rates: rates, delay: delay)
  }
  /// The fields of a message, in the order of the columns.
  public var messageFields: [Field<MutexMessage>] { [Field("kind", \.kind)] }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<LamportMutex>] { [Field("phase", \.phase)] }
  /// What a state holds beside its fields.
  public static let otherParts: [StatePart<LamportMutex>] = [
    StatePart(\.requests), StatePart(\.heard), StatePart(\.ticksLeft),
  ]
  /// The payload that a received message's fields are set in.
  public var blankPayload: MutexMessage { MutexMessage(kind: .request) }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<MutexMessage> {
    let wants = chance.happens(parameters.want)
    switch phase {
    case .idle where wants:
      return request(here)
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

  private mutating func request(_ here: Surroundings) -> Instruction<MutexMessage> {
    phase = .waiting
    requests.append(MutexRequest(reading: here.reading, machine: here.machine))
    return .sendToAll(MutexMessage(kind: .request))
  }

  /// Asks to enter when it is told `want`.
  public mutating func carryOut(
    _ words: [String], _ here: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<MutexMessage> {
    try MutexOptions.requireWant(words, isFree: phase == .idle)
    return .instructions([request(here)])
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
