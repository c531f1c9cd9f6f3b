import LogicalTime
import Predicates
import ScaleModel
import Snapshots

/// What may happen in an exploration of a plan's machines.
package struct WorldSettings: Sendable {
  /// The machines and the channels between them.
  package var topology: Topology
  /// Whether channels deliver in the order of sending.
  package var isFIFO = true
  /// The most instructions of a machine, beyond which states are outside; nil for any number.
  package var tickCountMax: UInt64?
  /// The highest reading of a clock, beyond which states are outside; nil for any.
  package var clockMax: UInt64?
  /// The most messages and markers that channels lose.
  package var lossCountMax = 0
  /// The most machines that crash.
  package var crashCountMax = 0
  /// The most snapshots that begin.
  package var snapshotCountMax = 0
  /// How machines take them.
  package var snapshotAlgorithm = SnapshotAlgorithm.chandyLamport
  /// How many outcomes of a draw are tried, spread evenly, when it has more.
  package var drawMax = Self.usualDrawMax
  /// Whether actions are left out where one machine's next tick can come before all of them, and
  /// worlds that are like another one.
  package var reduces = false
  /// Whether readings tell states apart, because the workload uses them.
  package var usesReadings: Bool
  /// Whether the numbers of ticks do.
  package var usesTicks: Bool

  /// Whether the user has ended the exploration, asked between two instructions; nil for a workload
  /// whose instructions take no time.
  package var isInterrupted: (@Sendable () -> Bool)?

  /// How many outcomes of a draw are told apart unless more or fewer are asked for.
  package static let usualDrawMax: UInt16 = 16

  /// The most machines of an exploration.
  package static let machineCountMax = 32

  /// Settings where all channels are reliable, no machine crashes and none begins a snapshot.
  package init(topology: Topology, usesReadings: Bool = true, usesTicks: Bool = true) {
    self.topology = topology
    (self.usesReadings, self.usesTicks) = (usesReadings, usesTicks)
  }

  /// Whether readings are part of a state: those of messages, and of clocks.
  var tellsReadings: Bool { usesReadings || clockMax != nil || snapshotCountMax > 0 }
  /// Whether the numbers of ticks are.
  var tellsTicks: Bool { usesTicks || tickCountMax != nil }
}

/// A condition that an exploration checks in every state.
package struct CheckedCondition: Sendable {
  /// What is violated when it is not as it should be.
  package let property: ViolatedProperty
  /// The condition.
  package let expression: Expression
  /// Whether it must hold; if not, it must not.
  package let mustHold: Bool
  /// The fields of states that it reads; nil when it reads anything else.
  let fields: [Int]?
  /// Whether it cannot be violated while a message is on its way.
  let isOfQuiet: Bool

  /// Makes a condition.
  package init(_ property: ViolatedProperty, _ expression: Expression, mustHold: Bool = true) {
    (self.property, self.expression, self.mustHold) = (property, expression, mustHold)
    fields = expression.fieldsAlone
    isOfQuiet = !mustHold && expression.needsNoMessages
  }
}

