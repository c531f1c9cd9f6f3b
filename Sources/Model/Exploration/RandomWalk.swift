import LogicalTime
import ScaleModel
import Snapshots

/// One way through the worlds of a model whose every action is drawn.
///
/// Each walk first draws how often each machine ticks, each channel delivers and each kind of fault
/// happens, compared with the others: some walks starve a machine, others a channel. Walks that all
/// draw alike would hardly ever do either.
///
/// - SeeAlso: A. Groce, C. Zhang, E. Eide, Y. Chen and J. Regehr, "Swarm Testing", ISSTA 2012.
///   <https://doi.org/10.1145/2338965.2336763>
struct RandomWalk<Work: Workload> {
  private let model: WorldModel<Work>
  private var random: SplitMix64
  /// Of each machine's ticks, then of each channel's deliveries.
  private let weights: [UInt64]
  private let faultWeights: [UInt64]
  private var world: World<Work>
  /// What has happened.
  private(set) var actions: [ScheduledAction] = []
  /// Of the worlds passed, the first one included.
  private(set) var digests: [Digest] = []
  /// What the last world violates; nil while nothing is violated.
  private(set) var violated: ViolatedProperty?

  /// Walks until something is violated or nothing more happens, for a number of actions at most.
  init(_ model: WorldModel<Work>, seed: UInt64, actionCountMax: Int) {
    self.model = model
    var random = SplitMix64(state: SplitMix64.mixed(seed))
    weights = (0..<model.incoming.count + model.channels.count).map { _ in
      1 << random.draw(below: 7)
    }
    faultWeights = (0..<3).map { _ in 1 << random.draw(below: 7) }
    self.random = random
    world = model.initialWorld
    digests.append(model.digest(of: world))
    violated = model.violation(in: world)
    while violated == nil, !model.isInterrupted, actions.count < actionCountMax,
      model.bound(of: world) != .outside
    {
      guard let action = draw() else {
        violated = model.violationOfEnd(world)
        break
      }
      take(action)
    }
  }

  private mutating func take(_ action: ScheduledAction) {
    guard model.perform(action, on: &world) != nil else { return }
    actions.append(action)
    violated = model.violation(in: world)
    let digest = model.digest(of: world)
    let isSame = digest == digests.last
    if !isSame { digests.append(digest) }
    // The end is looked for where it may be: it takes as long as an exploration of the world.
    if violated == nil, isSame, world.channels.allSatisfy(\.isEmpty) {
      violated = model.violationOfEnd(world)
    }
  }

  /// Draws what happens next; nil when nothing can.
  private mutating func draw() -> ScheduledAction? {
    var choices: [(weight: UInt64, action: ScheduledAction)] = []
    let (settings, machines) = (model.settings, model.settings.topology.machineIDs)
    for id in machines where !world.hasCrashed(id) {
      choices.append((weights[id.index], .tick(id, outcome: 0)))
      if world.crashCount < settings.crashCountMax { choices.append((faultWeights[0], .crash(id))) }
      if model.mayBeginSnapshot(world) { choices.append((faultWeights[1], .snapshot(id))) }
    }
    for request in world.observer?.requests ?? [] where !world.hasCrashed(request.machine) {
      choices.append((faultWeights[1], .record(request.machine, request.id)))
    }
    for (index, channel) in model.channels.enumerated() where !world.channels[index].isEmpty {
      let count = UInt64(world.channels[index].count)
      let position = settings.isFIFO ? 0 : Int(random.draw(below: count))
      let weight = weights[model.incoming.count + index]
      choices.append(
        (weight, .deliver(from: channel.source, to: channel.target, position: position)))
      if world.lossCount < settings.lossCountMax {
        choices.append(
          (faultWeights[2], .lose(from: channel.source, to: channel.target, position: position)))
      }
    }
    let total = choices.reduce(0) { $0 + $1.weight }
    if total == 0 { return nil }
    var rest = random.draw(below: total)
    let chosen = choices.first { choice in
      if rest < choice.weight { return true }
      rest -= choice.weight
      return false
    }
    guard case .tick(let id, _) = chosen?.action else { return chosen?.action }
    // How many outcomes there are depends on what the first draws come to, so all are drawn at
    // once; the remainder has the same digits.
    let outcome = random.next()
    var trial = world
    let count = model.tick(id, outcome: outcome, on: &trial, keepsLines: false).drawn.outcomeCount
    return .tick(id, outcome: count == .max ? outcome : outcome % UInt64(count))
  }
}

extension WorldModel {
  /// The property that a world violates because nothing changes it any more; nil when it may be an
  /// end, or is none.
  func violationOfEnd(_ world: World<Work>) -> ViolatedProperty? {
    guard let property = violation(atEnd: world) else { return nil }
    var successors: [World<Work>] = []
    appendSuccessors(of: world, to: &successors)
    let own = digest(of: world)
    // What was appended before the user ended it may not be all.
    return !isInterrupted && successors.allSatisfy { digest(of: $0) == own } ? property : nil
  }

  /// Carries out those of `actions` that are possible, in order, until something is violated.
  ///
  /// Where a channel holds less than it did, its last content stands for what is behind it.
  func carriedOut(
    _ actions: [ScheduledAction]
  ) -> (actions: [ScheduledAction], violated: ViolatedProperty?) {
    var world = initialWorld
    var done: [ScheduledAction] = []
    var violated = violation(in: world)
    for action in actions where violated == nil && !isInterrupted {
      let action = fitted(action, to: world)
      guard perform(action, on: &world) != nil else { continue }
      done.append(action)
      violated = violation(in: world)
    }
    return (done, violated ?? violationOfEnd(world))
  }

  private func fitted(
    _ action: ScheduledAction, to world: World<Work>
  ) -> ScheduledAction {
    func last(_ source: MachineID, _ target: MachineID, _ position: Int) -> Int {
      let channel = channels.firstIndex(of: ChannelID(from: source, to: target))
      return min(position, channel.map { max(0, world.channels[$0].count - 1) } ?? 0)
    }
    switch action {
    case .deliver(let source, let target, let position) where position > 0:
      return .deliver(from: source, to: target, position: last(source, target, position))
    case .lose(let source, let target, let position) where position > 0:
      return .lose(from: source, to: target, position: last(source, target, position))
    default: return action
    }
  }
}
