import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Machines with consecutive ids that one thread carries out during a window, with what is in
/// flight to them.
struct Block<Work: Workload, Journal: SimulationJournal> {
  /// The indices of its machines.
  let machines: Range<Int>
  /// Carries out the effects of its machines, and counts from zero.
  var sink: SimulationSink<Work, Journal>

  /// Carries out the instants of a window, with what arrives by then.
  @inline(never)
  mutating func carryOut(_ window: Range<Int>, of schedule: TickSchedule) {
    sink.channels.outbox.beginWindow()
    for index in window {
      sink.channels.outbox.beginInstant()
      let instant = schedule.instants[index]
      let due = schedule.due(at: instant)
      if sink.channels.inFlight.nextDue <= due { sink.deliver(through: due) }
      sink.now = due
      for member in schedule.members(of: instant, in: machines) {
        let id = schedule.members[member]
        if sink.standstill.isAnyone && sink.standstill.holds(id, now: due) { continue }
        sink.current = id
        _ = sink.machines[id.index].tick(into: &sink)
      }
    }
    sink.channels.outbox.beginInstant()
  }
}

extension SimulationSink {
  /// A sink for the machines of one block, with nothing in flight; it counts from zero.
  ///
  /// - Returns: Nil when the journal has no parts.
  func part(of machines: Range<Int>, blockSize: Int, blockCount: Int) -> Self? {
    guard let journal = journal.part(of: machines) else { return nil }
    var part = self
    part.journal = journal
    part.standstill = standstill.forBlock
    part.channels = channels.part(Outbox(blockSize: blockSize, blockCount: blockCount))
    (part.sentCount, part.goneCount, part.lostCount) = (0, 0, 0)
    return part
  }

  /// Adds what a part has counted in a window; it counts from zero again.
  mutating func takeCounts(of part: inout Self) {
    sentCount &+= part.sentCount
    goneCount &+= part.goneCount
    lostCount += part.lostCount
    channels.controlCount += part.channels.controlCount
    (part.sentCount, part.goneCount, part.lostCount) = (0, 0, 0)
    part.channels.controlCount = 0
  }

  /// Takes over what a part knows of its machines.
  mutating func take(_ part: Self, of machines: Range<Int>) {
    journal.take(part.journal, of: machines)
    standstill.take(part.standstill, of: machines)
    channels.takeCounts(of: part.channels)
  }
}

extension Channels {
  /// Channels with nothing in flight, which put everything into an outbox and count from zero.
  func part(_ outbox: Outbox<InFlight>) -> Channels {
    var part = self
    part.outbox = outbox
    part.inFlight = inFlight.emptied
    (part.lostCount, part.doubledCount, part.controlCount) = (0, 0, 0)
    part.faultCounts = faultCounts.map { _ in FaultCounts() }
    return part
  }

  /// Adds what a part has counted.
  mutating func takeCounts(of part: Channels) {
    lostCount += part.lostCount
    doubledCount += part.doubledCount
    faultCounts = zip(faultCounts, part.faultCounts).map { $0 + $1 }
  }
}
