import Predicates
import ScaleModel

extension Chatter: ErasableWorkload {}
extension Bank: ErasableWorkload {}

/// The machines of a plan, whatever their workload.
package typealias PlanModel = WorldModel<ErasedWorkload>

extension RunPlan.WorkloadChoice {
  /// Whether it uses readings, and the numbers of ticks; see ``Workload/usesReadings``.
  package func uses(_ catalog: WorkloadCatalog) -> (readings: Bool, ticks: Bool) {
    switch self {
    case .chatter: (Chatter.usesReadings, Chatter.usesTicks)
    case .bank: (Bank.usesReadings, Bank.usesTicks)
    case .named(let choice):
      (catalog[choice.name]?.usesReadings ?? true, catalog[choice.name]?.usesTicks ?? true)
    }
  }
}

extension RunPlan {
  /// The workload of every machine, with its type erased.
  ///
  /// - Throws: Why the catalog's workload cannot run so.
  package func erasedWorkload(_ catalog: WorkloadCatalog) throws(WorkloadRefusal) -> ErasedWorkload
  {
    switch workload {
    case .chatter: ErasedWorkload(Chatter(dieSides: dieSides))
    case .bank(let account): ErasedWorkload(account)
    case .named(let choice): try catalog.workload(of: choice, topology: topology)
    }
  }
}

/// Explores the machines of a plan.
///
/// It names the types that an ``Explorer`` is generic over, so the compiler specialises its loops.
package struct PlanExplorer: PlanSearch {
  private let settings: WorldSettings
  private var few: Explorer<InternedModel<ErasedWorkload, FewNumbers>>?
  private var many: Explorer<InternedModel<ErasedWorkload, [UInt32]>>?
  /// Where whole worlds must be kept: for snapshots, and to find states that only look equal.
  private var whole: Explorer<PlanModel>?
  /// The violated property and a shortest way there; nil while none is found.
  private var found: (property: ViolatedProperty, actions: [ScheduledAction])?
  /// Whether the user ended it before the way to what is violated was known.
  private var isInterrupted = false

  /// Begins with the machines before their first ticks.
  package init(_ model: PlanModel, limits: ExplorationLimits) {
    settings = model.settings
    if model.settings.snapshotCountMax > 0 || limits.comparesFutures {
      whole = Explorer(model, limits: limits)
    } else if InternedModel<ErasedWorkload, FewNumbers>.canHold(model) {
      few = Explorer(InternedModel(model), limits: limits)
    } else {
      many = Explorer(InternedModel(model), limits: limits)
    }
  }

  private var walk: (any PlanWalk)? { few ?? many ?? whole }

  /// How far it has come.
  package var progress: ExplorationProgress { walk?.progress ?? ExplorationProgress() }
  /// Why it is not complete; empty when it is, or goes on.
  package var bounds: [ExplorationBound] {
    let bounds = walk?.bounds ?? []
    return isInterrupted && !bounds.contains(.interrupt) ? bounds + [.interrupt] : bounds
  }
  /// The violated property; nil while none is found.
  package var violated: ViolatedProperty? { found?.property }
  /// A shortest schedule that leads to the violation; nil while none is found.
  package var schedule: Schedule? {
    found.map { Schedule($0.actions.map { ($0, nil) }, drawMax: settings.drawMax) }
  }

  /// Goes on by some thousand states; see ``Explorer/advance(threadCount:perform:)``.
  package mutating func advance(threadCount: Int, perform: ((Int) -> Void) -> Void) -> Bool {
    let goesOn =
      few?.advance(threadCount: threadCount, perform: perform)
      ?? many?.advance(threadCount: threadCount, perform: perform)
      ?? whole?.advance(threadCount: threadCount, perform: perform) ?? false
    if !goesOn, found == nil, !isInterrupted, let way = walk?.found {
      // The machines went the way again, and perhaps not to its end.
      isInterrupted = settings.isInterrupted?() ?? false
      if !isInterrupted { found = way }
    }
    return goesOn
  }

  /// Ends the exploration where it is.
  package mutating func stop(because bound: ExplorationBound) {
    few?.stop(because: bound)
    many?.stop(because: bound)
    whole?.stop(because: bound)
  }
}

/// What an exploration has found, whatever it walks.
private protocol PlanWalk {
  var progress: ExplorationProgress { get }
  var bounds: [ExplorationBound] { get }
  /// The violated property and a shortest way there; nil while none is found.
  var found: (property: ViolatedProperty, actions: [ScheduledAction])? { get }
}

extension Explorer: PlanWalk where Model: PlanWalkable {
  fileprivate var found: (property: ViolatedProperty, actions: [ScheduledAction])? {
    violation.map { violation in
      let way = model.way(along: states(to: violation.steps))
      return (way.isWhole ? violation.property : .equality, way.actions)
    }
  }
}

/// A model whose worlds are led to by actions.
private protocol PlanWalkable: ExplorableModel {
  /// The actions that lead along these worlds from the first one, as far as machines go that way.
  func way(along worlds: [State]) -> (actions: [ScheduledAction], isWhole: Bool)
}

extension InternedModel: PlanWalkable {}

extension WorldModel: PlanWalkable {
  fileprivate func way(
    along worlds: [World<Work>]
  ) -> (actions: [ScheduledAction], isWhole: Bool) { (worlds.compactMap(\.action), true) }
}
