import LogicalTime
import RunRecord

/// A bounded list of the events of one machine that its supervisor has not asked for yet.
///
/// The machine reports them only when it is asked, so a slow supervisor never delays a tick; events
/// that do not fit meanwhile are counted and left out.
struct ToldEvents {
  let machine: MachineID
  private let countMax: Int
  private var events: [ToldEvent] = []
  private var leftOutCount: UInt64 = 0

  /// Makes an empty list that keeps at most `countMax` events.
  init(of machine: MachineID, countMax: Int) {
    self.machine = machine
    self.countMax = countMax
    events.reserveCapacity(countMax)
  }

  /// Adds an event.
  mutating func add(_ told: ToldEvent) {
    if events.count < countMax {
      events.append(told)
    } else {
      leftOutCount += 1
    }
  }

  /// Removes and returns the events as a report; nil when there are none.
  mutating func takeReport() -> ControlReport? {
    if events.isEmpty { return nil }
    defer {
      events.removeAll(keepingCapacity: true)
      leftOutCount = 0
    }
    return .told(events, leftOutCount: leftOutCount)
  }
}
