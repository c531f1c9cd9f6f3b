import LogicalTime
import ScaleModel

/// The machines of a plan as a ``WorldModel`` has them, where no snapshot begins.
///
/// It carries out each action once for each state of the machine and the channels that it touches,
/// and looks up what came of it from then on. Where its settings say so it leaves actions out where
/// one machine's next tick can come before all of them, and worlds that are like another one.
///
/// - Invariant: A list has a number for each machine and each channel.
package struct InternedModel<Work: Workload, Numbers: NumberList>: ExplorableModel {
  /// A world.
  package typealias State = InternedWorld<Numbers>

  let model: WorldModel<Work>
  var known = InternedStates<Work>()
  /// The world before the first action, and with numbers; for each channel what its end is.
  let firstWorld: World<Work>
  private(set) var initialWorld: State
  private(set) var ends: [UInt32] = []

  /// Makes a model of the same machines.
  ///
  /// - Precondition: No snapshot can begin, and ``canHold(_:)``.
  package init(_ model: WorldModel<Work>) {
    precondition(model.settings.snapshotCountMax == 0, "Snapshots see whole worlds")
    precondition(Self.canHold(model), "There are more machines and channels than numbers")
    self.model = model
    let world = model.initialWorld
    firstWorld = world
    initialWorld = State(numberCount: world.parts.count + world.channels.count)
    for (index, part) in world.parts.enumerated() {
      initialWorld.numbers[index] = number(of: part, crashed: 0)
    }
    for (index, contents) in world.channels.enumerated() {
      initialWorld.numbers[machineCount + index] = number(of: contents, on: index)
      var end = contents
      end.append(.end)
      ends.append(number(of: end, on: index))
    }
    if world.parts.contains(where: model.isOutside) { initialWorld.marks.insert(.outside) }
  }

  /// Whether a world of these machines and channels has numbers enough.
  static func canHold(_ model: WorldModel<Work>) -> Bool {
    model.incoming.count + model.channels.count <= Numbers.countMax ?? .max
  }

  var machineCount: Int { model.incoming.count }
  /// How many numbers a world has.
  var numberCount: Int { model.incoming.count + model.channels.count }

  /// The world before the first action alone.
  package var initialStates: [State] { [initialWorld] }

  /// Whether the user has ended the exploration.
  package var isInterrupted: Bool { model.isInterrupted }

  /// The memory of all that machines and channels have been.
  package var heldByteCount: Int { known.byteCount }

  // MARK: What comes next

  /// Appends the worlds after each action that is possible, in the order of ``WorldModel``, and one
  /// that is none for what must be learnt.
  package func appendSuccessors(of world: State, to successors: inout [State]) {
    var missing: [InternedStates<Work>.Question] = []
    append(after: world, to: &successors, &missing)
    if !missing.isEmpty {
      var unknown = world
      unknown.marks = .unknown
      successors.append(unknown)
    }
  }

  /// Whether something must be learnt before these are all.
  package func mustLearn(before successors: [State]) -> Bool {
    successors.last?.marks == .unknown
  }

  /// Appends the worlds that are known, and what must be learnt for the others.
  func append(
    after world: State, to successors: inout [State],
    _ missing: inout [InternedStates<Work>.Question]
  ) {
    let settings = model.settings
    if settings.reduces, appendTickAlone(world, to: &successors, &missing) { return }
    for index in 0..<machineCount where !world.hasCrashed(index) {
      appendTicks(of: index, world, to: &successors, &missing)
    }
    for channel in model.channels.indices {
      let number = world.numbers[machineCount + channel]
      let count = known.contents[Int(number)].count
      for position in 0..<(settings.isFIFO ? min(1, count) : count) {
        guard let removal = known.removals[number, position] else {
          missing.append(.removal(number, position: position))
          continue
        }
        appendDelivery(on: channel, removal, world, to: &successors, &missing)
        if world.lossCount < settings.lossCountMax, removal.content != ends[channel] {
          var next = after(world)
          next.numbers[machineCount + channel] = removal.rest
          next.lossCount += 1
          successors.append(next)
        }
      }
    }
    guard world.crashed.nonzeroBitCount < settings.crashCountMax else { return }
    for index in 0..<machineCount where !world.hasCrashed(index) {
      appendCrash(of: index, world, to: &successors, &missing)
    }
  }

  /// The world with what no action changes, and nothing noted of the last one.
  private func after(_ world: State) -> State {
    var next = world
    next.marks.formIntersection(.sampled)
    return next
  }

  private func appendTicks(
    of index: Int, _ world: State, to successors: inout [State],
    _ missing: inout [InternedStates<Work>.Question]
  ) {
    let number = world.numbers[index]
    guard let ticks = known.machines[Int(number)].ticks else {
      missing.append(.ticks(number))
      return
    }
    for tick in ticks {
      let tick = known.ticks[Int(tick)]
      var next = after(world)
      set(tick.machine, at: index, in: &next)
      if tick.isSampled { next.marks.insert(.sampled) }
      if tick.changesFields { next.marks.insert(.changesFields) }
      var isKnown = true
      for send in tick.sends {
        let sent = known.sends[Int(send)]
        let slot = machineCount + Int(known.contents[Int(sent)].channel)
        if let joint = known.joint(next.numbers[slot], sent) {
          next.numbers[slot] = joint
        } else {
          missing.append(.joint(next.numbers[slot], sent))
          isKnown = false
        }
      }
      if isKnown { successors.append(next) }
    }
  }

  private func set(_ machine: UInt32, at index: Int, in world: inout State) {
    world.numbers[index] = machine
    if known.machines[Int(machine)].isOutside { world.marks.insert(.outside) }
  }

  private func appendDelivery(
    on channel: Int, _ removal: InternedStates<Work>.Removal, _ world: State,
    to successors: inout [State], _ missing: inout [InternedStates<Work>.Question]
  ) {
    let target = model.channels[channel].target.index
    var next = after(world)
    next.numbers[machineCount + channel] = removal.rest
    if !world.hasCrashed(target) {
      guard let machine = known.arrivals[world.numbers[target], removal.content] else {
        missing.append(.arrival(world.numbers[target], content: removal.content))
        return
      }
      set(machine, at: target, in: &next)
    }
    successors.append(next)
  }

  private func appendCrash(
    of crashed: Int, _ world: State, to successors: inout [State],
    _ missing: inout [InternedStates<Work>.Question]
  ) {
    let id = MachineID(crashed)
    var next = after(world)
    next.crashed |= 1 << UInt32(crashed)
    for index in 0..<machineCount {
      let number = world.numbers[index]
      guard let machine = known.crashes[number, UInt32(crashed)] else {
        missing.append(.crash(number, of: id))
        continue
      }
      set(machine, at: index, in: &next)
    }
    for (index, channel) in model.channels.enumerated() where channel.source == id {
      let number = world.numbers[machineCount + index]
      guard let joint = known.joint(number, ends[index]) else {
        missing.append(.joint(number, ends[index]))
        continue
      }
      next.numbers[machineCount + index] = joint
    }
    successors.append(next)
  }

  /// Appends the worlds after the tick of a machine with messages in its inbox, if no condition
  /// reads what the tick changes.
  ///
  /// All other actions that are possible, or become so without the tick, can be done after it and
  /// lead to the same worlds: nothing else takes from the machine's inbox, what arrives goes behind
  /// what is there, and what the tick sends goes behind what is on the channels. On the way the
  /// conditions say the same; those of quiet do not hold while the message waits. So the tick alone
  /// is a persistent set that no condition sees. Such ticks use up inboxes and what receipts make
  /// machines owe, so nothing is put off for ever.
  ///
  /// A crash could come between, so there must be none to come.
  ///
  /// - Returns: Whether it did, or must learn first.
  /// - SeeAlso: P. Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems",
  ///   LNCS 1032, 1996. <https://doi.org/10.1007/3-540-60761-7>
  private func appendTickAlone(
    _ world: State, to successors: inout [State],
    _ missing: inout [InternedStates<Work>.Question]
  ) -> Bool {
    guard model.canReorder, world.crashed.nonzeroBitCount >= model.settings.crashCountMax else {
      return false
    }
    for index in 0..<machineCount where !world.hasCrashed(index) {
      guard known.machines[Int(world.numbers[index])].queueLength > 0 else { continue }
      let start = successors.count
      appendTicks(of: index, world, to: &successors, &missing)
      if !missing.isEmpty { return true }
      if successors[start...].allSatisfy({
        $0.marks.isDisjoint(with: [.changesFields, .outside])
      }) {
        for index in start..<successors.count { successors[index].marks.insert(.alone) }
        return true
      }
      successors.removeSubrange(start...)
    }
    return false
  }

  /// Whether these stand for all that may come next.
  package func leavesOut(_ successors: [State]) -> Bool {
    successors.first?.marks.contains(.alone) ?? false
  }

  // MARK: What a world is

  /// Whether clocks and ticks are within the settings.
  package func bound(of world: State) -> StateBound {
    world.marks.contains(.outside) ? .outside : .within
  }

  /// Whether not all outcomes of its draws were tried.
  package func isSampled(_ world: State) -> Bool { world.marks.contains(.sampled) }

  /// What is violated of the conditions.
  package func violation(in world: State) -> ViolatedProperty? {
    if Work.canFail {
      for index in 0..<machineCount {
        let number = Int(world.numbers[index])
        guard known.machines[number].hasFailed,
          let failure = known.parts[number].machine.failure
        else { continue }
        return .failure(machine: index, "\(failure)")
      }
    }
    return model.violation(
      changesFields: world.marks.contains(.changesFields), hasMessages: hasMessages(world)
    ) { self.world(world) }
  }

  /// A deadlock, unless a goal holds.
  package func violation(atEnd world: State) -> ViolatedProperty? {
    model.violation(atEnd: self.world(world))
  }

  /// The world that the numbers stand for; what led to it is not known.
  func world(_ interned: State) -> World<Work> {
    var world = World<Work>(
      parts: (0..<machineCount).map { known.parts[Int(interned.numbers[$0])] },
      channels: model.channels.indices.map {
        known.contentLists[Int(interned.numbers[machineCount + $0])]
      })
    (world.crashed, world.crashCount) = (
      UInt64(interned.crashed), interned.crashed.nonzeroBitCount
    )
    world.lossCount = Int(interned.lossCount)
    return world
  }

  /// The actions that lead along these worlds from the first one.
  ///
  /// They are found by what the machines really do, so that it shows when states are taken for one
  /// that have different futures: then the way is not whole.
  func way(along worlds: [State]) -> (actions: [ScheduledAction], isWhole: Bool) {
    var (world, actions) = (firstWorld, [ScheduledAction]())
    for interned in worlds.dropFirst() {
      let digest = model.digest(of: self.world(interned))
      var successors: [World<Work>] = []
      model.appendSuccessors(of: world, to: &successors)
      guard let next = successors.first(where: { model.digest(of: $0) == digest }),
        let action = next.action
      else { return (actions, false) }
      actions.append(action)
      world = next
    }
    return (actions, true)
  }

  private func hasMessages(_ world: State) -> Bool {
    (0..<machineCount).contains { known.machines[Int(world.numbers[$0])].queueLength > 0 }
      || (machineCount..<numberCount).contains {
        known.contents[Int(world.numbers[$0])].hasMessages
      }
  }

  /// About how many bytes of memory a world takes.
  package func byteCount(of world: State) -> Int {
    MemoryLayout<State>.stride
      + (Numbers.countMax == nil ? 40 + numberCount * MemoryLayout<UInt32>.stride : 0)
  }
}
