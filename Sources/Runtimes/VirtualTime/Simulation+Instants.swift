import LogicalTime
import ScaleModel

/// A run on one thread, instant by instant.
extension Simulation {
  /// Carries out instants up to and including `end`, or up to where the schedule needs another
  /// block.
  ///
  /// - Returns: Whether it needs another block.
  mutating func carryOutBlock(throughNanoseconds end: Int64) -> Bool {
    while true {
      if instantIndex == schedule.instants.count {
        instantIndex = 0
        guard schedule.isPeriodic else { return true }
        schedule.advance()
      }
      let instant = schedule.instants[instantIndex]
      let due = schedule.secondStartNanoseconds &+ Int64(instant.offsetNanoseconds)
      guard due <= end else { return false }
      if nextHappeningNanoseconds <= due {
        happen(throughNanoseconds: due)
        guard canGoOn else { return false }
      }
      if isCalm {
        carryOutCalmInstants(throughNanoseconds: min(end, nextHappeningNanoseconds - 1))
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
  private mutating func carryOutCalmInstants(throughNanoseconds end: Int64) {
    let (instants, members) = (schedule.instants, schedule.members)
    var (start, index) = (schedule.secondStartNanoseconds, instantIndex)
    repeat {
      let instant = instants[index]
      let due = start &+ Int64(instant.offsetNanoseconds)
      if due > end { break }
      carrier.now = due
      var member = Int(instant.membersStart)
      while member < Int(instant.membersEnd) {
        _ = tick(members[member])
        member &+= 1
      }
      index &+= 1
      if index == instants.count {
        guard schedule.isPeriodic else { break }
        schedule.advance()
        (start, index) = (schedule.secondStartNanoseconds, 0)
      }
    } while carrier.waitingCount <= calmWaitingCountMax
      && !carrier.journal.hasFailed
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
  private var nextHappeningNanoseconds: Int64 {
    min(
      carrier.channels.inFlight.nextDueNanoseconds,
      min(interventions.nextDueNanoseconds, carrier.snapshots.nextDueNanoseconds))
  }
}
