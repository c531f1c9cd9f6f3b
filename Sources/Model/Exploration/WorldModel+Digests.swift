import LogicalTime
import ScaleModel

extension WorldModel {
  /// What tells a world from others: its machines, its channels, and what may still happen.
  ///
  /// Where snapshots can begin, a machine is told by all that has happened to it, because that is
  /// what its recorder has seen.
  package func digest(of world: World<Work>) -> Digest {
    var digester = Digester()
    for part in world.parts {
      digester.add(world.observer == nil ? part.state : part.history)
    }
    digester.add(world.crashed)
    digester.add(world.lossCount << 16 | world.crashCount << 8 | world.snapshotCount)
    for channel in world.channels {
      digester.add(channel.count)
      // Without order, the same messages in another order are the same channel.
      let digests = channel.map { digest(of: $0) }
      for digest in settings.isFIFO ? digests : digests.sorted() { digester.add(digest) }
    }
    return digester.digest
  }

  private func digest(of content: World<Work>.InTransit) -> Digest {
    var digester = Digester()
    switch content {
    case .message(let message):
      digester.add(1)
      add(message, to: &digester)
    case .marker(let id): digester.add(id.word)
    case .end: digester.add(2)
    }
    return digester.digest
  }

  /// What tells a machine whose state but for its inbox has this digest from others, its recorder
  /// aside.
  func digest(of machine: Machine<Work>, _ own: Digest) -> Digest {
    let inbox = machine.inbox
    if inbox.isEmpty { return own }
    var digester = Digester()
    digester.add(own)
    for message in inbox.messages { add(message, to: &digester) }
    return digester.digest
  }

  /// What tells a machine whose state's fields have these values from others, its inbox and its
  /// recorder aside.
  func ownDigest(of machine: Machine<Work>, _ values: [FieldValue]) -> Digest {
    var digester = Digester()
    if settings.tellsReadings { digester.add(machine.clock.reading) }
    if settings.tellsTicks { digester.add(machine.tickCount) }
    for value in values { digester.add(value) }
    digester.add(machine.workload.otherState)
    digester.add(machine.owed.count)
    for instruction in machine.owed {
      let owed = RecordedInstruction(instruction, fields)
      switch owed.target {
      case .none: digester.add(0)
      case .neighbour(let neighbour): digester.add(UInt64(neighbour.index) << 2 | 1)
      case .all: digester.add(2)
      case .machine(let id): digester.add(UInt64(id.number) << 2 | 3)
      }
      for value in owed.values { digester.add(value) }
    }
    return digester.digest
  }

  private func add(_ message: Message<Work.Payload>, to digester: inout Digester) {
    digester.add(UInt64(message.source.number))
    if settings.tellsReadings { digester.add(message.reading) }
    if settings.snapshotAlgorithm.usesRounds { digester.add(message.round) }
    for field in fields.message { digester.add(field.value(in: message.payload)) }
  }
}

extension Digester {
  /// Adds the value of a field, and its shape.
  mutating func add(_ value: FieldValue) {
    switch value {
    case .nothing: add(0)
    case .integer(let number):
      add(1)
      add(number)
    case .boolean(let truth): add(truth ? 2 : 3)
    case .text(let text):
      add(4)
      add(Array(text.utf8))
    }
  }
}
