import LogicalTime
import ScaleModel

/// A run on one thread, instant by instant.
extension Simulation {
  /// Carries out instants up to and including `end`, or up to where the schedule needs another
  /// block.
  ///
  /// - Returns: Whether it needs another block.
  mutating func carryOutBlock(through end: RunTime) -> Bool {
    while true {
      if instantIndex == schedule.instants.count {
        instantIndex = 0
        guard schedule.isPeriodic else { return true }
        schedule.advance()
      }
      let instant = schedule.instants[instantIndex]
      let due = schedule.due(at: instant)
      guard due <= end else { return false }
      if nextHappening <= due {
        happen(through: due)
        guard canGoOn else { return false }
      }
      if isCalm {
        carryOutCalmInstants(
          through: min(end, nextHappening - TimeSpan(nanoseconds: 1)))
        if isWithinLimits { continue }
        fail()
        return false
      }
      carrier.now = due
      guard carryOutInstant(of: Int(instant.membersStart)..<Int(instant.membersEnd)) else {
        return false
      }
      instantIndex &+= 1
    }
  }

  /// Whether nothing but ticks, and messages that arrive at once, can come before the next
  /// happening; so one check an instant is enough.
  private var isCalm: Bool {
    !Work.canFail && carrier.passage == .direct && plan.markerHandling == .arrival
      && !carrier.standstill.isAnyone && carrier.waitingCount <= calmWaitingCountMax
  }

  /// Carries out instants while the run is calm, one at least.
  private mutating func carryOutCalmInstants(through end: RunTime) {
    let (instants, members) = (schedule.instants, schedule.members)
    var index = instantIndex
    var due = schedule.due(at: instants[index])
    repeat {
      carrier.now = due
      let instant = instants[index]
      var member = Int(instant.membersStart)
      while member < Int(instant.membersEnd) {
        _ = tick(members[member])
        member &+= 1
      }
      index &+= 1
      if index == instants.count {
        guard schedule.isPeriodic else { break }
        schedule.advance()
        index = 0
      }
      due = schedule.due(at: instants[index])
    } while due <= end && carrier.waitingCount <= calmWaitingCountMax && !carrier.journal.hasFailed
    instantIndex = index
  }

  /// Carries out an instant at which ticks are not all there may be.
  ///
  /// - Parameter members: The indices of its machines in the schedule's members.
  /// - Returns: Whether the run goes on.
  private mutating func carryOutInstant(of members: Range<Int>) -> Bool {
    for member in members {
      let id = schedule.members[member]
      if id >= carrier.batch.firstTarget { carrier.deliverBatch() }
      if carrier.standstill.isAnyone && holds(id) { continue }
      guard tick(id), isWithinLimits else {
        if hasGoneBack { return false }
        carrier.deliverBatch()
        fail()
        return false
      }
    }
    if !carrier.batch.arrivals.isEmpty { carrier.deliverBatch() }
    return true
  }

  /// When the next delivery or intervention is due.
  private var nextHappening: RunTime {
    min(
      carrier.channels.inFlight.nextDue,
      min(interventions.nextDue, carrier.snapshots.nextDue))
  }
}
