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
    // At most 32 machines crash.
    digester.add(world.lossCount << 32 | world.snapshotCount << 8 | world.crashCount)
    for channel in world.channels { digester.add(channel.digest) }
    return digester.digest
  }

  /// What tells a channel from others.
  func digest(
    of channel: ChannelContents<World<Work>.InTransit>, _ renaming: MachineRenaming? = nil
  ) -> Digest {
    if channel.isEmpty { return .none }
    var digester = Digester()
    if settings.isFIFO {
      for content in channel { add(content, renaming, to: &digester) }
    } else {
      // Without order, the same messages in another order are the same channel.
      let digests = channel.map { content in
        var digester = Digester()
        add(content, renaming, to: &digester)
        return digester.digest
      }
      for digest in digests.sorted() { digester.add(digest) }
    }
    return digester.digest
  }

  private func add(
    _ content: World<Work>.InTransit, _ renaming: MachineRenaming?, to digester: inout Digester
  ) {
    switch content {
    case .message(let message):
      digester.add(1)
      add(message, renaming, to: &digester)
    case .marker(let id):
      digester.add(3)
      digester.add(id.word)
    case .end: digester.add(2)
    }
  }

  /// What tells a machine whose state but for its inbox has this digest from others, its recorder
  /// aside.
  func digest(
    of machine: Machine<Work>, _ own: Digest, _ renaming: MachineRenaming? = nil
  ) -> Digest {
    let inbox = machine.inbox
    if inbox.isEmpty { return own }
    var digester = Digester()
    digester.add(own)
    inbox.forEach { add($0, renaming, to: &digester) }
    return digester.digest
  }

  /// What tells a machine whose state's fields have these values from others, its inbox and its
  /// recorder aside.
  func ownDigest(
    of machine: Machine<Work>, _ values: [FieldValue], _ renaming: MachineRenaming? = nil
  ) -> Digest {
    var digester = Digester()
    if settings.tellsReadings { digester.add(machine.clock.reading) }
    if settings.tellsTicks { digester.add(machine.tickCount) }
    for (value, isMachine) in zip(values, holdsMachine.state) {
      digester.add(isMachine ? value.renamed(by: renaming) : value)
    }
    digester.add(
      renaming.map { machine.workload.otherState(renaming: $0) } ?? machine.workload.otherState)
    digester.add(machine.owed.count)
    for instruction in machine.owed {
      let owed = RecordedInstruction(instruction, fields)
      switch owed.target {
      case .none: digester.add(0)
      case .neighbour(let neighbour):
        let index = renamed(neighbour, of: machine.id, renaming).index
        digester.add(UInt64(index) << 2 | 1)
      case .all: digester.add(2)
      case .machine(let id): digester.add(UInt64((renaming?[id] ?? id).number) << 2 | 3)
      }
      for (value, isMachine) in zip(owed.values, holdsMachine.message) {
        digester.add(isMachine ? value.renamed(by: renaming) : value)
      }
    }
    return digester.digest
  }

  /// The neighbour that the same machine is when machines have other ids.
  private func renamed(
    _ neighbour: Neighbour, of machine: MachineID, _ renaming: MachineRenaming?
  ) -> Neighbour {
    guard let renaming else { return neighbour }
    let target = settings.topology.id(of: neighbour, from: machine)
    return settings.topology.neighbour(renaming[target], of: renaming[machine]) ?? neighbour
  }

  private func add(
    _ message: Message<Work.Payload>, _ renaming: MachineRenaming?, to digester: inout Digester
  ) {
    digester.add(UInt64((renaming?[message.source] ?? message.source).number))
    if settings.tellsReadings { digester.add(message.reading) }
    if settings.snapshotAlgorithm.usesRounds { digester.add(message.round) }
    for (field, isMachine) in zip(fields.message, holdsMachine.message) {
      let value = field.value(in: message.payload)
      digester.add(isMachine ? value.renamed(by: renaming) : value)
    }
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

extension FieldValue {
  /// The value of a field that holds a machine, when machines have other ids.
  fileprivate func renamed(by renaming: MachineRenaming?) -> FieldValue {
    guard let renaming, let id = integer else { return self }
    return .integer(Int64(renaming[MachineID(Int(id))].number))
  }
}