/// The machines of a plan, as a model whose every interleaving can be explored.
///
/// What may happen: a machine carries out an instruction, with each outcome of its draws; a channel
/// delivers; and as often as the settings say, a channel loses something, a machine crashes, or a
/// machine begins a snapshot.
package struct WorldModel<Work: Workload>: ExplorableModel {
  /// What may happen.
  package let settings: WorldSettings
  let workload: Work
  /// The fields of messages and states.
  package let fields: WorkloadFields<Work>
  let map: TopologyChannels
  /// The ends of each channel, in the order of their indexes.
  package let channels: [ChannelID]
  /// The channels to each machine.
  let incoming: [[Int]]
  private let conditions: [CheckedCondition]
  /// The fields that conditions on fields alone read.
  let fieldsRead: [Int]
  /// Those of which one must hold in a state that nothing leads out of; empty for any end.
  private let goals: [Expression]
  /// Which machines are alike; nil when it does not matter.
  let symmetry: WorldSymmetry?
  /// Whether each field of messages and of states holds a machine's id.
  let holdsMachine: (message: [Bool], state: [Bool])

  /// The outcomes of one instruction that are tried at most; beyond them a world is a sample.
  private static var outcomeCountMax: UInt64 { 1 << 16 }

  /// Makes a model of machines that all have this workload.
  ///
  /// - Precondition: There are at most ``WorldSettings/machineCountMax`` machines.
  package init(
    _ workload: Work, _ settings: WorldSettings, conditions: [CheckedCondition] = [],
    goals: [Expression] = []
  ) {
    let topology = settings.topology
    self.workload = workload.independent
    self.settings = settings
    (self.conditions, self.goals) = (conditions, goals)
    fieldsRead = conditions.flatMap { $0.fields ?? [] }
    fields = WorkloadFields(workload)
    holdsMachine = (
      fields.message.map { $0.declaration.kind == .machine },
      fields.state.map { $0.declaration.kind == .machine }
    )
    map = TopologyChannels(topology)
    channels = topology.machineIDs.flatMap { source in
      topology.neighbours(of: source).map { ChannelID(from: source, to: $0) }
    }
    symmetry = Self.findSymmetry(
      of: workload, settings, conditions, goals, fields, channels: channels)
    incoming = topology.machineIDs.map { [channels] machine in
      channels.indices.filter { channels[$0].target == machine }
    }
  }

  /// The world before the first action.
  package var initialWorld: World<Work> {
    let parts = settings.topology.machineIDs.map { id in
      let machine = Machine(
        id: id, neighbours: settings.topology.neighbourhood(of: id), workload: workload, seed: 0,
        channels: map, algorithm: settings.snapshotAlgorithm)
      let values = fields.values(of: machine.workload)
      let own = ownDigest(of: machine, values)
      let state = digest(of: machine, own)
      return World<Work>.Part(machine, values: values, own: own, state: state, history: state)
    }
    var world = World<Work>(
      parts: parts, channels: Array(repeating: ChannelContents(), count: channels.count))
    world.failure = parts.lazy.compactMap(\.machine.failure).first
    if settings.snapshotCountMax > 0 {
      world.observer = SnapshotObserver(map, settings.snapshotAlgorithm)
    }
    return world
  }

  /// Whether states are told apart by all that has happened to their machines.
  package var isToldByHistory: Bool {
    Work.canFail && initialWorld.parts.contains { $0.machine.workload.isToldByHistory }
  }

  /// The world before the first action alone.
  package var initialStates: [World<Work>] { [initialWorld] }

  /// Whether orders can be left out because no condition tells them apart.
  var canReorder: Bool { conditions.allSatisfy { $0.fields != nil || $0.isOfQuiet } }

  /// Whether anything can be left out: orders, or worlds that are like others.
  package var canReduce: Bool { canReorder || symmetry != nil }

  /// Whether the user has ended the exploration.
  package var isInterrupted: Bool { settings.isInterrupted?() ?? false }

  /// Appends the worlds after each action that is possible.
  package func appendSuccessors(of world: World<Work>, to successors: inout [World<Work>]) {
    for id in settings.topology.machineIDs where !world.hasCrashed(id) {
      appendTicks(of: id, world, to: &successors)
    }
    for (index, channel) in channels.enumerated() {
      for position in world.channels[index].indices where position == 0 || !settings.isFIFO {
        append(
          .deliver(from: channel.source, to: channel.target, position: position), world,
          to: &successors)
        if world.lossCount < settings.lossCountMax {
          append(
            .lose(from: channel.source, to: channel.target, position: position), world,
            to: &successors)
        }
      }
    }
    for id in settings.topology.machineIDs where !world.hasCrashed(id) {
      if world.crashCount < settings.crashCountMax { append(.crash(id), world, to: &successors) }
      if mayBeginSnapshot(world) { append(.snapshot(id), world, to: &successors) }
    }
    for request in world.observer?.requests ?? [] {
      append(.record(request.machine, request.id), world, to: &successors)
    }
  }

  private func append(
    _ action: ScheduledAction, _ world: World<Work>, to successors: inout [World<Work>]
  ) {
    if isInterrupted { return }
    var next = world
    if perform(action, on: &next) != nil { successors.append(next) }
  }

  /// Whether a machine may begin one more snapshot; where messages carry rounds, one at a time.
  func mayBeginSnapshot(_ world: World<Work>) -> Bool {
    world.snapshotCount < settings.snapshotCountMax
      && !(settings.snapshotAlgorithm.usesRounds && world.observer?.isGathering ?? false)
  }

  /// Tries an instruction with each outcome of its draws.
  func appendTicks(
    of id: MachineID, _ world: World<Work>, to successors: inout [World<Work>]
  ) {
    var (outcome, count): (UInt64, UInt64) = (0, 1)
    while outcome < count, !isInterrupted {
      var next = world
      let drawn = tick(id, outcome: outcome, on: &next, keepsLines: false).drawn
      let outcomeCount = UInt64(drawn.outcomeCount)
      if outcomeCount > Self.outcomeCountMax { next.isSampled = true }
      if outcome < outcomeCount { successors.append(next) }
      count = max(count, min(outcomeCount, Self.outcomeCountMax))
      outcome += 1
    }
  }

  /// Whether clocks and ticks are within the settings.
  package func bound(of world: World<Work>) -> StateBound {
    world.parts.contains(where: isOutside) ? .outside : .within
  }

  /// Whether not all outcomes of its draws were tried.
  package func isSampled(_ world: World<Work>) -> Bool { world.isSampled }

  /// Whether a machine's clock or the number of its ticks is beyond the settings.
  func isOutside(_ part: World<Work>.Part) -> Bool {
    part.clock > settings.clockMax ?? .max || part.tickCount > settings.tickCountMax ?? .max
  }

  /// What is violated of the conditions, or of a snapshot.
  package func violation(in world: World<Work>) -> ViolatedProperty? {
    if let failure = world.failure {
      let machine = world.parts.firstIndex { $0.machine.failure == failure }
      return .failure(machine: machine ?? 0, "\(failure)")
    }
    if world.observer?.problem != nil { return .invariant("snapshot") }
    return violation(changesFields: world.changesFields, hasMessages: world.hasMessages) { world }
  }

  /// What is violated of the conditions in a world that it asks for if one must be computed.
  func violation(
    changesFields: Bool, hasMessages: @autoclosure () -> Bool, _ world: () -> World<Work>
  ) -> ViolatedProperty? {
    var known: WorldState<Work>?
    var readCount = 0
    for condition in conditions {
      if condition.fields != nil, !changesFields { continue }
      if condition.isOfQuiet, hasMessages() { continue }
      let state = known ?? WorldState(world: world(), fields: fields)
      known = state
      do throws(EvaluationError) {
        let holds = try condition.expression.holds(in: state, readCount: &readCount)
        if holds != condition.mustHold { return condition.property }
      } catch {
        return .undefined("'\(condition.expression.text)'", because: "\(error)")
      }
    }
    return nil
  }

  /// A deadlock, unless a goal holds.
  package func violation(atEnd world: World<Work>) -> ViolatedProperty? {
    if goals.isEmpty { return nil }
    let state = WorldState(world: world, fields: fields)
    var readCount = 0
    for goal in goals {
      do throws(EvaluationError) {
        if try goal.holds(in: state, readCount: &readCount) { return nil }
      } catch {
        return .undefined("'\(goal.text)'", because: "\(error)")
      }
    }
    return .deadlock
  }

  /// About how much memory a world takes beside those before it.
  package func byteCount(of world: World<Work>) -> Int {
    // One machine and one channel are new; the others are shared with the world before. What
    // arrays and the allocator add is as measured.
    MemoryLayout<World<Work>>.stride + MemoryLayout<Machine<Work>>.stride + 900
      + (world.observer == nil ? 0 : 400)
      + (world.parts.count + world.channels.count) * MemoryLayout<Int>.stride
      + world.channels.reduce(0) { $0 + $1.count * MemoryLayout<World<Work>.InTransit>.stride }
  }
}
