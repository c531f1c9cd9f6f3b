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
/// It names the type that an ``Explorer`` is generic over, so the compiler specialises one loop.
package struct PlanExplorer: PlanSearch {
  private var explorer: Explorer<PlanModel>

  /// Begins with the machines before their first ticks.
  package init(_ model: PlanModel, limits: ExplorationLimits) {
    explorer = Explorer(model, limits: limits)
  }

  /// How far it has come.
  package var progress: ExplorationProgress { explorer.progress }
  /// Why it is not complete; empty when it is, or goes on.
  package var bounds: [ExplorationBound] { explorer.bounds }
  /// The violated property; nil while none is found.
  package var violated: ViolatedProperty? { explorer.violation?.property }

  /// A shortest schedule that leads to the violation; nil while none is found.
  package var schedule: Schedule? {
    guard let steps = explorer.violation?.steps else { return nil }
    let actions = explorer.states(to: steps).compactMap(\.action)
    return Schedule(
      actions.map { ($0, nil) }, drawMax: explorer.model.settings.drawMax)
  }

  /// Goes on by some thousand states; see ``Explorer/advance(threadCount:perform:)``.
  package mutating func advance(threadCount: Int, perform: ((Int) -> Void) -> Void) -> Bool {
    explorer.advance(threadCount: threadCount, perform: perform)
  }

  /// Ends the exploration where it is.
  package mutating func stop(because bound: ExplorationBound) { explorer.stop(because: bound) }
}
