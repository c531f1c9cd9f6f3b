extension Machine {
  /// Carries out an instruction by hand as the machine's next tick, ahead of its inbox.
  ///
  /// - Parameters:
  ///   - instruction: What the account is told to do.
  ///   - sink: Carries out what the machine decides.
  /// - Throws: Why it is refused. Then nothing has changed, and the tick is free for another
  ///   instruction or an ordinary event.
  public mutating func tick(
    carryingOut instruction: AccountInstruction, into sink: inout some EffectSink<Work>
  ) throws(AccountRefusal) {
    if case .transfer(_, let neighbour) = instruction, closedNeighbours.contains(neighbour) {
      throw .channelClosed
    }
    let payload = try work.carryOut(instruction)
    ticks &+= 1
    let reading = logicalClock.tick()
    lastQueueLength = UInt32(truncatingIfNeeded: arrived.count)
    var event = Event(
      tick: ticks, kind: .deposit, reading: reading, queueLength: arrived.count)
    switch instruction {
    case .deposit:
      break
    case .withdraw:
      event.kind = .withdraw
    case .transfer(_, let neighbour):
      event.kind = .send
      event.peer = .neighbour(neighbour)
      event.messageReading = reading
      sink.send(Message(source: id, reading: reading, payload: payload), to: neighbour)
    }
    sink.log(event, payload: payload, workload: work)
  }
}
