import ScaleModel

/// Makes a schedule small that violates a property.
///
/// What is left violates it too, none of its actions can be left out, and no beginning of it is one
/// action away from the violation. Actions that are not possible any more without others go with
/// them.
struct ScheduleShrinking<Work: Workload> {
  private let model: WorldModel<Work>
  private let property: ViolatedProperty
  private var shrinking: Shrinking<ScheduledAction>

  /// Begins with a schedule that violates a property.
  init(
    _ model: WorldModel<Work>, _ actions: [ScheduledAction], violating property: ViolatedProperty
  ) {
    (self.model, self.property) = (model, property)
    shrinking = Shrinking(model.carriedOut(actions).actions)
  }

  /// What is left of the schedule.
  var actions: [ScheduledAction] { shrinking.kept }

  /// Tries to leave out one part more.
  ///
  /// - Returns: Whether there is another to try.
  mutating func advance() -> Bool {
    shrinking.advance { [model, property] fewer in
      let outcome = model.carriedOut(fewer)
      return outcome.violated == property ? outcome.actions : nil
    } endOfPass: { [model, property] in
      model.cutShort($0, violating: property)
    }
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
