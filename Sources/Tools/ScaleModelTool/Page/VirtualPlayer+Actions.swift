import CommandLineKit
import Page
import ScaleModel
import VirtualTime

/// What viewers do to a run in virtual time; only the run's thread calls this.
extension VirtualPlayer {
  /// Carries out what viewers wait for; a step when the run has to do something now.
  func takeActions(hasEnded: Bool) -> VirtualRun.Step? {
    while let one = lock.withLock({ pending.isEmpty ? nil : pending.removeFirst() }) {
      let (said, step) = take(one.action, hasEnded: hasEnded)
      answer(one, said)
      if let step { return step }
    }
    return nil
  }

  func answer(_ one: Pending, _ answer: PageAnswer) {
    lock.withLock { one.answer = answer }
    one.bell.ring()
  }

  private func take(
    _ action: PageAction, hasEnded: Bool
  ) -> (said: PageAnswer, step: VirtualRun.Step?) {
    switch action {
    case .start, .play:
      if hasEnded { return (.refused("this is the run's end; go back to see more"), nil) }
      mode = .playing
      startClock()
      return (.done("the run goes on"), nil)
    case .stop:
      mode = .standing
      return (.done("the run stands still at \(position.time)"), nil)
    case .step:
      if hasEnded { return (.refused("this is the run's end"), nil) }
      mark()
      mode = .standing
      return (.done("one tick"), .ticks(1))
    case .speed(let factor):
      speed = factor
      startClock()
      return (.done("the speed is \(factor.map { "\($0)" } ?? "as high as it goes")"), nil)
    case .back(let count):
      mark()
      let target = position.tickCount - min(position.tickCount, UInt64(count))
      return (
        .done("back by \(position.tickCount - target)"),
        restart(at: Position(time: .start, tickCount: target), andPlays: false)
      )
    case .end:
      return (.done("the run ends here"), hasEnded ? .goOn : .end)
    default:
      return intervene(action, hasEnded: hasEnded)
    }
  }

  /// Makes an action part of the plan, and carries the run out again up to here.
  private func intervene(
    _ action: PageAction, hasEnded: Bool
  ) -> (said: PageAnswer, step: VirtualRun.Step?) {
    let time = TimeSpan(nanoseconds: position.time.nanoseconds + 1)
    guard !hasEnded, time < options.plan.duration else {
      return (.refused("this is the run's end; go back to change what happened"), nil)
    }
    let standing = lock.withLock { latest }
    if let reason = reason(against: action, standing) { return (.refused(reason), nil) }
    let new = interventions.filter { $0.time <= time } + Intervention.all(of: action, at: time)
    do {
      options = try read(new)
    } catch {
      let reason = (error as? ToolFailure)?.message ?? "\(error)"
      return (.refused(reason), nil)
    }
    interventions = new
    mark()
    let text = Intervention.all(of: action, at: time).map(\.text).joined(separator: ", ")
    tell(text)
    return (.done(text), restart(at: position, andPlays: isPlaying))
  }

  /// Why an action makes no sense now; nil when it does.
  private func reason(against action: PageAction, _ standing: PageStanding) -> String? {
    func isViewers(_ act: Intervention.Act) -> Bool { interventions.contains { $0.act == act } }
    func refusal(_ machine: Int, isHeld: Bool?) -> String? {
      if standing.dead.contains(machine) { return "machine \(machine) is dead" }
      guard let isHeld, isHeld == standing.held.contains(machine) else { return nil }
      return "machine \(machine) is \(isHeld ? "paused already" : "not paused")"
    }
    switch action {
    case .snapshot(let machine), .kill(let machine), .tell(let machine, _):
      return refusal(machine, isHeld: nil)
    case .pause(let machine): return refusal(machine, isHeld: true)
    case .resume(let machine):
      if let reason = refusal(machine, isHeld: false) { return reason }
      return isViewers(.pause(machine)) ? nil : "machine \(machine) is paused by the run's plan"
    case .join(let from, let to, let both):
      let cut = [[from, to]] + (both ? [[to, from]] : [])
      guard let first = cut.first(where: standing.cut.contains) else {
        return "the channel from \(from) to \(to) is not cut"
      }
      return isViewers(.cut(from: first[0], to: first[1]))
        ? nil : "the run's plan cuts that channel"
    case .lose where manifest.plan.promises.loss == 0:
      return "channels of this run lose nothing; start it with --loss"
    default: return nil
    }
  }

  /// Leaves the run, to carry it out once more up to a position.
  private func restart(at target: Position, andPlays: Bool) -> VirtualRun.Step {
    mode = .seeking(target, andPlays: andPlays)
    marks.removeAll { $0.tickCount > target.tickCount }
    beginsAgain = true
    lock.withLock { latest.generation += 1 }
    return .abandon
  }
}
