import LogicalTime
import ScaleModel

extension InternedModel {
  /// Learns all that follows a world, by what the machines do then.
  package mutating func learn(from world: State) {
    while !isInterrupted {
      var (successors, missing) = ([State](), [InternedStates<Work>.Question]())
      append(after: world, to: &successors, &missing)
      if missing.isEmpty { return }
      for question in missing { answer(question) }
    }
  }

  private mutating func answer(_ question: InternedStates<Work>.Question) {
    switch question {
    case .ticks(let machine): learnTicks(of: machine)
    case .arrival(let machine, let content): learnArrival(of: content, at: machine)
    case .crash(let machine, let id): learnCrash(of: id, at: machine)
    case .removal(let number, let position):
      var rest = known.contentLists[Int(number)]
      let channel = Int(known.contents[Int(number)].channel)
      var single = ChannelContents<World<Work>.InTransit>()
      single.append(rest.remove(at: Int(position)))
      known.removals[number, position] = .init(
        rest: self.number(of: rest, on: channel), content: self.number(of: single, on: channel))
    case .joint(let first, let second):
      var joint = known.contentLists[Int(first)]
      for content in known.contentLists[Int(second)] { joint.append(content) }
      known.joints[first, second] = number(
        of: joint, on: Int(known.contents[Int(first)].channel))
    }
  }

  /// A world whose channels are empty, with a machine in this state.
  private func world(around number: UInt32) -> (world: World<Work>, id: MachineID) {
    var world = firstWorld
    let part = known.parts[Int(number)]
    world.parts[part.machine.id.index] = part
    world.crashed = UInt64(known.machines[Int(number)].crashed)
    return (world, part.machine.id)
  }

  private mutating func learnTicks(of number: UInt32) {
    guard known.machines[Int(number)].ticks == nil else { return }
    let (world, id) = world(around: number)
    var worlds: [World<Work>] = []
    model.appendTicks(of: id, world, to: &worlds)
    // What was tried before the user ended it may not be all.
    if isInterrupted { return }
    let crashed = known.machines[Int(number)].crashed
    let start = UInt32(known.ticks.count)
    for next in worlds {
      let sendStart = UInt32(known.sends.count)
      for (channel, sent) in next.channels.enumerated() where !sent.isEmpty {
        known.sends.append(self.number(of: sent, on: channel))
      }
      known.ticks.append(
        .init(
          machine: self.number(of: next.parts[id.index], crashed: crashed),
          sends: sendStart..<UInt32(known.sends.count), isSampled: next.isSampled,
          changesFields: next.changesFields))
    }
    known.machines[Int(number)].ticks = start..<UInt32(known.ticks.count)
  }

  private mutating func learnArrival(of content: UInt32, at number: UInt32) {
    var (world, id) = world(around: number)
    let channel = Int(known.contents[Int(content)].channel)
    world.channels[channel] = known.contentLists[Int(content)]
    model.perform(
      .deliver(from: model.channels[channel].source, to: id, position: 0), on: &world)
    known.arrivals[number, content] = self.number(
      of: world.parts[id.index], crashed: known.machines[Int(number)].crashed)
  }

  private mutating func learnCrash(of crashed: MachineID, at number: UInt32) {
    var (world, id) = world(around: number)
    model.perform(.crash(crashed), on: &world)
    known.crashes[number, UInt32(crashed.number)] = self.number(
      of: world.parts[id.index], crashed: UInt32(truncatingIfNeeded: world.crashed))
  }

  // MARK: Numbers

  /// The number of a machine's state when these machines have crashed; a new one for a new state.
  mutating func number(of part: World<Work>.Part, crashed: UInt32) -> UInt32 {
    let hasFailed = Work.canFail && part.machine.failure != nil
    var digester = Digester()
    digester.add(part.state)
    digester.add(UInt64(part.machine.id.number) << 33 | UInt64(crashed) << 1 | (hasFailed ? 1 : 0))
    let digest = digester.digest
    if let number = known.numbersOfMachines[digest] { return number }
    let number = UInt32(known.machines.count)
    known.numbersOfMachines[digest] = number
    known.parts.append(part)
    known.machines.append(
      .init(
        ticks: nil, queueLength: UInt32(truncatingIfNeeded: part.queueLength), crashed: crashed,
        isOutside: model.isOutside(part), hasFailed: hasFailed))
    for change in model.symmetry?.changes ?? [] {
      let own = model.ownDigest(of: part.machine, part.values, change.renaming)
      known.likenessOfMachines += likeness(
        model.digest(of: part.machine, own, change.renaming),
        at: change.renaming[part.machine.id].index)
    }
    return number
  }

  /// The number of what is on a channel; a new one for new contents.
  mutating func number(
    of list: ChannelContents<World<Work>.InTransit>, on channel: Int
  ) -> UInt32 {
    var list = list
    list.digest = model.digest(of: list)
    var digester = Digester()
    digester.add(list.digest)
    digester.add(channel)
    let digest = digester.digest
    if let number = known.numbersOfContents[digest] { return number }
    let number = UInt32(known.contents.count)
    known.numbersOfContents[digest] = number
    known.contentLists.append(list)
    let hasMessages = list.contains { if case .message = $0 { true } else { false } }
    known.contents.append(
      .init(channel: UInt32(channel), count: UInt32(list.count), hasMessages: hasMessages))
    for change in model.symmetry?.changes ?? [] {
      known.likenessOfContents += likeness(
        model.digest(of: list, change.renaming),
        at: machineCount + (change.channels.firstIndex(of: channel) ?? 0))
    }
    return number
  }

  /// Two words for what is at this index of a world's numbers after a change of ids.
  private func likeness(_ digest: Digest, at index: Int) -> [UInt64] {
    var digester = Digester()
    digester.add(digest)
    digester.add(index)
    return [digester.digest.low, digester.digest.high]
  }
}
