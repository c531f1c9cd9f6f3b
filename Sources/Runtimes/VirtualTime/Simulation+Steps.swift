import LogicalTime
import ScaleModel

/// One tick at a time, for viewers.
extension Simulation {
  /// Carries out the next tick, and what is due before it; at the run's end, what is left.
  ///
  /// Ticks that a machine must catch up on after a pause are carried out together.
  package mutating func advanceByOneTick() {
    gather()
    hasGoneBack = false
    catchUp()
    guard canGoOn else { return }
    let end = plan.end
    while true {
      while begunMember != nil {
        if tickAtBegunInstant() || !canGoOn { return }
      }
      if instantIndex == schedule.instants.count {
        instantIndex = 0
        schedule.advance()
      }
      let instant = schedule.instants[instantIndex]
      let due = schedule.due(at: instant)
      guard due <= end else { return advance(to: end) }
      happen(through: due)
      guard canGoOn else { return }
      (carrier.now, reached) = (due, due)
      begunMember = Int(instant.membersStart)
    }
  }

  /// Carries out the next tick of the instant that has begun.
  ///
  /// - Returns: Whether there was one: dead and paused machines have none.
  @discardableResult
  mutating func tickAtBegunInstant() -> Bool {
    guard let member = begunMember else { return false }
    let instant = schedule.instants[instantIndex]
    guard member < Int(instant.membersEnd) else {
      begunMember = nil
      instantIndex += 1
      return false
    }
    begunMember = member + 1
    let id = schedule.members[member]
    if carrier.standstill.isAnyone && holds(id) { return false }
    let goesOn = tick(id) && isWithinLimits
    if !hasGoneBack { carrier.deliverBatch() }
    if !goesOn, !hasGoneBack { fail() }
    return true
  }

  /// How many ticks all machines have carried out.
  package var tickCount: UInt64 {
    (0..<plan.machineCount).reduce(0) { $0 + carrier.machines[$1].tickCount }
  }

  /// Writes out what the journals hold back.
  package mutating func writeOutJournals() { carrier.journal.writeOut() }
}
