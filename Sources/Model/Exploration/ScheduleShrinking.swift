import ScaleModel

/// Makes a schedule small that violates a property.
///
/// What is left violates it too, none of its actions can be left out, and no beginning of it is one
/// action away from the violation. Actions that are not possible any more without others go with
/// them.
///
/// - SeeAlso: A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
///   IEEE TSE 28(2), 2002. <https://doi.org/10.1109/32.988498>
struct ScheduleShrinking<Work: Workload> {
  private let model: WorldModel<Work>
  private let property: ViolatedProperty
  /// What is left of the schedule.
  private(set) var actions: [ScheduledAction]
  /// How many actions are left out at a time.
  private var size: Int
  /// The first action of those to leave out next.
  private var start = 0
  /// How many actions were left when parts of this size were first tried.
  private var countBefore: Int

  /// Begins with a schedule that violates a property.
  init(
    _ model: WorldModel<Work>, _ actions: [ScheduledAction], violating property: ViolatedProperty
  ) {
    (self.model, self.property) = (model, property)
    self.actions = model.carriedOut(actions).actions
    countBefore = self.actions.count
    size = max(1, countBefore / 2)
  }

  /// Tries to leave out one part more.
  ///
  /// - Returns: Whether there is another to try.
  mutating func advance() -> Bool {
    if start < actions.count {
      var fewer = actions
      fewer.removeSubrange(start..<min(actions.count, start + size))
      let outcome = model.carriedOut(fewer)
      if outcome.violated == property { actions = outcome.actions } else { start += size }
      return true
    }
    actions = model.cutShort(actions, violating: property)
    if size == 1, actions.count == countBefore { return false }
    (size, start, countBefore) = (max(1, size / 2), 0, actions.count)
    return true
  }
}

extension WorldModel {
  /// The shortest beginning of the schedule that one action leads to the violation from, with it.
  fileprivate func cutShort(
    _ actions: [ScheduledAction], violating property: ViolatedProperty
  ) -> [ScheduledAction] {
    var world = initialWorld
    for (index, action) in actions.dropLast().enumerated() {
      var successors: [World<Work>] = []
      appendSuccessors(of: world, to: &successors)
      if let last = successors.first(where: { violation(in: $0) == property })?.action {
        return actions.prefix(index) + [last]
      }
      perform(action, on: &world)
    }
    return actions
  }
}
