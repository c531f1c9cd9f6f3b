import LogicalTime
import ScaleModel

/// Mutual exclusion by permission: a machine is inside when all others have replied to its request.
///
/// A machine that is inside, or whose own request is earlier, replies only when it leaves. Two
/// messages for each entry and other machine: request, reply.
///
/// Its machines are not alike for `explore --reduce`: of two requests with the same reading, the
/// one of the machine with the smaller id is the earlier.
///
/// - SeeAlso: G. Ricart, A. Agrawala, "An Optimal Algorithm for Mutual Exclusion in Computer
///   Networks", CACM 24(1), 1981.
public struct RicartAgrawalaMutex: NamedWorkload {
  /// The name of the option `--workload`.
  public static let name = "mutex-ricart-agrawala"
  /// What it is, in the help.
  public static let summary = "mutual exclusion by Ricart and Agrawala, 1981"
  /// False: it depends on messages and readings alone.
  public static let usesTicks = false
  /// Its options, in the order of the help.
  public static let options = MutexOptions.all

  private let otherCount: Int
  private let parameters: MutexOptions
  /// The phase that the machine is in.
  public private(set) var phase = MutexPhase.idle
  private var request: MutexRequest?
  private var replyCount = 0
  /// The machines that wait for this one's reply, in the order they asked.
  private var deferred: [MachineID] = []
  private var ticksLeft: Int64 = 0

  /// Makes the workload of every machine.
  public init(_ options: WorkloadOptionValues, topology: Topology) throws(WorkloadRefusal) {
    parameters = try MutexOptions(options, topology: topology)
    otherCount = topology.machineCount - 1
  }

  /// What is claimed of its global states.
  public var predicates: [NamedPredicate] {
    [MutexOptions.exclusion, MutexOptions.deadlocked]
  }
  /// Messages for each entry, the time to enter, and entries a second.
  public func measures(rates: [Int], delay: Delay) -> [NamedMeasure] {
    parameters.measures(messagesPerPeer: 2, rates: rates, delay: delay)
  }
  /// The fields of a message, in the order of the columns.
  public var messageFields: [Field<MutexMessage>] { [Field("kind", \.kind)] }
  /// The fields of a state, in the order of the columns.
  public var stateFields: [Field<RicartAgrawalaMutex>] { [Field("phase", \.phase)] }
  /// What a state holds beside its fields.
  public static let otherParts: [StatePart<RicartAgrawalaMutex>] = [
    StatePart(\.request), StatePart(\.replyCount), StatePart(\.deferred), StatePart(\.ticksLeft),
  ]
  /// The payload that a received message's fields are set in.
  public var blankPayload: MutexMessage { MutexMessage(kind: .request) }

  /// Chooses what a free tick does.
  public mutating func chooseInstruction(
    _ here: Surroundings, chance: inout Chance
  ) -> Instruction<MutexMessage> {
    let wants = chance.happens(parameters.want)
    if phase == .inside {
      ticksLeft -= 1
      guard ticksLeft <= 0 else { return .internal }
      (phase, request) = (.idle, nil)
    }
    guard phase == .idle else { return .internal }
    // Leaving, and the free ticks after it, reply to those that were put off.
    if !deferred.isEmpty {
      return .reply(MutexMessage(kind: .reply), to: deferred.removeFirst())
    }
    guard wants, request == nil else { return .internal }
    return ask(here)
  }

  private mutating func ask(_ here: Surroundings) -> Instruction<MutexMessage> {
    (phase, replyCount) = (.waiting, 0)
    request = MutexRequest(reading: here.reading, machine: here.machine)
    return .sendToAll(MutexMessage(kind: .request))
  }

  /// Asks to enter when it is told `want`.
  public mutating func carryOut(
    _ words: [String], _ here: Surroundings
  ) throws(InstructionRefusal) -> ToldAction<MutexMessage> {
    // It owes replies until the last one that it put off is sent.
    try MutexOptions.requireWant(words, isFree: phase == .idle && deferred.isEmpty)
    return .instructions([ask(here)])
  }

  /// Handles a message; returns what the machine owes for it.
  public mutating func receive(
    _ message: Message<MutexMessage>, _ here: Surroundings
  ) -> [Instruction<MutexMessage>] {
    switch message.payload.kind {
    case .request:
      let theirs = MutexRequest(reading: message.reading, machine: message.source)
      if phase != .idle, let request, phase == .inside || request < theirs {
        deferred.append(message.source)
        return []
      }
      return [.reply(MutexMessage(kind: .reply), to: message.source)]
    case .reply:
      replyCount += 1
      if phase == .waiting, replyCount == otherCount {
        phase = .inside
        ticksLeft = parameters.inside
      }
      return []
    case .release:
      return []
    }
  }
}
