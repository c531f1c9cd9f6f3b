import LogicalTime

/// What an instruction by hand does in the tick that carries it out.
public enum ToldAction<Payload: Hashable & Sendable>: Hashable, Sendable {
  /// What free ticks and receipts do too. The first instruction is this tick's event, an internal
  /// one when there is none; the machine owes the others, in order.
  case instructions([Instruction<Payload>])
  /// Something that the workload conserves came into the model: an event of its own.
  case deposit(Payload)
  /// Something that the workload conserves left the model: an event of its own.
  case withdraw(Payload)
}

/// Why a machine refuses an instruction by hand; nothing has changed, and no tick was taken.
public struct InstructionRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One clause without a full stop, with the remedy; it follows the instruction and a colon.
  public let description: String

  /// Refuses for this reason.
  public init(_ description: String) { self.description = description }

  /// The workload has no instructions by hand.
  public static let noneByHand = InstructionRefusal("its workload takes no instructions by hand")

  /// The channels that the message would take have closed.
  static let channelClosed = InstructionRefusal(
    "nothing can be sent there any more: the channel has closed")

  /// The machine has no channel to the target of a message.
  static func noChannel(from source: MachineID, to target: MachineID) -> InstructionRefusal {
    InstructionRefusal(
      source == target
        ? "machine \(source) has no channel to itself"
        : "machine \(source) has no channel to machine \(target); it is no neighbour")
  }
}

extension Machine {
  /// Carries out an instruction by hand as the machine's next tick, ahead of its inbox.
  ///
  /// - Parameters:
  ///   - words: What the user told the machine.
  ///   - sink: Carries out what the machine decides.
  /// - Throws: Why it is refused. Then nothing has changed, and the tick is free for another
  ///   instruction or an ordinary event.
  public mutating func tick(
    told words: [String], into sink: inout some EffectSink<Work>
  ) throws(InstructionRefusal) {
    var next = work
    let action = try next.carryOut(
      words,
      Surroundings(
        machine: id, neighbours: neighbours, tick: ticks &+ 1, reading: logicalClock.reading &+ 1))
    switch action {
    case .instructions(let instructions):
      let first = instructions.first ?? .internal
      try requireChannel(for: first, sink)
      work = next
      ticks &+= 1
      perform(first, at: beginEvent(), into: &sink)
      owe(Array(instructions.dropFirst()))
    case .deposit(let payload):
      work = next
      log(.deposit, payload, into: &sink)
    case .withdraw(let payload):
      work = next
      log(.withdraw, payload, into: &sink)
    }
  }

  private mutating func log(
    _ kind: Event.Kind, _ payload: Work.Payload, into sink: inout some EffectSink<Work>
  ) {
    ticks &+= 1
    let event = Event(
      tick: ticks, kind: kind, reading: beginEvent(), queueLength: arrived.count)
    sink.log(event, payload: payload, workload: work)
  }

  /// Refuses a message that cannot be sent; a free tick would make it an internal event.
  private func requireChannel(
    for instruction: Instruction<Work.Payload>, _ sink: some EffectSink<Work>
  ) throws(InstructionRefusal) {
    switch instruction {
    case .internal:
      break
    case .send(_, let neighbour):
      guard isOpen(neighbour) else { throw .channelClosed }
    case .sendToAll:
      guard closedNeighbours.count < neighbours.count else { throw .channelClosed }
    case .reply(_, let machine):
      guard let neighbour = sink.neighbour(machine) else {
        throw .noChannel(from: id, to: machine)
      }
      guard isOpen(neighbour) else { throw .channelClosed }
    }
  }
}
